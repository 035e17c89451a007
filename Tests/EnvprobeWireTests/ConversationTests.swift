import EnvprobeModel
import NIOCore
import Testing

@testable import EnvprobeWire

/// Playbooks of whole streams: bytes in, steps out, no sockets.
@Suite struct ConversationTests {
  private func steps(_ inputs: [[UInt8]], port: Int = 80) -> (steps: [String], route: Route) {
    var conversation = Conversation(route: Route(host: "dest.example.com", port: port))
    var result: [String] = []
    for input in inputs { result += conversation.receive(ByteBuffer(bytes: input)).map(summary) }
    result += conversation.end().map(summary)
    return (result, conversation.route)
  }

  private func steps(_ inputs: String..., port: Int = 80) -> (steps: [String], route: Route) {
    steps(inputs.map { Array($0.utf8) }, port: port)
  }

  private func summary(_ step: Conversation.Step) -> String {
    switch step {
    case .send(let bytes): "send " + (String(buffer: bytes).split(separator: "\r\n").first ?? "")
    case .tunnel(let kind, let host, let port, _): "tunnel \(kind.rawValue) \(host):\(port)"
    case .startTLS(let hello, let bytes): "tls \(hello.serverName ?? "-") \(bytes.readableBytes)"
    case .startHTTP2(let bytes): "h2 \(bytes.readableBytes)"
    case .http(.head(let head)): "head \(head.method) \(head.target)"
    case .http(.body(let bytes)): "body \(String(buffer: bytes))"
    case .http(.end): "end"
    case .http(.failure(let failure, _)): failure.rawValue
    case .dns(let message): "dns \(message.count)"
    case .raw(let bytes): "raw \(String(buffer: bytes))"
    case .close: "close"
    }
  }

  @Test func plainRequests() {
    let (steps, route) = steps("GET / HT", "TP/1.1\r\nHost: a\r\n", "\r\n")
    #expect(steps == ["head GET /", "end"])
    #expect(route.via == [])
  }

  @Test func expectationsAreMet() {
    let (steps, _) = steps("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", "x")
    #expect(steps == ["head PUT /", "send HTTP/1.1 100 Continue", "body x", "end"])
  }

  @Test func tunnelsStartOver() {
    let hello = ClientHelloTests.recordings[0].bytes
    let connect = Array("CONNECT api.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
    let (steps, route) = steps([connect, hello])
    #expect(
      steps == [
        "tunnel connect api.example.com:443", "send HTTP/1.1 200 Connection established", "tls api.example.com 517",
      ])
    #expect(route == Route(scheme: "https", host: "api.example.com", port: 443, via: ["connect", "tls"]))
  }

