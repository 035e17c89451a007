/// One thing that happened in a run: a line of `events.ndjson`.
///
/// In JSON: `{"seq": 17, "time": 0.0421, "pid": 2, "kind": "exec", "data": {…}}`. `time` is in seconds of the
/// monotonic clock since the launch, `pid` the process id as the program sees it.
public struct Event: Hashable, Sendable {
  public var sequence: Int
  public var time: Double
  public var pid: Int?
  public var payload: Payload

  public init(sequence: Int, time: Double, pid: Int? = nil, payload: Payload) {
    self.sequence = sequence
    self.time = time
    self.pid = pid
    self.payload = payload
  }

  public enum Payload: Hashable, Sendable {
    case process(ProcessSeen)
    case exec(ExecCall)
    case syscall(SyscallCall)
    case output(Output)
    case file(FileChange)
    case exit(Exit)
    case connection(Connection)
    case connectionClosed(ConnectionClosed)
    case dns(DNSQuery)
    case tls(TLSHandshake)
    case tunnel(ProxyTunnel)
    case request(HTTPRequest)
    case response(HTTPResponse)
    case raw(RawBytes)
    case message(WebSocketMessage)
    case tlsSecret(TLSSecret)
    case segment(WireSegment)
    case environmentRead(EnvironmentRead)
    case instrumentation(ProcessInstrumentation)
    case runtimeCall(RuntimeCall)
    /// Something that is missing from the trace. It makes the run incomplete.
    case gap(Gap)
    /// Something a reader should know about how the run went, without consequence for its completeness.
    case diagnostic(Diagnostic)
  }
}

extension Event.Payload {
  /// The value of `kind`.
  public var kind: String {
    switch self {
    case .process: "process"
    case .exec: "exec"
    case .syscall: "syscall"
    case .output: "output"
    case .file: "file"
    case .exit: "exit"
    case .connection: "connection"
    case .connectionClosed: "connection.closed"
    case .dns: "dns"
    case .tls: "tls"
    case .tunnel: "tunnel"
    case .request: "http.request"
    case .response: "http.response"
    case .raw: "raw"
    case .message: "websocket.message"
    case .tlsSecret: "tls.secret"
    case .segment: "wire.segment"
    case .environmentRead: "env.read"
    case .instrumentation: "instrumentation"
    case .runtimeCall: "runtime.call"
    case .gap: "gap"
    case .diagnostic: "diagnostic"
    }
  }
}

extension Event: Codable {
  private enum CodingKeys: String, CodingKey {
    case sequence = "seq"
    case time, pid, kind, data
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    sequence = try container.decode(Int.self, forKey: .sequence)
    time = try container.decode(Double.self, forKey: .time)
    pid = try container.decodeIfPresent(Int.self, forKey: .pid)
    let kind = try container.decode(String.self, forKey: .kind)
    func data<T: Decodable>(_ type: T.Type = T.self) throws -> T { try container.decode(T.self, forKey: .data) }
    switch kind {
    case "process": payload = .process(try data())
    case "exec": payload = .exec(try data())
    case "syscall": payload = .syscall(try data())
    case "output": payload = .output(try data())
    case "file": payload = .file(try data())
    case "exit": payload = .exit(try data())
    case "connection": payload = .connection(try data())
    case "connection.closed": payload = .connectionClosed(try data())
    case "dns": payload = .dns(try data())
    case "tls": payload = .tls(try data())
    case "tunnel": payload = .tunnel(try data())
    case "http.request": payload = .request(try data())
    case "http.response": payload = .response(try data())
    case "raw": payload = .raw(try data())
    case "websocket.message": payload = .message(try data())
    case "tls.secret": payload = .tlsSecret(try data())
    case "wire.segment": payload = .segment(try data())
    case "env.read": payload = .environmentRead(try data())
    case "instrumentation": payload = .instrumentation(try data())
    case "runtime.call": payload = .runtimeCall(try data())
    case "gap": payload = .gap(try data())
    case "diagnostic": payload = .diagnostic(try data())
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: container, debugDescription: "unknown kind of event '\(kind)'")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(sequence, forKey: .sequence)
    try container.encode(time, forKey: .time)
    try container.encodeIfPresent(pid, forKey: .pid)
    try container.encode(payload.kind, forKey: .kind)
    switch payload {
    case .process(let value): try container.encode(value, forKey: .data)
    case .exec(let value): try container.encode(value, forKey: .data)
    case .syscall(let value): try container.encode(value, forKey: .data)
    case .output(let value): try container.encode(value, forKey: .data)
    case .file(let value): try container.encode(value, forKey: .data)
    case .exit(let value): try container.encode(value, forKey: .data)
    case .connection(let value): try container.encode(value, forKey: .data)
    case .connectionClosed(let value): try container.encode(value, forKey: .data)
    case .dns(let value): try container.encode(value, forKey: .data)
    case .tls(let value): try container.encode(value, forKey: .data)
    case .tunnel(let value): try container.encode(value, forKey: .data)
    case .request(let value): try container.encode(value, forKey: .data)
    case .response(let value): try container.encode(value, forKey: .data)
    case .raw(let value): try container.encode(value, forKey: .data)
    case .message(let value): try container.encode(value, forKey: .data)
    case .tlsSecret(let value): try container.encode(value, forKey: .data)
    case .segment(let value): try container.encode(value, forKey: .data)
    case .environmentRead(let value): try container.encode(value, forKey: .data)
    case .instrumentation(let value): try container.encode(value, forKey: .data)
    case .runtimeCall(let value): try container.encode(value, forKey: .data)
    case .gap(let value): try container.encode(value, forKey: .data)
    case .diagnostic(let value): try container.encode(value, forKey: .data)
    }
  }
}
