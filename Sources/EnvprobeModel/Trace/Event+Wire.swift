/// A name of a blob in the bundle: the SHA-256 of its bytes, in hex, and how many they are.
public struct Blob: Hashable, Sendable, Codable {
  public var sha256: String
  public var size: Int

  public init(sha256: String, size: Int) {
    self.sha256 = sha256
    self.size = size
  }
}

/// A TCP connection or the first datagram of a UDP flow that arrived at the gateway.
public struct Connection: Hashable, Sendable, Codable {
  /// Counts from 1 within a run.
  public var id: Int
  public var transport: Transport
  /// Where it was addressed to.
  public var address: String
  public var port: Int
  /// The name that had been resolved to this address.
  public var name: String?

  public enum Transport: String, Sendable, Codable { case tcp, udp }

  public init(id: Int, transport: Transport, address: String, port: Int, name: String? = nil) {
    self.id = id
    self.transport = transport
    self.address = address
    self.port = port
    self.name = name
  }
}

public struct ConnectionClosed: Hashable, Sendable, Codable {
  public var connection: Int
  /// Bytes from the program, and to it.
  public var received: Int
  public var sent: Int
  /// Why, where it was not an orderly end.
  public var error: String?

  public init(connection: Int, received: Int, sent: Int, error: String? = nil) {
    self.connection = connection
    self.received = received
    self.sent = sent
    self.error = error
  }
}

public struct DNSQuery: Hashable, Sendable, Codable {
  /// The name as asked, case kept, without the trailing dot.
  public var name: String
  /// `A`, `AAAA`, `HTTPS`…, or `TYPE65` style where it has no name here.
  public var type: String
  public var transport: Connection.Transport
  /// The address the question was sent to.
  public var server: String
  public var answers: [String]
  /// `NOERROR`, `NXDOMAIN`…
  public var status: String

  public init(
    name: String, type: String, transport: Connection.Transport, server: String, answers: [String], status: String
  ) {
    self.name = name
    self.type = type
    self.transport = transport
    self.server = server
    self.answers = answers
    self.status = status
  }
}

/// A TLS client hello and what became of it.
public struct TLSHandshake: Hashable, Sendable, Codable {
  public var connection: Int
  public var serverName: String?
  /// The protocols offered, in order.
  public var alpn: [String]
  /// The versions offered, such as `TLS 1.3`, in order.
  public var versions: [String]
  public var ja3: String?
  public var ja4: String?
  /// What went wrong; `nil` where application data followed. A client that does not trust the gateway is a gap.
  public var failure: String?

  public init(
    connection: Int, serverName: String?, alpn: [String], versions: [String], ja3: String? = nil, ja4: String? = nil,
    failure: String? = nil
  ) {
    self.connection = connection
    self.serverName = serverName
    self.alpn = alpn
    self.versions = versions
    self.ja3 = ja3
    self.ja4 = ja4
    self.failure = failure
  }
}

/// A tunnel through a configured proxy.
public struct ProxyTunnel: Hashable, Sendable, Codable {
  public enum Kind: String, Sendable, Codable { case connect, socks4, socks5 }
  public var connection: Int
  public var kind: Kind
  public var host: String
  public var port: Int
  /// The head of the CONNECT request.
  public var headers: [HTTPHeader]

  public init(connection: Int, kind: Kind, host: String, port: Int, headers: [HTTPHeader] = []) {
    self.connection = connection
    self.kind = kind
    self.host = host
    self.port = port
    self.headers = headers
  }
}

/// A header line, in its order and case. In JSON: `["Name", "value"]`.
public struct HTTPHeader: Hashable, Sendable, Codable {
  public var name: String
  public var value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    name = try container.decode(String.self)
    value = try container.decode(String.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(name)
    try container.encode(value)
  }
}

/// A request as the program sent it.
public struct HTTPRequest: Hashable, Sendable, Codable {
  /// Counts from 1 within a run; the response bears the same number.
  public var exchange: Int
  public var connection: Int
  /// `http` or `https`.
  public var scheme: String
  public var host: String
  public var port: Int
  /// The layers between the connection and this request: `tls`, `connect`, `socks5`, `proxy` (absolute form).
  public var via: [String]
  public var method: String
  /// The request target as sent.
  public var target: String
  /// `HTTP/1.1`, `HTTP/2`…
  public var version: String
  public var headers: [HTTPHeader]
  public var trailers: [HTTPHeader]
  /// The bytes of the head as they came, where the protocol has such.
  public var head: Blob?
  /// The body as sent, without transfer coding and with its content coding.
  public var body: Blob?
  /// The body without its content coding, where it had one that could be undone.
  public var decodedBody: Blob?
  /// Whether the program ended or broke off before the request was whole.
  public var truncated: Bool

