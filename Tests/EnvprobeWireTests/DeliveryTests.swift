import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeWire

/// How answers arrive: late, in part, or not at all.
@Suite struct DeliveryTests {
  static let file = """
    schema: envprobe.scenario/1
    name: failing
    rules:
      - name: slow
        match: {path: /slow}
        answer: {delay: 0.3, body: late}
      - name: cut
        match: {path: /cut}
        answer: {cut: 3, body: "0123456789"}
      - name: reset
        match: {path: /reset}
        answer: {reset: true}
      - match: {body: "*needle*"}
        answer: {body: found}
      - name: never
        match: {host: nowhere.example}
        answer: {status: 204}
    """

  private func trial() throws -> GatewayTrial {
    try GatewayTrial(scenario: try Scenario(yaml: Self.file, file: "f.yaml"))
  }

  private func get(_ path: String, _ port: Int, close: Bool = true) -> String {
    GatewayTrial.talk(
      port, Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\(close ? "Connection: close\r\n" : "")\r\n".utf8))
  }

  @Test func aDelayedAnswerIsLateAndOthersWaitForIt() throws {
    let trial = try trial()
    let began = ContinuousClock.now
    let client = GatewayTrial.connect(trial.open(80))
    defer { close(client) }
    GatewayTrial.send(
      Array("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /quick HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8),
      client)
    var text = ""
    while case let part = GatewayTrial.receive(client), !part.isEmpty { text += String(decoding: part, as: UTF8.self) }
    #expect(ContinuousClock.now - began >= .milliseconds(300))
    let late = try #require(text.firstRange(of: "late"))
    let other = try #require(text.firstRange(of: "404"))
    #expect(late.lowerBound < other.lowerBound)
    trial.session.close()
    #expect(trial.sink.responses.map(\.delay) == [0.3, nil])
  }

  @Test func aCutAnswerEndsEarlyAndSaysSo() throws {
    let trial = try trial()
    let text = get("/cut", trial.open(80), close: false)
    #expect(text.contains("Content-Length: 10\r\n"))
    #expect(text.hasSuffix("\r\n\r\n012"))
    trial.session.close()
    let response = try #require(trial.sink.responses.first)
    #expect(response.truncated == true)
    #expect(trial.sink.text(response.body) == "012")
  }

  @Test func aResetIsNoAnswer() throws {
    let trial = try trial()
    let client = GatewayTrial.connect(trial.open(80))
    defer { close(client) }
    GatewayTrial.send(Array("GET /reset HTTP/1.1\r\nHost: a\r\n\r\n".utf8), client)
    var byte: UInt8 = 0
    #expect(recv(client, &byte, 1, 0) == -1)
    #expect(errno == ECONNRESET)
    trial.session.close()
    #expect(trial.sink.requests.count == 1)
    #expect(trial.sink.responses.isEmpty)
    #expect(trial.sink.closings.first?.error == "reset by the scenario (reset)")
  }

  @Test(.requires("curl"), arguments: ["--http1.1", "--http2"]) func overTLS(version: String) throws {
    let trial = try trial()
    let port = trial.open(443)
    func curl(_ path: String) throws -> (output: String, status: Int32) {
      try GatewayTrial.run(
        "curl", "-sS", version, "--cacert", trial.certificateFile, "--connect-to", "a.example::127.0.0.1:\(port)",
        "https://a.example\(path)")
    }
    #expect(try curl("/slow") == ("late", 0))
    let cut = try curl("/cut")
    #expect(cut.output == "012" && [18, 92].contains(cut.status))
    #expect([35, 52, 55, 56].contains(try curl("/reset").status))
  }

  @Test func rulesThatNeverMatchedAreTold() throws {
    let trial = try trial()
    let port = trial.open(80)
    _ = get("/cut", port)
    _ = GatewayTrial.talk(
      port, Array("POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 8\r\n\r\n-needle-".utf8))
    trial.session.close()
    #expect(trial.session.unusedRules == ["slow (line 4)", "reset (line 10)", "never (line 15)"])
  }

  @Test(arguments: [
    ("{delay: -1}", "f.yaml:3:21: a delay is a number of seconds from 0 to 3600"),
    ("{cut: x}", "f.yaml:3:19: a cut is a number of bytes of the body, from 0"),
    ("{reset: true, body: a}", "f.yaml:3:13: 'reset' goes with no other key but 'delay': nothing is answered"),
    ("{reset: maybe}", "f.yaml:3:21: expected true or false"),
  ])
  func errorsSayWhere(answer: String, expected: String) {
    do throws(ScenarioError) {
      _ = try Scenario(yaml: "schema: envprobe.scenario/1\nrules:\n  - answer: \(answer)", file: "f.yaml")
      Issue.record("no error")
    } catch {
      #expect(error.description == expected)
    }
  }
}
