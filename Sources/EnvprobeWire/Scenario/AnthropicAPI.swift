import EnvprobeModel
import FoundationEssentials

/// Anthropic's Messages API (https://docs.anthropic.com/en/api/messages).
enum AnthropicAPI {
  static let responders: [Responder] = [
    Responder(name: "anthropic.messages") { request, script, _ in
      guard let message = try? JSONDecoder().decode(MessagesRequest.self, from: Data(request.body)) else { return nil }
      return message.answer(by: script)
    },
    Responder(name: "anthropic.count_tokens") { _, _, _ in .json(["input_tokens": 12]) },
    Responder(name: "anthropic.models") { request, script, _ in models(request, script) },
  ]

  private struct MessagesRequest: Decodable {
    struct Message: Decodable {
      var role: String?
      var content: TextContent?

      enum CodingKeys: String, CodingKey { case role, content }

      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        role = container.lenient(.role)
        content = container.lenient(.content)
      }
    }
    struct Tool: Decodable { var name: String }

    var model: String
    var isStreamed: Bool
    var system: TextContent?
    var messages: [Message]
    var tools: [Tool]

    enum CodingKeys: String, CodingKey { case model, stream, system, messages, tools }

    var instructions: String {
      ([system?.text] + messages.filter { $0.role != "assistant" }.map(\.content?.text)).compactMap(\.self)
        .joined(separator: "\n")
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      messages = try container.decode([Lenient<Message>].self, forKey: .messages).compactMap(\.value)
      model = container.lenient(.model) ?? "unknown"
      isStreamed = container.lenient(.stream) ?? false
      tools = container.lenientArray(.tools) ?? []
      system = container.lenient(.system)
    }

    func answer(by script: Scenario.Script) -> Response {
      let transcript = messages.filter { $0.role == "assistant" }.map { message in
        Utterance(
          texts: [message.content?.text.trimmedOfSpace ?? ""]
            + (message.content?.parts.compactMap { $0.text?.trimmedOfSpace } ?? []),
          toolCalls: message.content?.parts.filter { $0.type == "tool_use" }.compactMap(\.id) ?? [])
      }
      let reply = script.reply(to: transcript, offering: Set(tools.map(\.name)), instructions: { instructions }) {
        Scenario.Script.identifier("toolu_01", $0, $1, length: 22)
      }
      let headers = [
        HTTPHeader(name: "request-id", value: Scenario.Script.identifier("req_011C", reply.turn, length: 20))
      ]
      var blocks: [JSON] = []
      if let text = reply.text { blocks.append(["type": "text", "text": .string(text)]) }
      for call in reply.toolCalls {
        blocks.append(["type": "tool_use", "id": .string(call.id), "name": .string(call.name), "input": call.input])
      }
      let stopReason: JSON = reply.toolCalls.isEmpty ? "end_turn" : "tool_use"
      let usage: JSON = [
        "input_tokens": 12, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 9,
      ]
      let message: JSON = [
        "id": .string(Scenario.Script.identifier("msg_01", reply.turn, length: 22)), "type": "message",
        "role": "assistant", "model": .string(model), "content": .array(blocks), "stop_reason": stopReason,
        "stop_sequence": nil, "usage": usage,
      ]
      guard isStreamed else { return .json(message, headers: headers) }
      var events: [JSON] = [
        [
          "type": "message_start",
          "message": message.with("content", []).with("stop_reason", nil).with("usage", usage.with("output_tokens", 1)),
        ]
      ]
      for (index, block) in blocks.enumerated() { events += Self.events(of: block, at: index) }
      events += [
        [
          "type": "message_delta", "delta": ["stop_reason": stopReason, "stop_sequence": nil],
          "usage": ["output_tokens": 9],
        ],
        ["type": "message_stop"],
      ]
      return .events(events.map { ServerSentEvent(typed: $0) }, headers: headers)
    }

    private static func events(of block: JSON, at index: Int) -> [JSON] {
      guard case .object(let members) = block else { return [] }
      let start: JSON
      let delta: JSON
      if let text = members.first(where: { $0.name == "text" })?.value {
        start = block.with("text", "")
        delta = ["type": "text_delta", "text": text]
      } else {
        start = block.with("input", [:])
        let input = members.first { $0.name == "input" }?.value ?? [:]
        delta = ["type": "input_json_delta", "partial_json": .string(input.text)]
      }
      return [
        ["type": "content_block_start", "index": .integer(index), "content_block": start],
        ["type": "content_block_delta", "index": .integer(index), "delta": delta],
        ["type": "content_block_stop", "index": .integer(index)],
      ]
    }
  }

  private static func models(_ request: ScenarioRequest, _ script: Scenario.Script) -> Response? {
    let ids = script.models.filter { $0.hasPrefix("claude") }
    let entries = ids.map { id -> JSON in
      ["type": "model", "id": .string(id), "display_name": .string(id), "created_at": "2025-01-01T00:00:00Z"]
    }
    let last = request.path.split(separator: "/").last.map(String.init) ?? ""
    if last != "models" {
      guard let index = ids.firstIndex(of: last) else { return nil }
      return .json(entries[index])
    }
    return .json([
      "data": .array(entries), "has_more": false, "first_id": ids.first.map(JSON.string) ?? nil,
      "last_id": ids.last.map(JSON.string) ?? nil,
    ])
  }
}