  public init(
    exchange: Int, connection: Int, scheme: String, host: String, port: Int, via: [String], method: String,
    target: String, version: String, headers: [HTTPHeader], trailers: [HTTPHeader] = [], head: Blob? = nil,
    body: Blob? = nil, decodedBody: Blob? = nil, truncated: Bool = false
  ) {
    self.exchange = exchange
    self.connection = connection
    self.scheme = scheme
    self.host = host
    self.port = port
    self.via = via
    self.method = method
    self.target = target
    self.version = version
    self.headers = headers
    self.trailers = trailers
    self.head = head
    self.body = body
    self.decodedBody = decodedBody
    self.truncated = truncated
  }
}

/// What the gateway answered.
public struct HTTPResponse: Hashable, Sendable, Codable {
  public var exchange: Int
  public var status: Int
  public var headers: [HTTPHeader]
  /// As much of it as was sent.
  public var body: Blob?
  /// Which part of the offline world answered: `anthropic.messages`, `default`, …; `live` and `replay` where none did.
  public var source: String
  /// Seconds for which the scenario held the answer back, where it did.
  public var delay: Double?
  /// Whether the connection was ended before the body was whole; `nil` where it was not.
  public var truncated: Bool?

  public init(
    exchange: Int, status: Int, headers: [HTTPHeader], body: Blob?, source: String, delay: Double? = nil,
    truncated: Bool? = nil
  ) {
    self.exchange = exchange
    self.status = status
    self.headers = headers
    self.body = body
    self.source = source
    self.delay = delay
    self.truncated = truncated
  }
}

/// A message of a WebSocket (RFC 6455), whole and without compression.
public struct WebSocketMessage: Hashable, Sendable, Codable {
  public enum Kind: String, Sendable, Codable { case text, binary, ping, pong, close }
  /// The exchange that opened the socket.
  public var exchange: Int
  public var direction: RawBytes.Direction
  public var kind: Kind
  public var content: Blob
  /// Whether it went over the wire compressed (RFC 7692).
  public var compressed: Bool

  public init(
    exchange: Int, direction: RawBytes.Direction, kind: Kind, content: Blob, compressed: Bool = false
  ) {
    self.exchange = exchange
    self.direction = direction
    self.kind = kind
    self.content = content
    self.compressed = compressed
  }
}

/// Bytes of a protocol that envprobe does not take apart.
public struct RawBytes: Hashable, Sendable, Codable {
  public enum Direction: String, Sendable, Codable { case received, sent }
  public var connection: Int
  public var direction: Direction
  public var content: Blob

  public init(connection: Int, direction: Direction, content: Blob) {
    self.connection = connection
    self.direction = direction
    self.content = content
  }
}

/// A secret of a TLS connection between the program and the gateway, kept where that was asked for.
public struct TLSSecret: Hashable, Sendable, Codable {
  /// A line of a key log file: label, client random and secret, the last two in hex
  /// (https://www.ietf.org/archive/id/draft-ietf-tls-keylogfile-02.html).
  public var line: String

  public init(line: String) { self.line = line }
}

/// Bytes of a TCP connection as they were on the wire, one way, below TLS; kept where the secrets of TLS are.
public struct WireSegment: Hashable, Sendable, Codable {
  public var connection: Int
  public var direction: RawBytes.Direction
  public var content: Blob

  public init(connection: Int, direction: RawBytes.Direction, content: Blob) {
    self.connection = connection
    self.direction = direction
    self.content = content
  }
}

/// Something that the trace lacks.
public struct Gap: Hashable, Sendable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Notifications that were lost or answered without being recorded.
    case lostEvents = "lost-events"
    /// Memory of the program that could not be read.
    case unreadableMemory = "unreadable-memory"
    /// A client that refused the gateway's certificate.
    case untrustedGateway = "untrusted-gateway"
    /// Bytes on the wire that could not be understood or kept.
    case wire
    /// A request that got no answer of its own: a replay had none, or a live run was not allowed to ask for one.
    case unanswered
    /// A file or folder that could not be read after the run.
    case files
    /// The run did not end by itself.
    case timeout
    /// The bundle could not be written to its end.
    case bundle
    /// A part of the profile that could not be made true inside.
    case profile
    /// Reads of environment variables that could not be recorded.
    case environmentReads = "environment-reads"
  }
  public var kind: Kind
  public var detail: String
  /// How often.
  public var count: Int
  /// The host that it concerns, where it concerns one.
  public var host: String?

  public init(kind: Kind, detail: String, count: Int = 1, host: String? = nil) {
    self.kind = kind
    self.detail = detail
    self.count = count
    self.host = host
  }
}

public struct Diagnostic: Hashable, Sendable, Codable {
  public var text: String
  public init(_ text: String) { self.text = text }
}
