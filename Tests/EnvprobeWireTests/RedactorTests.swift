import EnvprobeModel
import Testing

@testable import EnvprobeWire

@Suite struct RedactorTests {
  static let redactor = Redactor(key: [UInt8](repeating: 7, count: 32))

  private func redacted(_ text: String, by redactor: Redactor = Self.redactor) throws -> RequestHead {
    redactor.redact(try #require(RequestHead(bytes: Array(text.utf8))))
  }

  @Test func credentialsAreGoneFromValuesAndBytes() throws {
    let text =
      "POST /v1?key=AIzaSecret&alt=sse HTTP/1.1\r\nHost: h\r\nauthorization:  Bearer sk-secret \r\nX-Api-Key: sk-secret\r\n"
      + "Cookie: a=b; c=d\r\nProxy-Authorization: Basic dTpw\r\nX-Goog-Api-Key: g\r\nAccept: */*\r\n\r\n"
    let head = try redacted(text)
    let bytes = String(decoding: head.bytes, as: UTF8.self)
    for secret in ["sk-secret", "AIzaSecret", "a=b", "dTpw"] {
      #expect(!bytes.contains(secret))
      #expect(!head.headers.contains { $0.value.contains(secret) })
      #expect(!head.target.contains(secret))
    }
    // What is left of the bytes is as it was sent.
    #expect(bytes.contains("\r\nauthorization:  Bearer <redacted authorization length=9 hmac="))
    #expect(bytes.contains("> \r\nX-Api-Key: <redacted api-key length=9 hmac="))
    #expect(bytes.hasPrefix("POST /v1?key=<redacted parameter length=10 hmac="))
    #expect(bytes.hasSuffix("\r\nAccept: */*\r\n\r\n"))
    #expect(
      head.headers.map(\.name) == [
        "Host", "authorization", "X-Api-Key", "Cookie", "Proxy-Authorization", "X-Goog-Api-Key", "Accept",
      ])
    #expect(head.target.hasSuffix(">&alt=sse"))
  }

  @Test func equalityCanStillBeSeen() throws {
    let one = try redacted("GET / HTTP/1.1\r\nX-Api-Key: abc\r\n\r\n").headers
    #expect(try redacted("GET / HTTP/1.1\r\nX-Api-Key: abc\r\n\r\n").headers == one)
    #expect(try redacted("GET / HTTP/1.1\r\nX-Api-Key: abd\r\n\r\n").headers != one)
    let other = Redactor(key: [UInt8](repeating: 8, count: 32))
    #expect(try redacted("GET / HTTP/1.1\r\nX-Api-Key: abc\r\n\r\n", by: other).headers != one)
  }

  @Test func theSameCredentialHasTheSameMarkWhereverItsKindIsTheSame() throws {
    let head = try redacted("GET / HTTP/1.1\r\nX-Api-Key: abc\r\nX-Goog-Api-Key: abc\r\n\r\n")
    #expect(head.headers[0].value == head.headers[1].value)
  }

  @Test(arguments: [
    "GET /path?monkey=1 HTTP/1.1\r\nAccept: a\r\nAuthorizationX: y\r\n\r\n", "GET /?key= HTTP/1.1\r\nCookie:\r\n\r\n",
    "GET /key=abc HTTP/1.1\r\n\r\n",
  ])
  func everythingElseStays(text: String) throws {
    #expect(try redacted(text).bytes == Array(text.utf8))
  }
}