  @Test func tunnelsNest() {
    let outer = "CONNECT one.example.com:3128 HTTP/1.1\r\n\r\n"
    let inner = "CONNECT two.example.com:80 HTTP/1.1\r\n\r\n"
    let (steps, route) = steps(outer + inner + "GET /deep HTTP/1.1\r\n\r\n")
    #expect(
      steps == [
        "tunnel connect one.example.com:3128", "send HTTP/1.1 200 Connection established",
        "tunnel connect two.example.com:80", "send HTTP/1.1 200 Connection established", "head GET /deep", "end",
      ])
    #expect(route.via == ["connect", "connect"])
  }

  @Test func tunnelsToNowhereAreRefused() {
    #expect(steps("CONNECT a b c HTTP/1.1\r\n\r\n").steps == ["send HTTP/1.1 400 Bad Request", "close"])
  }

  @Test func socks5() {
    let (steps, route) = steps([
      [5, 2, 0, 2], [5, 1, 0, 3, 3] + Array("a.b".utf8) + [0x1f, 0x90], Array("GET / HTTP/1.1\r\n\r\n".utf8),
    ])
    #expect(steps.count == 5)
    #expect(steps[1...].first == "tunnel socks5 a.b:8080" || steps[2] == "tunnel socks5 a.b:8080")
    #expect(steps.suffix(2) == ["head GET /", "end"])
    #expect(route == Route(host: "a.b", port: 8080, via: ["socks5"]))
  }

  @Test func socks5WithAPassword() {
    var negotiation = SOCKSNegotiation(version: 5)
    #expect(negotiation.receive([5, 1, 2]) == [.send([5, 2])])
    #expect(negotiation.receive([1, 1, 0x75, 2, 0x70, 0x77]) == [.send([1, 0])])
    #expect(
      negotiation.receive([5, 1, 0, 1, 192, 0, 2, 1, 0, 80, 0xaa])
        == [.send([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]), .established(host: "192.0.2.1", port: 80)])
    #expect(negotiation.pending == [0xaa])
  }

  @Test(
    arguments: [
      (
        4, [4, 1, 0, 80, 192, 0, 2, 1, 0],
        [.send([0, 90, 0, 0, 0, 0, 0, 0]), .established(host: "192.0.2.1", port: 80)]
      ),
      (
        4, [4, 1, 1, 187, 0, 0, 0, 1, 0x75, 0, 0x61, 0x2e, 0x62, 0],
        [.send([0, 90, 0, 0, 0, 0, 0, 0]), .established(host: "a.b", port: 443)]
      ),
      (4, [4, 2, 0, 80, 192, 0, 2, 1, 0], [.send([0, 91, 0, 0, 0, 0, 0, 0]), .refused]),
      (5, [5, 1, 1], [.send([5, 255]), .refused]),
      (
        5, [5, 1, 0, 5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 53],
        [.send([5, 0]), .send([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]), .established(host: "2001:db8::1", port: 53)]
      ),
      (
        5, [5, 1, 0, 5, 3, 0, 1, 1, 1, 1, 1, 0, 53], [.send([5, 0]), .send([5, 7, 0, 1, 0, 0, 0, 0, 0, 0]), .refused]
      ),
      (5, [5, 1, 0, 5, 1, 0, 9, 1], [.send([5, 0]), .send([5, 8, 0, 1, 0, 0, 0, 0, 0, 0]), .refused]),
    ] as [(UInt8, [UInt8], [SOCKSNegotiation.Step])])
  func socksIsNegotiatedWhole(version: UInt8, bytes: [UInt8], expected: [SOCKSNegotiation.Step]) {
    var whole = SOCKSNegotiation(version: version)
    #expect(whole.receive(bytes) == expected)
    var bytewise = SOCKSNegotiation(version: version)
    #expect(bytes.flatMap { bytewise.receive([$0]) } == expected)
  }

  @Test func overlongSOCKS4Ends() {
    var negotiation = SOCKSNegotiation(version: 4)
    #expect(negotiation.receive([4, 1, 0, 80, 1, 1, 1, 1] + [UInt8](repeating: 0x61, count: 2000)) == [.refused])
  }

  @Test func socksSurvivesAnyBytes() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<20_000 {
      let version: UInt8 = Bool.random(using: &generator) ? 4 : 5
      var negotiation = SOCKSNegotiation(version: version)
      let bytes = [version] + (0..<40).map { _ in UInt8.random(in: 0...5, using: &generator) }
      _ = negotiation.receive(bytes)
    }
  }

  @Test func otherProtocolsAreRecordedAndMetWithSilence() {
    #expect(steps("EHLO me\r\n", "QUIT\r\n").steps == ["raw EHLO me\r\n", "raw QUIT\r\n"])
    #expect(steps("SSH-2.0-x\r\n").steps == ["raw SSH-2.0-x\r\n"])
    #expect(steps("*1\r\n$4\r\nPING\r\n").steps == ["raw *1\r\n$4\r\nPING\r\n"])
    #expect(steps("PAR").steps == ["raw PAR"])
    #expect(steps("GET / HTTP/1.1\r\nHos").steps == ["raw GET / HTTP/1.1\r\nHos"])
    #expect(steps().steps == [])
  }

  @Test func priorKnowledgeIsHTTP2() {
    #expect(steps("PRI * HTTP/2.0\r\n\r\n", "SM\r\n\r\n", "rest").steps == ["h2 24"])
  }

  @Test func nameServersSpeakDNS() {
    let message = DNSMessageTests.question
    let framed = [0, UInt8(message.count)] + message
    #expect(steps([framed + framed.prefix(5), Array(framed.dropFirst(5))], port: 53).steps == ["dns 44", "dns 44"])
  }

  @Test(
    arguments: [
      ([], .undecided), ([0x16], .undecided), ([0x16, 3], .tls), ([0x16, 0], .other), ([5], .undecided),
      ([5, 1, 0], .socks5), ([5, 1, 0, 0], .other), ([5, 0], .other), ([4, 1], .socks4), ([4, 9], .other),
      (Array("G".utf8), .undecided), (Array("GET / HTTP/1.1\n".utf8), .http1),
      (Array("GET / HTTP/1.1\r".utf8), .undecided),
      (Array("get /\r\n".utf8), .other), (Array("PRI".utf8), .undecided), (Array("PRIX / HTTP/1.0\r\n".utf8), .http1),
      ([0, 0, 0, 1], .other), ([UInt8](repeating: 0x41, count: 100), .other),
    ] as [([UInt8], FirstBytes)])
  func firstBytesTellProtocolsApart(bytes: [UInt8], expected: FirstBytes) { #expect(FirstBytes(bytes) == expected) }

  @Test func survivesAnyBytes() {
    var generator = SeededGenerator(seed: 6)
    let starts: [[UInt8]] = [
      [], [5, 1, 0], [4, 1], Array("CONNECT a:1 HTTP/1.1\r\n\r\n".utf8), [0x16, 3, 1],
      Array("POST / HTTP/1.1\r\n".utf8),
    ]
    for _ in 0..<5000 {
      var conversation = Conversation(route: Route(host: "a", port: Bool.random(using: &generator) ? 53 : 80))
      var bytes = starts.randomElement(using: &generator)!
      bytes += (0..<Int.random(in: 0...80, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
      for byte in bytes { _ = conversation.receive(ByteBuffer(bytes: [byte])) }
      _ = conversation.end()
    }
  }

  @Test(arguments: [
    ("GET http://api.example.com:81/x HTTP/1.1\r\nHost: other\r\n\r\n", "http api.example.com:81 proxy"),
    ("GET https://api.example.com/x HTTP/1.1\r\n\r\n", "https api.example.com:443 proxy"),
    ("GET /x HTTP/1.1\r\nHost: Api.Example.com:99\r\n\r\n", "http api.example.com:80 "),
    ("GET /x HTTP/1.1\r\n\r\n", "http dest.example.com:80 "),
    ("GET /x?u=http://y/ HTTP/1.1\r\nHost: h\r\n\r\n", "http h:80 "),
  ])
  func requestsSayWhomTheyAreFor(text: String, expected: String) throws {
    let head = try #require(RequestHead(bytes: Array(text.utf8)))
    let route = Route(host: "dest.example.com", port: 80).addressed(by: head)
    #expect("\(route.scheme) \(route.host):\(route.port) \(route.via.joined(separator: " "))" == expected)
  }
}
