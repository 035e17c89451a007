import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeWire

/// Whole conversations with each family of model APIs, without sockets.
@Suite struct ModelAPITests {
  static let scenario = try! Scenario(
    yaml: """
      schema: envprobe.scenario/1
      turns:
        - text: Let me look.
          tools:
            - {name: Bash, input: {command: date}}
            - {name: Undeclared, input: {}}
        - tools: [{name: Bash, input: {command: locale}}]
        - text: All done.
      side: A title
      models: [claude-x, gpt-x, gemini-x]
      """, file: "test")

  private func post(_ path: String, _ body: String, scenario: Scenario = Self.scenario) -> Response {
    scenario.respond(to: scenarioRequest("POST", "https://gw.example.com\(path)", body: body), in: testWorld)
  }

  private func object(_ response: Response) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
  }

  private func events(_ response: Response) throws -> [[String: Any]] {
    #expect(response.isStreamed)
    #expect(response.value(of: "content-type") == "text/event-stream; charset=utf-8")
    return try response.text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.compactMap { block in
      let data = block.split(separator: "\n").first { $0.hasPrefix("data: ") }!.dropFirst(6)
      if data == "[DONE]" { return ["type": "[DONE]"] }
      return try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]
    }
  }

  private func encode(_ value: Any) -> String {
    String(decoding: try! JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed), as: UTF8.self)
  }

  // MARK: Anthropic

  static let anthropicTools = #""tools":[{"name":"Bash","input_schema":{}},{"name":"Read"}]"#

  @Test func anthropicRunsTheWholeScript() throws {
    var messages: [[String: Any]] = [["role": "user", "content": "hi"]]
    var stops: [String] = []
    for _ in 0..<4 {
      let reply = try object(
        post("/v1/messages?beta=true", #"{"model":"m","messages":\#(encode(messages)),\#(Self.anthropicTools)}"#))
      stops.append(reply["stop_reason"] as? String ?? "")
      let content = try #require(reply["content"] as? [[String: Any]])
      messages.append(["role": "assistant", "content": content])
      #expect(!content.contains { $0["name"] as? String == "Undeclared" })
      if let call = content.first(where: { $0["type"] as? String == "tool_use" }) {
        messages.append([
          "role": "user", "content": [["type": "tool_result", "tool_use_id": call["id"]!, "content": "x"]],
        ])
      } else {
        #expect(content.first?["text"] as? String == "All done.")
      }
    }
    #expect(stops == ["tool_use", "tool_use", "end_turn", "end_turn"])
  }

  @Test func anthropicStreamsWhatItSays() throws {
    let response = post(
      "/v1/messages",
      #"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}],\#(Self.anthropicTools)}"#)
    #expect(response.source == "anthropic.messages")
    #expect(response.value(of: "request-id")?.hasPrefix("req_") == true)
    let events = try events(response)
    #expect(
      events.map { $0["type"] as? String } == [
        "message_start", "content_block_start", "content_block_delta", "content_block_stop", "content_block_start",
        "content_block_delta", "content_block_stop", "message_delta", "message_stop",
      ])
    #expect(response.text.hasPrefix("event: message_start\ndata: {"))
    let input = (events[5]["delta"] as? [String: Any])?["partial_json"] as? String
    #expect(input == #"{"command":"date"}"#)
    let start = try #require(events[0]["message"] as? [String: Any])
    #expect(start["model"] as? String == "m")
    #expect((start["content"] as? [Any])?.isEmpty == true)
  }

  @Test func requestsWithoutToolsGetTheSideAnswer() throws {
    let reply = try object(post("/v1/messages", #"{"model":"m","messages":[{"role":"user","content":"title?"}]}"#))
    #expect(encode(reply["content"]!).contains("A title"))
  }

  @Test func withoutASideAnswerTheyGetTheTurns() throws {
    let reply = try object(post("/v1/messages", #"{"messages":[{"role":"user","content":"hi"}]}"#, scenario: .hello))
    #expect(encode(reply["content"]!).contains("Hello! How can I help you today?"))
  }

  @Test func identifiersAreConstantAndAnswersStateless() {
    let body = #"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}],\#(Self.anthropicTools)}"#
    #expect(post("/v1/messages", body) == post("/v1/messages", body))
  }

  @Test func examplesInTheTranscriptAreNoTurns() throws {
    let body =
      #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"an example"},{"role":"user","content":"b"}],\#(Self.anthropicTools)}"#
    #expect(encode(try object(post("/v1/messages", body))["content"]!).contains("Let me look."))
  }

  @Test(arguments: ["", "[]", "{", #"{"messages":3}"#, "\u{0}"]) func otherBodiesFallThrough(body: String) {
    #expect(post("/v1/messages", body).source == "default")
  }

  @Test func oddMembersDoNotMatter() throws {
    let body =
      #"{"messages":[3,{"role":7,"content":[{"type":"text"},9]},{"role":"user","content":null}],"tools":[{"name":1},{"name":"Bash"}],"stream":"yes","model":5}"#
    #expect(encode(try object(post("/v1/messages", body))["content"]!).contains("Bash"))
  }

  @Test func anthropicCountsAndLists() throws {
    #expect(post("/v1/messages/count_tokens", "{}").source == "anthropic.count_tokens")
    let list = scenarioRequest(
      "GET", "https://api.anthropic.com/v1/models?limit=9", headers: [("anthropic-version", "1")])
    let response = Self.scenario.respond(to: list, in: testWorld)
    #expect(response.source == "anthropic.models")
    #expect(try object(response)["first_id"] as? String == "claude-x")
    let one = scenarioRequest("GET", "https://api.anthropic.com/v1/models/none", headers: [("anthropic-version", "1")])
    #expect(Self.scenario.respond(to: one, in: testWorld).status == 404)
  }

  // MARK: OpenAI chat completions

  static let chatTools = #""tools":[{"type":"function","function":{"name":"Bash"}}]"#

  @Test func chatRunsTheWholeScript() throws {
    var messages: [[String: Any]] = [["role": "user", "content": "hi"]]
    var reasons: [String] = []
    for _ in 0..<3 {
      let reply = try object(
        post("/v1/chat/completions", #"{"model":"m","messages":\#(encode(messages)),\#(Self.chatTools)}"#))
      let choice = try #require((reply["choices"] as? [[String: Any]])?.first)
      reasons.append(choice["finish_reason"] as? String ?? "")
      let message = try #require(choice["message"] as? [String: Any])
      messages.append(message)
      for call in message["tool_calls"] as? [[String: Any]] ?? [] {
        messages.append(["role": "tool", "tool_call_id": call["id"]!, "content": "x"])
      }
    }
    #expect(reasons == ["tool_calls", "tool_calls", "stop"])
    #expect(messages.last?["content"] as? String == "All done.")
  }

  @Test func chatStreamsInChunks() throws {
    let events = try events(
      post(
        "/v1/chat/completions",
        #"{"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"x"}],\#(Self.chatTools)}"#
      ))
    #expect(events.count == 4)
    #expect(events.last?["type"] as? String == "[DONE]")
    let delta = ((events[0]["choices"] as? [[String: Any]])?[0]["delta"] as? [String: Any])
    #expect(((delta?["tool_calls"] as? [[String: Any]])?[0])?["index"] as? Int == 0)
    #expect(events[2]["usage"] != nil)
  }

  @Test func openAIListsModels() throws {
    let response = Self.scenario.respond(to: scenarioRequest("GET", "https://api.openai.com/v1/models"), in: testWorld)
    #expect((try object(response)["data"] as? [Any])?.count == 3)
  }

  // MARK: OpenAI responses

  @Test func responsesRunTheWholeScript() throws {
    var input: [[String: Any]] = [["role": "user", "content": [["type": "input_text", "text": "hi"]]]]
    var last: [[String: Any]] = []
    for _ in 0..<3 {
      let reply = try object(
        post("/v1/responses", #"{"model":"m","input":\#(encode(input)),"tools":[{"type":"function","name":"Bash"}]}"#))
      last = try #require(reply["output"] as? [[String: Any]])
      input += last
      for call in last where call["type"] as? String == "function_call" {
        input.append(["type": "function_call_output", "call_id": call["call_id"]!, "output": "x"])
      }
    }
    #expect(encode(last).contains("All done."))
  }

  @Test func responsesKnowCustomAndNestedTools() throws {
    let body =
      #"{"stream":true,"input":[{"type":"additional_tools","tools":[{"type":"namespace","name":"n","tools":[{"type":"custom","name":"Bash"}]}]},{"role":"user","content":"x"}]}"#
    let events = try events(post("/v1/responses", body))
    #expect(events.first?["type"] as? String == "response.created")
    #expect(events.last?["type"] as? String == "response.completed")
    #expect(events.map { $0["sequence_number"] as? Int } == Array(0..<events.count))
    #expect(events.contains { $0["type"] as? String == "response.custom_tool_call_input.done" })
    let output = (events.last?["response"] as? [String: Any])?["output"] as? [[String: Any]]
    #expect(output?.last?["type"] as? String == "custom_tool_call")
    #expect(output?.last?["input"] as? String == #"{"command":"date"}"#)
  }

  @Test func responsesTakePlainText() throws {
    let reply = try object(post("/v1/responses", #"{"model":"m","input":"hi"}"#))
    #expect(encode(reply["output"]!).contains("A title"))
  }

  // MARK: Gemini

  static let geminiTools = #""tools":[{"functionDeclarations":[{"name":"Bash"}]}]"#

  @Test(arguments: [true, false]) func geminiRunsTheWholeScript(repeatsIdentifiers: Bool) throws {
    var contents: [[String: Any]] = [["role": "user", "parts": [["text": "hi"]]]]
    var last: [[String: Any]] = []
    for _ in 0..<3 {
      let reply = try object(
        post("/v1beta/models/gemini-x:generateContent", #"{"contents":\#(encode(contents)),\#(Self.geminiTools)}"#))
      #expect(reply["modelVersion"] as? String == "gemini-x")
      let content = try #require((reply["candidates"] as? [[String: Any]])?[0]["content"] as? [String: Any])
      last = try #require(content["parts"] as? [[String: Any]])
      let kept = last.map { part -> [String: Any] in
        guard !repeatsIdentifiers, var call = part["functionCall"] as? [String: Any] else { return part }
        call["id"] = nil
        return ["functionCall": call]
      }
      contents.append(["role": "model", "parts": kept])
      contents.append(["role": "user", "parts": [["functionResponse": ["name": "Bash", "response": ["a": 1]]]]])
    }
    #expect(last.first?["text"] as? String == "All done.")
  }

  @Test func geminiStreamsAsEventsOrAsAnArray() throws {
    let body = #"{"contents":[{"role":"user","parts":[{"text":"x"}]}]}"#
    #expect(try events(post("/v1beta/models/g:streamGenerateContent?alt=sse", body)).count == 1)
    #expect(post("/v1beta/models/g:streamGenerateContent", body).text.hasPrefix("[{"))
    #expect(post("/v1beta/models/g:countTokens", body).text == #"{"totalTokens":12}"#)
  }
}
