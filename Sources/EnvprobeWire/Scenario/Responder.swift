import EnvprobeModel

/// A part of the offline world that needs code: one value per API endpoint.
struct Responder: Sendable {
  /// What scenarios and the trace call it.
  var name: String
  /// The answer, `nil` where the request is none of this API's after all.
  var respond: @Sendable (ScenarioRequest, Scenario.Script, World) -> Response?

  static let all: [Responder] =
    AnthropicAPI.responders + OpenAIChatAPI.responders + OpenAIResponsesAPI.responders + GeminiAPI.responders
    + DNSOverHTTPS.responders

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  static func named(_ name: String) -> Responder? { byName[name] }
}

extension Response {
  static func json(_ value: JSON, status: Int = 200, headers: [HTTPHeader] = []) -> Response {
    Response(
      status: status, headers: [HTTPHeader(name: "Content-Type", value: "application/json")] + headers,
      body: value.bytes, source: "")
  }

  /// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
  static func events(_ events: [ServerSentEvent], headers: [HTTPHeader] = []) -> Response {
    let fields = [
      HTTPHeader(name: "Content-Type", value: "text/event-stream; charset=utf-8"),
      HTTPHeader(name: "Cache-Control", value: "no-cache"),
    ]
    return Response(
      status: 200, headers: fields + headers, body: events.flatMap { Array($0.text.utf8) }, isStreamed: true, source: ""
    )
  }
}

struct ServerSentEvent {
  var name: String?
  var data: String

  init(_ name: String? = nil, _ data: JSON) {
    self.name = name
    self.data = data.text
  }

  init(data: String) { self.data = data }

  /// Named for its own `type`.
  init(typed data: JSON) {
    var type: String?
    if case .object(let members) = data, case .string(let value)? = members.first(where: { $0.name == "type" })?.value {
      type = value
    }
    self.init(type, data)
  }

  var text: String { (name.map { "event: \($0)\n" } ?? "") + "data: \(data)\n\n" }
}
