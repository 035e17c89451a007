import EnvprobeModel
import NIOCore
import Testing

@testable import EnvprobeWire

@Suite struct ResponseTests {
  @Test(arguments: [
    (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
    (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_782_792_000, "Tue, 30 Jun 2026 04:00:00 GMT"),
    (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
  ])
  func datesAreAsServersWriteThem(seconds: Int, expected: String) { #expect(httpDate(seconds) == expected) }

  private func serialized(_ response: Response, to request: String) throws -> String {
    let head = try #require(RequestHead(bytes: Array(request.utf8)))
    var buffer = ByteBuffer()
    response.serialize(to: head, fields: response.fields(to: head, date: "D"), into: &buffer)
    return String(buffer: buffer)
  }

  private let plain = Response(
    status: 200, headers: [HTTPHeader(name: "Content-Type", value: "t")], body: Array("hi".utf8), source: "s")
  private let stream = Response(
    status: 200, headers: [], body: Array("data: x\n\n".utf8), isStreamed: true, source: "s")

  @Test func bodiesHaveALength() throws {
    #expect(
      try serialized(plain, to: "GET / HTTP/1.1\r\n\r\n")
        == "HTTP/1.1 200 OK\r\nDate: D\r\nServer: nginx\r\nContent-Type: t\r\nContent-Length: 2\r\n"
        + "Connection: keep-alive\r\n\r\nhi")
  }

  @Test func streamsAreChunked() throws {
    #expect(
      try serialized(stream, to: "GET / HTTP/1.1\r\n\r\n")
        == "HTTP/1.1 200 OK\r\nDate: D\r\nServer: nginx\r\nTransfer-Encoding: chunked\r\n"
        + "Connection: keep-alive\r\n\r\n9\r\ndata: x\n\n\r\n0\r\n\r\n")
  }

  @Test func streamsToOldClientsEndWithTheConnection() throws {
    #expect(
      try serialized(stream, to: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        == "HTTP/1.1 200 OK\r\nDate: D\r\nServer: nginx\r\nConnection: close\r\n\r\ndata: x\n\n")
  }

  @Test func headersOnlyForHEAD() throws {
    #expect(
      try serialized(plain, to: "HEAD / HTTP/1.1\r\n\r\n").hasSuffix(
        "Content-Length: 2\r\nConnection: keep-alive\r\n\r\n"))
  }

  @Test func noContentHasNoLength() throws {
    let response = Response(status: 204, headers: [], body: [], source: "s")
    #expect(try !serialized(response, to: "GET / HTTP/1.1\r\n\r\n").contains("Content-Length"))
  }
}
