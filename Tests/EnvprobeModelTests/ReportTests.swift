import EnvprobeModel
import Foundation
import Testing

@Suite struct ReportTests {
  static let subject = Subject(
    argv: ["claude", "-p", "hi"], executable: .init(path: "/opt/claude", sha256: String(repeating: "a", count: 64)))

  static let manifest = RunManifest(
    tool: "envprobe 0.1.0", subject: subject, profile: "cn-corp", assignment: ProfileParserTests.completeAssignment,
    repetition: 2, started: "2026-06-30T04:00:00Z",
    surroundings: Surroundings(
      environment: [.init(name: "TZ", value: "Asia/Shanghai", factor: .timezone), .init(name: "TERM", value: "dumb")],
      home: "/home/zhang", workingDirectory: "/work", user: "zhang", hostname: "dev", utcOffset: 28800,
      zoneAbbreviation: "CST"),
    exit: Exit(status: 0, wall: 1.5), complete: false, gaps: [Gap(kind: .wire, detail: "x")], counts: ["dns": 3])

  static let report = Report(
    tool: "envprobe 0.1.0", subject: subject, baseline: "us",
    profiles: [
      .init(name: "us", factors: Assignment([.timezone: .timezone("America/New_York")])),
      .init(name: "cn-corp", factors: ProfileParserTests.completeAssignment),
    ],
    runs: [
      .init(
        id: "us-1", profile: "us", assignment: nil, repetition: 1, exit: Exit(status: 0, wall: 1), complete: true,
        gaps: [], bundle: "runs/us-1"),
      .init(
        id: "x-1", profile: nil, assignment: ProfileParserTests.completeAssignment, repetition: 1, exit: nil,
        complete: false, gaps: [.init(kind: .timeout, detail: "120 s", host: nil)], bundle: "runs/x-1"),
    ],
    findings: [
      Finding(
        id: "f1", verdict: .unexplained, class: .geographic, channel: .http, location: "POST a /b body.c",
        kind: .changed,
        causes: [[.endpoint], [.timezone, .variable("X")]],
        partition: [
          .init(levels: ["endpoint": [nil, "https://a"]], value: "x"), .init(levels: ["endpoint": ["b"]], value: nil),
        ],
        locations: [.init(channel: .http, location: "POST a /b body.c", kind: .appears, before: nil, after: "y")],
        differences: [
          .init(
            kind: "text", before: "x", after: "y", prefix: "<", suffix: ">",
            codepoints: .init(before: ["U+0078"], after: []))
        ], evidence: ["us-1"], reproduce: [["envprobe", "run"]], note: "n")
    ],
    conclusion: .different, limits: ["l"])

  @Test func manifestWrittenAndReadBackIsTheSame() throws {
    #expect(try JSONDecoder().decode(RunManifest.self, from: JSONEncoder().encode(Self.manifest)) == Self.manifest)
  }

  @Test func reportWrittenAndReadBackIsTheSame() throws {
    #expect(try JSONDecoder().decode(Report.self, from: JSONEncoder().encode(Self.report)) == Self.report)
  }

  @Test func bearsTheDocumentedKeys() throws {
    let json = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(Self.report)) as? [String: Any])
    #expect(
      Set(json.keys) == [
        "schema", "tool", "subject", "baseline", "profiles", "runs", "findings", "conclusion", "limits",
      ])
    let finding = try #require((json["findings"] as? [[String: Any]])?.first)
    #expect(
      Set(finding.keys) == [
        "id", "verdict", "class", "channel", "location", "kind", "causes", "partition", "locations", "differences",
        "evidence", "reproduce", "note",
      ])
    #expect(finding["causes"] as? [[String]] == [["endpoint"], ["timezone", "env.X"]])
    let run = try #require((json["runs"] as? [[String: Any]])?.first)
    #expect(run["repeat"] as? Int == 1)
  }

  @Test func decidesByVerdictAndClass() {
    var finding = Self.report.findings[0]
    #expect(finding.isDeciding)
    finding.class = .undetermined
    #expect(finding.isDeciding)
    finding.class = .presence
    #expect(!finding.isDeciding)
    finding.class = .geographic
    finding.verdict = .expected
    #expect(!finding.isDeciding)
    #expect(Finding.Class.allCases.sorted() == [.geographic, .undetermined, .presence])
  }
}
