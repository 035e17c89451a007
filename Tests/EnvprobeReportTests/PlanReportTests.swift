import EnvprobeModel
import EnvprobeReport
import Testing

@Suite struct PlanReportTests {
  static let plan = MatrixPlan(
    tool: "envprobe 0.1.0",
    subject: Subject(
      argv: ["agent"], executable: .init(path: "/usr/bin/agent", sha256: String(repeating: "0", count: 64))),
    baseline: "us", profiles: [.init(name: "us", factors: Assignment([.timezone: .timezone("America/New_York")]))],
    design: .init(
      kind: "pairwise", seed: 7, repeats: 2, factors: [.timezone, .endpoint],
      assignments: [
        .init(
          name: "p02",
          factors: Assignment([
            .timezone: .timezone("Asia/Tokyo"), .endpoint: .endpoint("https://gw.example.com"),
          ]))
      ],
      detects: "Whatever two levels or fewer bring about together.", misses: "What needs three.",
      power: .init(confidence: 0.95, fraction: 0.777)),
    runs: [
      .init(id: "us-1", assignment: "us", repetition: 1), .init(id: "p02-1", assignment: "p02", repetition: 1),
    ], further: .init(quiet: 2, settling: 16, assignments: 96), jobs: 2,
    estimate: .init(basis: .stored, run: 0.7, total: 12.6), budget: 60,
    cuts: ["Each assignment runs 2 times and not 5."])

  @Test func text() {
    #expect(
      PlanReport(Self.plan).text(options: .init(width: 100, verbosity: .verbose)) == """
        plan    pairwise: 2 assignments over timezone and endpoint, 2 runs in mixed order, seed 7
        first   us against itself until 2 runs in a row bring nothing new: 3 to 16 runs
        then    where something differs, repeats of it and up to 96 further assignments for its cause
        time    about 13 s, 2 at a time, 0.70 s a run as in earlier runs of it, within a budget of 1 min 0 s
        finds   Whatever two levels or fewer bring about together.
                Seen with 95 % in an assignment: what shows in 78 % of its runs or more.
        misses  What needs three.
        cut     Each assignment runs 2 times and not 5.

        ASSIGNMENTS  what each changes against us
          us   timezone America/New_York
          p02  timezone Asia/Tokyo · endpoint https://gw.example.com

        """)
  }

  @Test func jsonHoldsToItsSchema() throws {
    let texts = [try PlanReport(Self.plan).json()]
    #expect(try Validator.check(.plan, instances: texts) == [""])
    let broken = texts[0].replacing("\"quiet\" : 2", with: "\"quiet\" : \"two\"")
    #expect(try Validator.check(.plan, instances: [broken])[0].contains("two"))
  }
}
