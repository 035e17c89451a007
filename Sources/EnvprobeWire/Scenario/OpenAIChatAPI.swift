import EnvprobeModel
import FoundationEssentials

/// OpenAI's chat completions (https://platform.openai.com/docs/api-reference/chat).
enum OpenAIChatAPI {
  static let responders: [Responder] = [
    Responder(name: "openai.chat") { request, script, _ in
      guard let chat = try? JSONDecoder().decode(ChatRequest.self, from: Data(request.body)) else { return nil }
      return chat.answer(by: script)
    },
    Responder(name: "openai.models") { request, script, _ in
      let entries = script.models.map { id -> JSON in
        ["id": .string(id), "object": "model", "created": 1_735_689_600, "owned_by": "system"]
      }
      let last = request.path.split(separator: "/").last.map(String.init) ?? ""
      if last != "models" {
        guard let index = script.models.firstIndex(of: last) else { return nil }
        return .json(entries[index])
      }
      return .json(["object": "list", "data": .array(entries)])
    },
  ]

  /// A tool by the name under which it is called.
  struct Tool: Decodable {
    struct Named: Decodable { var name: String }
    var type: String?
    var function: Named?
    var custom: Named?
  }

  private struct ChatRequest: Decodable {
    struct Message: Decodable {
      struct Call: Decodable { var id: String }
      var role: String?
      var content: TextContent?
      var calls: [Call]

      enum CodingKeys: String, CodingKey {
        case role, content
        case calls = "tool_calls"
      }

      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        role = container.lenient(.role)
        content = container.lenient(.content)
        calls = container.lenientArray(.calls) ?? []
      }
    }

    var model: String
    var isStreamed: Bool
    var wantsUsage: Bool
    var messages: [Message]
    var tools: [Tool]

    enum CodingKeys: String, CodingKey {
      case model, stream, messages, tools
      case streamOptions = "stream_options"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      messages = try container.decode([Lenient<Message>].self, forKey: .messages).compactMap(\.value)
      model = container.lenient(.model) ?? "unknown"
      isStreamed = container.lenient(.stream) ?? false
      let options: [String: Bool]? = container.lenient(.streamOptions)
      wantsUsage = options?["include_usage"] ?? false
      tools = container.lenientArray(.tools) ?? []
    }

    var instructions: String {
      messages.filter { $0.role != "assistant" }.compactMap(\.content?.text).joined(separator: "\n")
    }

    func answer(by script: Scenario.Script) -> Response {
      let transcript = messages.filter { $0.role == "assistant" }.map { message in
        Utterance(texts: [message.content?.text.trimmedOfSpace ?? ""], toolCalls: message.calls.map(\.id))
      }
      let names = tools.compactMap { $0.function?.name ?? $0.custom?.name }
      let reply = script.reply(to: transcript, offering: Set(names), instructions: { instructions }) {
        Scenario.Script.identifier("call_", $0, $1, length: 24)
      }
      let custom = Set(tools.compactMap { $0.custom?.name })
      let calls = reply.toolCalls.map { call -> JSON in
        custom.contains(call.name)
          ? [
            "id": .string(call.id), "type": "custom",
            "custom": ["name": .string(call.name), "input": .string(call.input.inputText)],
          ]
          : [
            "id": .string(call.id), "type": "function",
            "function": ["name": .string(call.name), "arguments": .string(call.input.text)],
          ]
      }
      var base: JSON = [
        "id": .string(Scenario.Script.identifier("chatcmpl-", reply.turn, length: 29)),
        "object": "chat.completion", "created": 1_735_689_600, "model": .string(model),
      ]
      let reason: JSON = calls.isEmpty ? "stop" : "tool_calls"
      let usage: JSON = ["prompt_tokens": 12, "completion_tokens": 9, "total_tokens": 21]
      var message: JSON = ["role": "assistant", "content": reply.text.map(JSON.string) ?? nil]
      guard isStreamed else {
        message = message.with("refusal", nil)
        if !calls.isEmpty { message = message.with("tool_calls", .array(calls)) }
        let choice: JSON = ["index": 0, "message": message, "logprobs": nil, "finish_reason": reason]
        return .json(base.with("choices", [choice]).with("usage", usage))
      }
      base = base.with("object", "chat.completion.chunk")
      if !calls.isEmpty {
        let numbered = calls.enumerated().map { index, call -> JSON in
          guard case .object(let members) = call else { return call }
          return .object([.init(name: "index", value: .integer(index))] + members)
        }
        message = message.with("tool_calls", .array(numbered))
      }
      func chunk(_ delta: JSON, _ reason: JSON) -> JSON {
        base.with("choices", [["index": 0, "delta": delta, "logprobs": nil, "finish_reason": reason]])
      }
      var events = [chunk(message, nil), chunk([:], reason)]
      if wantsUsage { events.append(base.with("choices", []).with("usage", usage)) }
      return .events(events.map { ServerSentEvent(nil, $0) } + [ServerSentEvent(data: "[DONE]")])
    }
  }
}

extension JSON {
  /// The input of a free-form tool: a string as it is, anything else as JSON.
  var inputText: String { if case .string(let text) = self { text } else { text } }
}
