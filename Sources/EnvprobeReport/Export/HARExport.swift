import EnvprobeModel
import FoundationEssentials

/// The requests of a run as an HTTP Archive (HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/), which the
/// network panel of a browser opens.
public enum HARExport {
  /// The archive, as JSON in UTF-8.
  public static func encode(_ trace: Trace) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let start = (try? Date(trace.manifest.started, strategy: .iso8601)) ?? Date(timeIntervalSince1970: 0)
    let names = trace.manifest.tool.split(separator: " ", maxSplits: 1).map(String.init)
    let addresses = addresses(in: trace)
    let history = ProgramHistory(trace.events)
    let log = Log(
      creator: Creator(name: names.first ?? "", version: names.dropFirst().first ?? ""),
      entries: TraceExchange.all(in: trace).map {
        Entry($0, in: trace, start: start, addresses: addresses, history: history)
      })
    return String(decoding: try encoder.encode(Archive(log: log)), as: UTF8.self) + "\n"
  }

  private static func addresses(in trace: Trace) -> [Int: String] {
    var result: [Int: String] = [:]
    for case .connection(let connection) in trace.events.lazy.map(\.payload) {
      result[connection.id] = connection.address
    }
    return result
  }

  fileprivate struct Archive: Encodable { var log: Log }

  fileprivate struct Log: Encodable {
    var version = "1.2"
    var creator: Creator
    var pages: [String] = []
    var entries: [Entry]
  }

  fileprivate struct Creator: Encodable {
    var name: String
    var version: String
  }

  fileprivate struct Pair: Encodable {
    var name: String
    var value: String
  }

  fileprivate struct PostData: Encodable {
    var mimeType: String
    var params: [Pair] = []
    var text: String
    /// The format has no place for a body that is no text: this one is ours, as the underscore says.
    var _encoding: String?
  }

  fileprivate struct Request: Encodable {
    var method: String
    var url: String
    var httpVersion: String
    var cookies: [Pair] = []
    var headers: [Pair]
    var queryString: [Pair]
    var postData: PostData?
    var headersSize: Int
    var bodySize: Int
  }

  fileprivate struct Content: Encodable {
    var size: Int
    var mimeType: String
    var text: String?
    var encoding: String?
  }

  fileprivate struct Response: Encodable {
    var status = 0
    var statusText = ""
    var httpVersion: String
    var cookies: [Pair] = []
    var headers: [Pair] = []
    var content = Content(size: 0, mimeType: "x-unknown")
    var redirectURL = ""
    var headersSize = -1
    var bodySize = -1
  }

  fileprivate struct Timings: Encodable {
    var send = 0.0
    /// Milliseconds.
    var wait: Double
    var receive = 0.0
  }

  fileprivate struct Cache: Encodable {}

  /// As Chromium writes them.
  fileprivate struct SocketMessage: Encodable {
    var type: String
    var time: Double
    var opcode: Int
    var data: String
  }

  fileprivate struct Entry: Encodable {
    var startedDateTime: String
    var time: Double
    var request: Request
    var response: Response
    var cache = Cache()
    var timings: Timings
    var serverIPAddress: String?
    var connection: String
    var _webSocketMessages: [SocketMessage]?
    /// Which process the request comes from: `curl (3)`.
    var comment: String?
    var _pid: Int?
    /// The file that it executes.
    var _program: String?
  }
}

extension HARExport.Entry {
  fileprivate init(
    _ exchange: TraceExchange, in trace: Trace, start: Date, addresses: [Int: String], history: ProgramHistory
  ) {
    let wait = max(0, ((exchange.answered ?? exchange.time) - exchange.time) * 1000)
    startedDateTime = start.addingTimeInterval(exchange.time)
      .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    time = wait
    request = HARExport.Request(exchange, in: trace)
    response = HARExport.Response(exchange, in: trace)
    timings = HARExport.Timings(wait: wait)
    serverIPAddress = addresses[exchange.request.connection]
    connection = String(exchange.request.connection)
    if let pid = exchange.pid {
      comment = history.label(of: pid, at: exchange.time)
      _pid = pid
      _program = history.program(of: pid, at: exchange.time)
    }
    guard !exchange.messages.isEmpty else { return }
    _webSocketMessages = exchange.messages.map { time, message in
      let bytes = trace.blobs[message.content.sha256] ?? []
      let isText = message.kind == .text
      return HARExport.SocketMessage(
        type: message.direction == .received ? "send" : "receive",
        time: start.addingTimeInterval(time).timeIntervalSince1970, opcode: message.kind.opcode,
        data: isText ? String(decoding: bytes, as: UTF8.self) : Base64.encode(bytes))
    }
  }
}

extension HARExport.Request {
  fileprivate init(_ exchange: TraceExchange, in trace: Trace) {
    let sent = exchange.request
    method = sent.method
    url = exchange.url
    httpVersion = sent.version
    headers = exchange.requestHeaders.map { HARExport.Pair(name: $0.name, value: $0.value) }
    queryString = HARExport.query(of: sent.target)
    headersSize = sent.head?.size ?? -1
    bodySize = sent.body?.size ?? (sent.decodedBody == nil ? 0 : -1)
    // Readers show it as text, and so without its coding.
    guard let bytes = (sent.decodedBody ?? sent.body).flatMap({ trace.blobs[$0.sha256] }) else { return }
    let text = String(validating: bytes, as: UTF8.self)
    postData = HARExport.PostData(
      mimeType: sent.headers.first("content-type") ?? "application/octet-stream", text: text ?? Base64.encode(bytes),
      _encoding: text == nil ? "base64" : nil)
  }
}

extension HARExport.Response {
  fileprivate init(_ exchange: TraceExchange, in trace: Trace) {
    httpVersion = exchange.request.version
    guard let answer = exchange.response else { return }
    status = answer.status
    headers = answer.headers.map { HARExport.Pair(name: $0.name, value: $0.value) }
    redirectURL = answer.headers.first("location") ?? ""
    bodySize = answer.body?.size ?? 0
    content = HARExport.Content(
      size: bodySize, mimeType: answer.headers.first("content-type") ?? "x-unknown")
    guard let bytes = exchange.answer(in: trace) else { return }
    let text = String(validating: bytes, as: UTF8.self)
    content.text = text ?? Base64.encode(bytes)
    content.encoding = text == nil ? "base64" : nil
  }
}

extension HARExport {
  /// The query of a target as it was written, in pairs.
  fileprivate static func query(of target: String) -> [Pair] {
    guard let mark = target.firstIndex(of: "?") else { return [] }
    return target[target.index(after: mark)...].split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return Pair(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
    }
  }
}

extension WebSocketMessage.Kind {
  /// Its number on the wire (RFC 6455, section 11.8).
  fileprivate var opcode: Int {
    switch self {
    case .text: 1
    case .binary: 2
    case .close: 8
    case .ping: 9
    case .pong: 10
    }
  }
}
