import EnvprobeModel
import FoundationEssentials

/// Google's Gemini API (https://ai.google.dev/api/generate-content).
enum GeminiAPI {
  static let responders: [Responder] = [
    Responder(name: "gemini.generate") { request, script, _ in
      guard let decoded = try? JSONDecoder().decode(GenerateRequest.self, from: Data(request.body)) else { return nil }
      guard let colon = request.path.lastIndex(of: ":") else { return nil }
      let action = request.path[request.path.index(after: colon)...]
      if action == "countTokens" { return .json(["totalTokens": 12]) }
      let model = request.path[..<colon].split(separator: "/").last.map(String.init) ?? "unknown"
      let answer = decoded.answer(by: script, model: model)
      guard action == "streamGenerateContent" else { return .json(answer) }
      let isEvents = request.head.query.contains { $0.name == "alt" && $0.value == "sse" }
      return isEvents ? .events([ServerSentEvent(nil, answer)]) : .json([answer])
    },
    Responder(name: "gemini.models") { request, script, _ in
      let ids = script.models.filter { $0.hasPrefix("gemini") }
      let entries = ids.map { id -> JSON in
        [
          "name": .string("models/" + id), "displayName": .string(id),
          "supportedGenerationMethods": ["generateContent", "countTokens"],
        ]
      }
      let last = request.path.split(separator: "/").last.map(String.init) ?? ""
      if last != "models" {
        guard let index = ids.firstIndex(of: last) else { return nil }
        return .json(entries[index])
      }
      return .json(["models": .array(entries)])
    },
  ]

  private struct GenerateRequest: Decodable {
    struct Part: Decodable {
      struct Call: Decodable {
        var id: String?
        var name: String?
      }
      var text: String?
      var call: Call?

      enum CodingKeys: String, CodingKey {
        case text
        case call = "functionCall"
        case snakeCaseCall = "function_call"
      }

      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        text = container.lenient(.text)
        call = container.lenient(.call) ?? container.lenient(.snakeCaseCall)
      }
    }
    struct Content: Decodable {
      var role: String?
      var parts: [Part]

      enum CodingKeys: String, CodingKey { case role, parts }

      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        role = container.lenient(.role)
        parts = container.lenientArray(.parts) ?? []
      }
    }
    struct Tool: Decodable {
      struct Declaration: Decodable { var name: String }
      var declarations: [Declaration]

      enum CodingKeys: String, CodingKey {
        case declarations = "functionDeclarations"
        case snakeCaseDeclarations = "function_declarations"
      }

      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        declarations =
          container.lenientArray(.declarations) ?? container.lenientArray(.snakeCaseDeclarations) ?? []
      }
    }

    var system: Content?
    var contents: [Content]
    var tools: [Tool]

    enum CodingKeys: String, CodingKey {
      case contents, tools
      case system = "systemInstruction"
      case snakeCaseSystem = "system_instruction"
    }

    var instructions: String {
      ([system].compactMap(\.self) + contents.filter { $0.role != "model" }).flatMap(\.parts).compactMap(\.text)
        .joined(separator: "\n")
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      contents = try container.decode([Lenient<Content>].self, forKey: .contents).compactMap(\.value)
      tools = container.lenientArray(.tools) ?? []
      system = container.lenient(.system) ?? container.lenient(.snakeCaseSystem)
    }

    func answer(by script: Scenario.Script, model: String) -> JSON {
      // Calls have no identifier in older versions: there the n-th call of a name belongs to the n-th turn with it.
      var seen: [String: Int] = [:]
      let names = Set(tools.flatMap { $0.declarations.map(\.name) })
      let transcript = contents.filter { $0.role == "model" }.map { content in
        Utterance(
          texts: [content.parts.compactMap(\.text).joined().trimmedOfSpace],
          toolCalls: content.parts.compactMap(\.call).compactMap { call -> String? in
            guard let name = call.name else { return call.id }
            let count = seen[name, default: 0]
            seen[name] = count + 1
            return call.id ?? Self.identifier(ofCall: count, name: name, in: script, offering: names)
          })
      }
      let reply = script.reply(
        to: transcript, offering: names, instructions: { instructions }, identifier: Self.identifier)
      var parts: [JSON] = []
      if let text = reply.text { parts.append(["text": .string(text)]) }
      for call in reply.toolCalls {
        parts.append([
          "functionCall": ["id": .string(call.id), "name": .string(call.name), "args": call.input]
        ])
      }
      return [
        "candidates": [
          ["content": ["parts": .array(parts), "role": "model"], "finishReason": "STOP", "index": 0]
        ],
        "usageMetadata": ["promptTokenCount": 12, "candidatesTokenCount": 9, "totalTokenCount": 21],
        "modelVersion": .string(model),
        "responseId": .string(Scenario.Script.identifier("", reply.turn, length: 22)),
      ]
    }

    private static func identifier(_ turn: Int, _ place: Int) -> String {
      Scenario.Script.identifier("call-", turn, place, length: 16)
    }

    private static func identifier(
      ofCall count: Int, name: String, in script: Scenario.Script, offering tools: Set<String>
    ) -> String? {
      let places = script.turns.enumerated().flatMap { turn, value in
        value.tools.enumerated().filter { $0.element.call(offering: tools)?.name == name }.map { (turn, $0.offset) }
      }
      return count < places.count ? identifier(places[count].0, places[count].1) : nil
    }
  }
}
