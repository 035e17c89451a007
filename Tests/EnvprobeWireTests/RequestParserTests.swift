import EnvprobeModel
import NIOCore
import Testing

@testable import EnvprobeWire

@Suite struct RequestParserTests {
  /// What the parser says of some bytes, with adjacent parts of a body joined.
  private func events(_ text: String, pieces: Int? = nil) -> [RequestParser.Event] {
    var parser = RequestParser()
    var events: [RequestParser.Event] = []
    let bytes = Array(text.utf8)
    let size = pieces ?? bytes.count
    for start in stride(from: 0, to: bytes.count, by: max(1, size)) {
      parser.append(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
      while let event = parser.next() {
        if case .body(var part) = event, case .body(var before)? = events.last {
          before.writeBuffer(&part)
          events[events.count - 1] = .body(before)
        } else {
          events.append(event)
        }
      }
    }
    return events
  }

  private func head(_ text: String) throws -> RequestHead { try #require(RequestHead(bytes: Array(text.utf8))) }

  @Test func keepsOrderCaseAndBytes() throws {
    let text = "POST /a?b=c HTTP/1.1\r\nhOsT: x\r\nX-Two:  spaced \t\r\nx-two:second\r\nEmpty:\r\n\r\n"
    let head = try head(text)
    #expect(head.method == "POST")
    #expect(head.target == "/a?b=c")
    #expect(head.version == "HTTP/1.1")
    #expect(
      head.headers == [
        HTTPHeader(name: "hOsT", value: "x"), HTTPHeader(name: "X-Two", value: "spaced"),
        HTTPHeader(name: "x-two", value: "second"), HTTPHeader(name: "Empty", value: ""),
      ])
    #expect(head.bytes == Array(text.utf8))
    #expect(head.valueRanges.map { String(decoding: head.bytes[$0], as: UTF8.self) } == ["x", "spaced", "second", ""])
    #expect(String(decoding: head.bytes[head.targetRange], as: UTF8.self) == "/a?b=c")
  }

  @Test func foldedFieldsAreOneValue() throws {
    let head = try head("GET / HTTP/1.1\r\nX: one\r\n  two\r\nY: z\r\n\r\n")
    #expect(head.headers.map(\.value) == ["one two", "z"])
  }

  @Test func bytesThatAreNoUTF8AreLatin1() throws {
    let bytes = Array("GET / HTTP/1.1\r\nX: ".utf8) + [0xe9] + Array("\r\n\r\n".utf8)
    #expect(try #require(RequestHead(bytes: bytes)).headers == [HTTPHeader(name: "X", value: "é")])
  }

  /// Each with the events expected of it; a body is given by its text.
  static let playbooks: [(String, [String])] = [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", ["head GET /", "end"]),
    ("\r\n\r\nGET / HTTP/1.1\r\n\r\n", ["head GET /", "end"]),
    ("GET / HTTP/1.0\nHost: a\n\n", ["head GET /", "end"]),
    ("POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", ["head POST /x", "body hello", "end"]),
    ("POST /x HTTP/1.1\r\nContent-Length: 0\r\n\r\n", ["head POST /x", "end"]),
    (
      "POST /x HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n5;name=\"v\"\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
      ["head POST /x", "body hello world", "end"]
    ),
    (
      "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\na\r\n0\r\nX-T: v\r\nB: c\r\n\r\n",
      ["head POST /x", "body a", "end X-T=v B=c"]
    ),
    (
      "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nabGET /3 HTTP/1.1\r\n\r\n",
      ["head GET /1", "end", "head POST /2", "body ab", "end", "head GET /3", "end"]
    ),
    ("POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel", ["head POST /x", "body hel"]),
    ("POST /x HTTP/1.1\r\nContent-Length: 5x\r\n\r\n", ["malformed content length"]),
    ("POST /x HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", ["malformed content length"]),
    ("POST /x HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab", ["head POST /x", "body ab", "end"]),
    ("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ["head POST /x", "malformed chunk"]),
    (
      "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
      ["head POST /x", "body a", "malformed chunk"]
    ),
    (
      "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
      ["head POST /x", "malformed chunk"]
    ),
    ("nonsense\r\n\r\n", ["malformed request head"]),
    ("GET / HTTP/1.1\r\nno colon\r\n\r\n", ["malformed request head"]),
    ("GET / HTTP/2.0\r\n\r\n", ["malformed request head"]),
  ]

  private func summary(_ event: RequestParser.Event) -> String {
    switch event {
    case .head(let head): "head \(head.method) \(head.target)"
    case .body(let bytes): "body \(String(buffer: bytes))"
    case .end(let trailers): (["end"] + trailers.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
    case .failure(let failure, _): failure.rawValue
    }
  }

  @Test(arguments: playbooks) func followsThePlaybook(text: String, expected: [String]) {
    // However the bytes arrive, they mean the same.
    for size in [text.utf8.count, 1, 2, 3, 7] {
      #expect(events(text, pieces: size).map(summary) == expected, "in pieces of \(size)")
    }
  }

  @Test func oversizedHeadsEnd() {
    var parser = RequestParser()
    parser.append(ByteBuffer(string: "GET / HTTP/1.1\r\nX: "))
    let part = ByteBuffer(repeating: 0x61, count: 64 * 1024)
    for _ in 0..<32 {
      parser.append(part)
      if case .failure(let failure, let kept)? = parser.next() {
        #expect(failure == .oversizedHead)
        #expect(kept.count <= RequestParser.headLimit + part.readableBytes)
        #expect(parser.next() == nil)
        return
      }
    }
    Issue.record("no end was found to a head that has none")
  }

  @Test func survivesAnyBytes() {
    var generator = SeededGenerator(seed: 4)
    let texts = Self.playbooks.map { Array($0.0.utf8) }
    for _ in 0..<10_000 {
      var bytes = texts.randomElement(using: &generator)! + texts.randomElement(using: &generator)!
      for _ in 0..<Int.random(in: 0...5, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      var parser = RequestParser()
      var rest = bytes[...]
      var events = 0
      while !rest.isEmpty {
        let count = Int.random(in: 1...rest.count, using: &generator)
        parser.append(ByteBuffer(bytes: rest.prefix(count)))
        rest = rest.dropFirst(count)
        while parser.next() != nil { events += 1 }
      }
      #expect(events <= bytes.count + 2)
    }
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n\r\n", true), ("GET / HTTP/1.0\r\n\r\n", false),
    ("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", false),
    ("GET / HTTP/1.1\r\nConnection: upgrade, close\r\n\r\n", false),
    ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
  ])
  func connectionsGoOnOrNot(text: String, expected: Bool) throws { #expect(try head(text).keepsAlive == expected) }

  @Test(arguments: [
    ("/a/b?c=d&e=%41%2", "/a/b", ["c=d", "e=A%2"]), ("http://x/y?z=1+2", "/y", ["z=1 2"]), ("http://x", "/", []),
    ("http://x?q", "/", ["q="]), ("*", "*", []), ("/a?", "/a", []), ("/%7Ea", "/%7Ea", []),
  ])
  func targetsHaveAPathAndAQuery(target: String, path: String, query: [String]) {
    let head = RequestHead(method: "GET", target: target, version: "HTTP/1.1", headers: [])
    #expect(head.path == path)
    #expect(head.query.map { "\($0.name)=\($0.value)" } == query)
  }

  @Test(
    arguments: [
      ("example.com", "example.com", nil), ("example.com:8080", "example.com", 8080), ("[::1]:80", "::1", 80),
      ("[::1]", "::1", nil), ("user:pass@host:1", "host", 1), ("host:", "host", nil),
    ] as [(String, String, Int?)])
  func authoritiesAreHostAndPort(text: String, host: String, port: Int?) throws {
    let authority = try #require(Authority(text))
    #expect(authority.host == host)
    #expect(authority.port == port)
  }

  @Test(arguments: ["", ":80", "a b", "host:port", "host:70000", "[::1", "a/b"]) func otherTextsAreNone(text: String) {
    #expect(Authority(text) == nil)
  }
}
