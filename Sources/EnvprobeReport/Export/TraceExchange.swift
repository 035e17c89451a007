import EnvprobeModel

/// A request with its answer and all of their bytes, as exports need them.
struct TraceExchange {
  /// Seconds since the launch.
  var time: Double
  var pid: Int?
  var request: HTTPRequest
  var answered: Double?
  var response: HTTPResponse?
  /// What was said over the WebSocket that the request opened, with the times.
  var messages: [(time: Double, message: WebSocketMessage)] = []

  /// The exchanges of a trace, in the order of their requests.
  static func all(in trace: Trace) -> [TraceExchange] {
    var exchanges: [TraceExchange] = []
    var places: [Int: Int] = [:]
    for event in trace.events {
      switch event.payload {
      case .request(let request):
        places[request.exchange] = exchanges.count
        exchanges.append(TraceExchange(time: event.time, pid: event.pid, request: request))
      case .response(let response):
        guard let place = places[response.exchange] else { continue }
        exchanges[place].answered = event.time
        exchanges[place].response = response
      case .message(let message):
        if let place = places[message.exchange] { exchanges[place].messages.append((event.time, message)) }
      default: break
      }
    }
    return exchanges
  }

  /// `https://api.example.com/v1/messages`
  var url: String {
    var target = request.target[...]
    if let mark = target.firstRange(of: "://"), !target[..<mark.lowerBound].contains("/") {
      target = target[mark.upperBound...].drop { $0 != "/" && $0 != "?" }
    }
    return "\(request.scheme)://\(authority)\(target)"
  }

  /// The host, with the port where it is not the scheme's own.
  var authority: String {
    let host = request.host.contains(":") ? "[\(request.host)]" : request.host
    return request.port == (request.scheme == "https" ? 443 : 80) ? host : "\(host):\(request.port)"
  }

  /// The fields of the request, without those that HTTP/2 makes of its first line.
  var requestHeaders: [HTTPHeader] { request.headers.filter { !$0.name.hasPrefix(":") } }

  /// The request's body as sent, or, where a coded one was not kept, without its coding.
  func body(in trace: Trace) -> [UInt8]? {
    (request.body ?? request.decodedBody).flatMap { trace.blobs[$0.sha256] }
  }

  func answer(in trace: Trace) -> [UInt8]? { response?.body.flatMap { trace.blobs[$0.sha256] } }
}

extension [HTTPHeader] {
  /// The first value of a field, by its name in lower case.
  func first(_ name: String) -> String? { first { $0.name.lowercased() == name }?.value }
}
