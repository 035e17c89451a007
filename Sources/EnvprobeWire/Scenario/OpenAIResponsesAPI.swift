import EnvprobeModel
import FoundationEssentials

/// OpenAI's responses (https://platform.openai.com/docs/api-reference/responses).
enum OpenAIResponsesAPI {
  static let responders: [Responder] = [
    Responder(name: "openai.responses") { request, script, _ in
      guard let decoded = try? JSONDecoder().decode(ResponsesRequest.self, from: Data(request.body)) else { return nil }
      return decoded.answer(by: script)
    }
  ]

  /// A tool, or a name space of tools.
  private struct Tool: Decodable {
    var type: String?
    var name: String?
    var tools: [Tool]

    enum CodingKeys: String, CodingKey { case type, name, tools }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      type = container.lenient(.type)
      name = container.lenient(.name)
      tools = container.lenientArray(.tools) ?? []
    }

    var flattened: [Tool] { type == "namespace" ? tools.flatMap(\.flattened) : [self] }
  }

  private struct Item: Decodable {
    var type: String?
    var role: String?
    var callID: String?
    var content: TextContent?
    var tools: [Tool]

    enum CodingKeys: String, CodingKey {
      case type, role, content, tools
      case callID = "call_id"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      type = container.lenient(.type)
      role = container.lenient(.role)
      callID = container.lenient(.callID)
      content = container.lenient(.content)
      tools = container.lenientArray(.tools) ?? []
    }

    static let callTypes: Set<String> = ["function_call", "custom_tool_call", "local_shell_call"]

    var utterance: Utterance? {
      if let type, Self.callTypes.contains(type) { return Utterance(toolCalls: callID.map { [$0] } ?? []) }
      guard role == "assistant" else { return nil }
      return Utterance(texts: [content?.text.trimmedOfSpace ?? ""])
    }
  }

  private struct ResponsesRequest: Decodable {
    var model: String
    var isStreamed: Bool
    var preamble: String?
    var items: [Item]
    var tools: [Tool]

    enum CodingKeys: String, CodingKey {
      case model, stream, input, tools
      case preamble = "instructions"
    }

    var instructions: String {
      ([preamble] + items.filter { $0.role != "assistant" }.map(\.content?.text)).compactMap(\.self)
        .joined(separator: "\n")
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      guard container.contains(.input) else {
        throw DecodingError.keyNotFound(CodingKeys.input, .init(codingPath: [], debugDescription: "no input"))
      }
      // The input may be a mere string, which holds no transcript.
      items = container.lenientArray(.input) ?? []
      model = container.lenient(.model) ?? "unknown"
      preamble = container.lenient(.preamble)
      isStreamed = container.lenient(.stream) ?? false
      let declared: [Tool] = container.lenientArray(.tools) ?? []
      tools = (declared + items.filter { $0.type == "additional_tools" }.flatMap(\.tools)).flatMap(\.flattened)
    }

    func answer(by script: Scenario.Script) -> Response {
      let reply = script.reply(
        to: items.compactMap(\.utterance), offering: Set(tools.compactMap { $0.name ?? $0.type }),
        instructions: { instructions }
      ) { Scenario.Script.identifier("call_", $0, $1, length: 24) }
      let custom = Set(tools.filter { $0.type == "custom" }.compactMap(\.name))
      var output: [JSON] = []
      if let text = reply.text {
        output.append([
          "id": .string(Scenario.Script.identifier("msg_", reply.turn, length: 48)), "type": "message",
          "status": "completed", "role": "assistant",
          "content": [["type": "output_text", "annotations": [], "logprobs": [], "text": .string(text)]],
        ])
      }
      for (place, call) in reply.toolCalls.enumerated() {
        let isCustom = custom.contains(call.name)
        let id = Scenario.Script.identifier(isCustom ? "ctc_" : "fc_", reply.turn, place, length: 48)
        let item: JSON = [
          "id": .string(id), "type": isCustom ? "custom_tool_call" : "function_call", "status": "completed",
          "call_id": .string(call.id), "name": .string(call.name),
        ]
        let input = isCustom ? call.input.inputText : call.input.text
        output.append(item.with(isCustom ? "input" : "arguments", .string(input)))
      }
      let response: JSON = [
        "id": .string(Scenario.Script.identifier("resp_", reply.turn, length: 48)), "object": "response",
        "created_at": 1_735_689_600, "status": "completed", "error": nil, "incomplete_details": nil,
        "instructions": nil, "model": .string(model), "output": .array(output), "parallel_tool_calls": true,
        "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0,
        "usage": [
          "input_tokens": 12, "input_tokens_details": ["cached_tokens": 0], "output_tokens": 9,
          "output_tokens_details": ["reasoning_tokens": 0], "total_tokens": 21,
        ], "metadata": [:],
      ]
      guard isStreamed else { return .json(response) }
      let begun = response.with("status", "in_progress").with("output", [])
      var events: [JSON] = [
        ["type": "response.created", "response": begun], ["type": "response.in_progress", "response": begun],
      ]
      for (index, item) in output.enumerated() { events += Self.events(of: item, at: .integer(index)) }
      events.append(["type": "response.completed", "response": response])
      return .events(
        events.enumerated().map { ServerSentEvent(typed: $0.element.with("sequence_number", .integer($0.offset))) })
    }

    private static func events(of item: JSON, at index: JSON) -> [JSON] {
      guard case .object(let members) = item else { return [] }
      func member(_ name: String) -> JSON? { members.first { $0.name == name }?.value }
      let id = member("id") ?? nil
      var events: [JSON] = []
      let begun = item.with("status", "in_progress")
      if case .array(let parts)? = member("content"), case .object(let part)? = parts.first,
        let text = part.first(where: { $0.name == "text" })?.value
      {
        let place: JSON = ["item_id": id, "output_index": index, "content_index": 0]
        func event(_ type: String, _ name: String, _ value: JSON) -> JSON {
          guard case .object(let fields) = place else { return place }
          return .object([.init(name: "type", value: .string(type))] + fields).with(name, value)
        }
        events += [
          ["type": "response.output_item.added", "output_index": index, "item": begun.with("content", [])],
          event("response.content_part.added", "part", parts[0].with("text", "")),
          event("response.output_text.delta", "delta", text), event("response.output_text.done", "text", text),
          event("response.content_part.done", "part", parts[0]),
        ]
      } else {
        let kind = member("input") != nil ? "custom_tool_call_input" : "function_call_arguments"
        let name = member("input") != nil ? "input" : "arguments"
        let value = member(name) ?? ""
        let done: JSON = ["type": .string("response.\(kind).done"), "item_id": id, "output_index": index]
        events += [
          ["type": "response.output_item.added", "output_index": index, "item": begun.with(name, "")],
          ["type": .string("response.\(kind).delta"), "item_id": id, "output_index": index, "delta": value],
          done.with(name, value),
        ]
      }
      return events + [["type": "response.output_item.done", "output_index": index, "item": item]]
    }
  }
}
