import EnvprobeModel
import Testing

@testable import EnvprobeCompare

@Suite struct ComparisonTests {
  /// What an honest agent does: a model request with a local date, ids, telemetry with times, echoes, files, output.
  static func honest(_ run: inout SyntheticTrace, prompt: (SyntheticTrace) -> String = { Self.prompt($0) }) {
    let session = run.uuid()
    run.request(
      "POST", run.endpoint + "/v1/messages?beta=true",
      headers: [
        ("Content-Type", "application/json"), ("X-Session-Id", session), ("User-Agent", "agent/1.0"),
        ("x-request-id", "req_\(run.hex(24))"),
      ],
      body: """
        {"model":"big-1","max_tokens":1024,"system":[{"type":"text","text":\(json(prompt(run)))}],\
        "messages":[{"role":"user","content":"say hi"}],"metadata":{"user_id":"user_\(run.hex(64))_session_\(session)"},\
        "stream":true}
        """)
    var events = (0..<Int(3 + run.chance.next() % 3)).map { index in
      """
      {"event_name":"tick","time":"\(run.start + index)","memory":\(run.chance.next() % 1_000_000),"id":"\(run.uuid())"}
      """
    }
    events.append("{\"event_name\":\"start\",\"zone\":\(json(run.place.assignment.timezone!))}")
    run.request(
      "POST", "https://telemetry.example.org/batch", headers: [("Content-Type", "application/json")],
      body: "{\"events\":[\(events.joined(separator: ","))]}")
    run.print("Hi! It is \(run.date()) \(run.localTime) in \(run.assignment.timezone!).\n")
    run.write(".agent/log-\(run.uuid()).txt", "started \(run.start * 1000 + Int(run.chance.next() % 1000))\nok\n")
    run.write(".agent/state.json", "{\"user\":\"\(run.place.user)\",\"firstStart\":\(run.start)}")
    run.execute(
      ["/usr/bin/git", "-C", run.place.home + "/work", "status"], environment: ["TZ=\(run.assignment.timezone!)"])
  }

  static func prompt(_ run: SyntheticTrace, apostrophe: String = "'", separator: String = "-") -> String {
    """
    You are an agent.
    Working directory: \(run.place.home)/work
    Time zone: \(run.assignment.timezone!)
    Today\(apostrophe)s date is \(run.date(separator)).
    Host: \(run.place.hostname)
    """
  }

  static func json(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
  }

  @Test func honestBehaviourIsSilent() {
    let places: [SyntheticPlace] = [.us, .de, .sg, .cn]
    let comparison = Comparison(arms(places, repeats: 3) { Self.honest(&$0) })
    #expect(summary(comparison) == [])
    #expect(comparison.places.compared > 20)
  }

  @Test func anEndpointThatIsHonouredIsSilent() {
    let places: [SyntheticPlace] = [.us, .usGateway, .sgGateway, .cn, .cnCorp, .usProxy]
    let comparison = Comparison(arms(places, repeats: 2) { Self.honest(&$0) })
    #expect(summary(comparison) == [])
  }

  @Test func comparingARunWithItselfIsEmpty() {
    var run = SyntheticTrace(.us, repetition: 1)
    Self.honest(&run)
    let observations = RunObservations(trace: run.trace)
    let arm = Arm(assignment: run.assignment, runs: [observations])
    #expect(summary(Comparison([arm, arm])) == [])
    #expect(summary(Comparison([arm])) == [])
  }

  @Test func twoMarksInOneLineAreTwoCandidates() throws {
    let places: [SyntheticPlace] = [.us, .usGateway, .sgGateway, .cn, .cnGateway, .cnCorp]
    let comparison = Comparison(
      arms(places) { run in
        Self.honest(&run) { run in
          let host = run.assignment.endpoint
          let isCorporate = host?.contains("bigcorp") == true
          let slash = host != nil && run.assignment.timezone == "Asia/Shanghai"
          return Self.prompt(run, apostrophe: isCorporate ? "\u{2019}" : "'", separator: slash ? "/" : "-")
        }
      })
    try #require(comparison.candidates.count == 2, "\(summary(comparison))")
    let apostrophe = try #require(comparison.candidates.first { $0.classes == [0, 0, 0, 0, 0, 1] })
    let separator = try #require(comparison.candidates.first { $0.classes == [0, 0, 0, 0, 1, 1] })
    #expect(apostrophe.aspects.count == 1)
    #expect(separator.aspects.count == 1)
    #expect(apostrophe.tier == .trusted)
    #expect(apostrophe.main.place.location == "POST <endpoint-host>/v1/messages body.system[text].text")
    let difference = try #require(apostrophe.main.differences(from: 0, to: 1).first)
    #expect(difference.kind == "apostrophe")
    #expect(difference.codepoints.before == ["U+0027 APOSTROPHE"])
    #expect(difference.codepoints.after == ["U+2019 RIGHT SINGLE QUOTATION MARK"])
    #expect(separator.main.differences(from: 0, to: 1).map(\.kind) == ["date-separator", "date-separator"])
    #expect(separator.main.values[1]?.contains("<local-date:Y/m/d>") == true)

    // A new assignment: the line as a whole is one that no arm showed.
    var run = SyntheticTrace(.usGateway, repetition: 1, seed: 3)
    run.assignment[.endpoint] = .endpoint("https://llm.bigcorp.cn:8443/api")
    Self.honest(&run) { Self.prompt($0, apostrophe: "\u{2019}", separator: "/") }
    let arm = Arm(assignment: run.assignment, runs: [RunObservations(trace: run.trace)])
    #expect(apostrophe.group(of: arm) == .known(1))
    #expect(separator.group(of: arm) == .known(1))
    var third = SyntheticTrace(.usGateway, repetition: 1, seed: 4)
    Self.honest(&third) { Self.prompt($0, apostrophe: "\u{02BC}", separator: "-") }
    let other = Arm(assignment: third.assignment, runs: [RunObservations(trace: third.trace)])
    #expect(apostrophe.group(of: other) == .other)
    #expect(separator.group(of: other) == .known(0))
  }
}
