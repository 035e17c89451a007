import EnvprobeModel
import NIOCore

/// The server's side of one stream of bytes as a value: what arrives goes in, what is to be done comes out.
///
/// Layers are found by their first bytes, again and again: within a tunnel or within TLS the conversation starts over.
struct Conversation {
  enum Step: Hashable {
    case send(ByteBuffer)
    case tunnel(ProxyTunnel.Kind, host: String, port: Int, head: RequestHead?)
    /// TLS starts with these bytes. What it yields is to be handed to ``receive(_:)`` in their place.
    case startTLS(ClientHello, ByteBuffer)
    /// HTTP/2 starts with these bytes. Nothing more is to be handed to ``receive(_:)``.
    case startHTTP2(ByteBuffer)
    case http(RequestParser.Event)
    /// A message of DNS over TCP or TLS, without its length.
    case dns([UInt8])
    /// Bytes of a protocol that is not taken apart.
    case raw(ByteBuffer)
    case close
  }

  private enum Stage {
    case detecting
    case http1(RequestParser)
    /// A request has asked for another protocol, and what follows depends on the answer.
    case upgrading(RequestParser)
    case socks(SOCKSNegotiation, ProxyTunnel.Kind)
    case dns
    case raw
    case handedOver
    case closed
  }

  /// Where the stream leads by now.
  private(set) var route: Route
  private var stage = Stage.detecting
  private var pending = ByteBuffer()
  /// Whether the request that is being read asks for a WebSocket.
  private var asksForUpgrade = false

  init(route: Route) { self.route = route }

  /// Takes in bytes and says what follows from them.
  mutating func receive(_ bytes: ByteBuffer) -> [Step] {
    var bytes = bytes
    if case .upgrading(var parser) = stage {
      stage = .closed
      parser.append(bytes)
      stage = .upgrading(parser)
      return []
    }
    if case .http1(var parser) = stage {
      // The parser keeps its own buffer: copying bytes through ours would cost every body once more.
      stage = .closed
      parser.append(bytes)
      stage = .http1(parser)
    } else {
      pending.writeBuffer(&bytes)
    }
    var steps: [Step] = []
    while advance(&steps) {}
    return steps
  }

  /// No more bytes will come: what is left is recorded as it is.
  mutating func end() -> [Step] {
    switch stage {
    case .detecting, .dns:
      stage = .closed
      return pending.readableBytes > 0 ? [.raw(takePending())] : []
    case .http1(var parser), .upgrading(var parser):
      stage = .closed
      let rest = parser.takeUnfinishedHead()
      return rest.readableBytes > 0 ? [.raw(rest)] : []
    default:
      return []
    }
  }

  /// Whether the answer to a request must be known before more is read.
  var awaitsUpgrade: Bool { if case .upgrading = stage { true } else { false } }

  /// The other protocol was refused: the conversation goes on as before.
  mutating func refuseUpgrade() -> [Step] {
    guard case .upgrading(let parser) = stage else { return [] }
    stage = .http1(parser)
    return receive(ByteBuffer())
  }

  /// The other protocol begins: returns its first bytes, as far as they are there. Nothing more is to be handed to
  /// ``receive(_:)``.
  mutating func acceptUpgrade() -> ByteBuffer {
    guard case .upgrading(var parser) = stage else { return ByteBuffer() }
    stage = .handedOver
    return parser.takePending()
  }

  private mutating func takePending() -> ByteBuffer {
    defer { pending = ByteBuffer() }
    return pending
  }

