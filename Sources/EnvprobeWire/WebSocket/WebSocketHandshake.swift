import Crypto
import EnvprobeModel

/// The server's side of the opening of a WebSocket (RFC 6455, section 4.2), as values.
struct WebSocketHandshake: Hashable, Sendable {
  /// The value of Sec-WebSocket-Accept.
  var accept: String
  /// The subprotocol: the first that is offered.
  var subprotocol: String?
  /// The parameters under which messages may be compressed (RFC 7692); `nil` where the client does not offer it.
  var compression: String?

  /// `nil` where the request does not ask for one.
  init?(_ head: RequestHead) {
    guard head.method == "GET", head.version == "HTTP/1.1", head.lists("websocket", in: "upgrade"),
      head.lists("upgrade", in: "connection"), let key = head.value(of: "sec-websocket-key"), !key.isEmpty
    else { return nil }
    let digest = Insecure.SHA1.hash(data: Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
    accept = Base64.encode(Array(digest))
    subprotocol = head.value(of: "sec-websocket-protocol")?.split(separator: ",").first
      .map { String($0).trimmingWhitespace }
    compression = Self.compression(head.values(of: "sec-websocket-extensions"))
  }

  /// Neither side keeps its window from one message to the next, so that each can be read by itself. Nothing is sent
  /// compressed, which is allowed for every message.
  private static func compression(_ fields: [String]) -> String? {
    for offer in fields.flatMap({ $0.split(separator: ",") }) {
      let parts = offer.split(separator: ";").map { String($0).trimmingWhitespace }
      guard parts.first == "permessage-deflate" else { continue }
      let window = parts.first { $0.hasPrefix("server_max_window_bits=") }.map { "; \($0)" } ?? ""
      return "permessage-deflate; server_no_context_takeover; client_no_context_takeover\(window)"
    }
    return nil
  }

  /// The answer that opens it.
  var response: Response {
    var headers = [
      HTTPHeader(name: "Upgrade", value: "websocket"), HTTPHeader(name: "Connection", value: "Upgrade"),
      HTTPHeader(name: "Sec-WebSocket-Accept", value: accept),
    ]
    if let subprotocol { headers.append(HTTPHeader(name: "Sec-WebSocket-Protocol", value: subprotocol)) }
    if let compression { headers.append(HTTPHeader(name: "Sec-WebSocket-Extensions", value: compression)) }
    return Response(status: 101, headers: headers, body: [], source: "websocket")
  }
}
