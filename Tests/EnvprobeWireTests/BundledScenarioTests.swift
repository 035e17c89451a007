import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeWire

@Suite struct BundledScenarioTests {
  @Test(arguments: Scenario.bundledTexts.map(\.name)) func everyOneIsWholeAndNamesItself(name: String) throws {
    let scenario = try #require(Scenario.bundled(name))
    #expect(scenario.name == name)
    #expect(!scenario.description.isEmpty)
    #expect(scenario.unusedRules(besides: []).isEmpty)
  }

  @Test func anyOtherNameIsNone() { #expect(Scenario.bundled("other") == nil) }

  // MARK: Tools of whichever agent

  /// The calls of a whole conversation with a program that offers these tools.
  private func calls(of name: String, offering tools: Set<String>) throws -> [Reply.ToolCall] {
    let script = try #require(Scenario.bundled(name)).script
    var transcript: [Utterance] = []
    var calls: [Reply.ToolCall] = []
    for _ in 0..<20 {
      let reply = script.reply(to: transcript, offering: tools) { "id-\($0)-\($1)" }
      calls += reply.toolCalls
      if reply.toolCalls.isEmpty { return calls }
      transcript.append(Utterance(texts: [reply.text ?? ""], toolCalls: reply.toolCalls.map(\.id)))
    }
    Issue.record("the conversation does not end")
    return calls
  }

  @Test(arguments: [
    (["Bash", "Read", "Edit", "Grep"], ["Bash", "Read", "Edit"]), (["bash"], ["bash", "bash", "bash"]),
    (["exec_command", "apply_patch"], ["exec_command", "exec_command", "apply_patch"]),
    (["run_shell_command", "read_file", "replace"], ["run_shell_command", "read_file", "replace"]),
    (["unheard_of"], []),
  ])
  func toolsAreCalledByTheProgramsOwnNames(offered: [String], called: [String]) throws {
    #expect(try calls(of: "tools", offering: Set(offered)).map(\.name) == called)
  }

  @Test func theLongOneHasTwelveTurns() throws {
    #expect(try #require(Scenario.bundled("long")).script.turns.count == 12)
    #expect(try calls(of: "long", offering: ["Bash"]).count == 11)
  }

  @Test func linesAreEditedByTheShellWhereNothingElseIsOffered() throws {
    let use = AgentTool.edit(.init(file: "it's", old: "a/b", new: "c&d"))
    #expect(use.call(offering: ["bash"])?.input.text == #"{"command":"sed -i 's/^a\\/b$/c\\&d/' 'it'\\''s'"}"#)
  }

  // MARK: Errors by attempt

  @Test(arguments: [
    ("/v1/messages", [429, 529, 401, 401]), ("/v1/chat/completions", [429, 503, 401, 401]),
    ("/v1/responses", [429, 503, 401, 401]), ("/v1beta/models/g:generateContent", [429, 503, 401, 401]),
  ])
  func refusalFollowsTheAttempt(path: String, statuses: [Int]) throws {
    let scenario = try #require(Scenario.bundled("refuse"))
    let seen = (1...4).map { attempt in
      var request = scenarioRequest("POST", "https://api.example.com\(path)", body: "{}")
      request.attempt = attempt
      let response = scenario.respond(to: request, in: testWorld)
      #expect((try? JSONSerialization.jsonObject(with: Data(response.body))) != nil)
      return response.status
    }
    #expect(seen == statuses)
  }

  @Test func attemptsAreCountedByRequestUnlessTheClientNumbersThem() throws {
    let trial = try GatewayTrial(scenario: Scenario.bundled("refuse"))
    let port = trial.open(80)
    func status(_ body: String, retry: Int? = nil) -> String {
      let field = retry.map { "x-stainless-retry-count: \($0)\r\n" } ?? ""
      let text = GatewayTrial.talk(
        port,
        Array(
          "POST /v1/messages HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(field)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            .utf8))
      return String(text.dropFirst(9).prefix(3))
    }
    #expect([status("{}"), status("{}"), status("{}")] == ["429", "529", "401"])
    #expect(status("[]") == "429")
    #expect(status("[1]", retry: 1) == "529")
  }

  // MARK: No network

  @Test func offlineNamesFailAndConnectionsAreRefused() throws {
    let trial = try GatewayTrial(scenario: Scenario.bundled("offline"))
    #expect(trial.open(443) == 0)
    let port = trial.open(53, .udp)
    let client = GatewayTrial.connect(port, .udp)
    defer { close(client) }
    GatewayTrial.send(DNSMessageTests.question, client)
    let answer = try #require(DNSMessage(GatewayTrial.receive(client)))
    #expect(answer.flags & 15 == DNSMessage.Status.serverFailure.rawValue)
    trial.session.close()
    #expect(trial.sink.queries.map(\.status) == ["SERVFAIL"])
    #expect(trial.sink.connections.map(\.port) == [443])
    #expect(trial.sink.closings.map(\.error) == ["refused"])
  }
}