  /// One step onwards; false where that needs more bytes.
  private mutating func advance(_ steps: inout [Step]) -> Bool {
    switch stage {
    case .detecting: return detect(&steps)
    case .http1(var parser):
      stage = .closed  // The parser must have one owner, or its buffer would be copied.
      let goesOn = parse(&parser, &steps)
      if case .closed = stage, goesOn != .stop { stage = goesOn == .upgrade ? .upgrading(parser) : .http1(parser) }
      return goesOn == .goOn || goesOn == .tunnelled
    case .upgrading: return false
    case .socks(let negotiation, let kind): return negotiate(negotiation, kind, &steps)
    case .dns:
      guard let length = pending.getInteger(at: pending.readerIndex, as: UInt16.self),
        pending.readableBytes >= 2 + Int(length)
      else { return false }
      pending.moveReaderIndex(forwardBy: 2)
      steps.append(.dns(pending.readBytes(length: Int(length))!))
      return true
    case .raw:
      if pending.readableBytes > 0 { steps.append(.raw(takePending())) }
      return false
    case .handedOver, .closed:
      pending.clear()
      return false
    }
  }

  private mutating func detect(_ steps: inout [Step]) -> Bool {
    let isDNS = route.port == 53 || (route.port == 853 && route.scheme == "https")
    if isDNS, pending.readableBytes > 0, FirstBytes(pending.readableBytesView) != .http1 {
      stage = .dns
      return true
    }
    switch FirstBytes(pending.readableBytesView) {
    case .undecided: return false
    case .tls:
      switch ClientHello.read(Array(pending.readableBytesView)) {
      case .incomplete: return false
      case .invalid: stage = .raw
      case .complete(let hello):
        route = route.secured(serverName: hello.serverName)
        steps.append(.startTLS(hello, takePending()))
        return false
      }
    case .http1:
      var parser = RequestParser()
      parser.append(takePending())
      stage = .http1(parser)
    case .http2:
      stage = .handedOver
      steps.append(.startHTTP2(takePending()))
      return false
    case .socks4: stage = .socks(SOCKSNegotiation(version: 4), .socks4)
    case .socks5: stage = .socks(SOCKSNegotiation(version: 5), .socks5)
    case .other: stage = .raw
    }
    return true
  }

  private enum Progress { case goOn, wait, stop, tunnelled, upgrade }

  private mutating func parse(_ parser: inout RequestParser, _ steps: inout [Step]) -> Progress {
    guard let event = parser.next() else { return .wait }
    switch event {
    case .head(let head) where head.method == "CONNECT":
      guard let authority = Authority(head.target) else {
        steps.append(
          .send(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")))
        steps.append(.close)
        return .stop
      }
      enterTunnel(.connect, host: authority.host, port: authority.port ?? 443, head: head, &steps)
      steps.append(.send(ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n")))
      pending = parser.takePending()
      return .tunnelled
    case .head(let head):
      asksForUpgrade = head.lists("websocket", in: "upgrade")
      steps.append(.http(event))
      if head.lists("100-continue", in: "expect"), head.version != "HTTP/1.0" {
        steps.append(.send(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")))
      }
      return .goOn
    case .failure:
      steps.append(.http(event))
      return .stop
    case .body:
      steps.append(.http(event))
      return .goOn
    case .end:
      steps.append(.http(event))
      return asksForUpgrade ? .upgrade : .goOn
    }
  }

  private mutating func negotiate(
    _ negotiation: SOCKSNegotiation, _ kind: ProxyTunnel.Kind, _ steps: inout [Step]
  ) -> Bool {
    guard pending.readableBytes > 0 else { return false }
    var negotiation = negotiation
    let results = negotiation.receive(takePending().readableBytesView)
    stage = .socks(negotiation, kind)
    for result in results {
      switch result {
      case .send(let bytes): steps.append(.send(ByteBuffer(bytes: bytes)))
      case .established(let host, let port):
        pending = ByteBuffer(bytes: negotiation.pending)
        enterTunnel(kind, host: host, port: port, head: nil, &steps)
        return true
      case .refused:
        stage = .closed
        steps.append(.close)
        return false
      }
    }
    return false
  }

  private mutating func enterTunnel(
    _ kind: ProxyTunnel.Kind, host: String, port: Int, head: RequestHead?, _ steps: inout [Step]
  ) {
    steps.append(.tunnel(kind, host: host, port: port, head: head))
    route = route.tunnelled(by: kind.rawValue, host: host, port: port)
    stage = .detecting
  }
}
