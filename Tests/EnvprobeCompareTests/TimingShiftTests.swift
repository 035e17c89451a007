import EnvprobeModel
import Testing

@testable import EnvprobeCompare

@Suite struct TimingShiftTests {
  @Test func rankTestIsExact() {
    // Three above three: one way of twenty.
    #expect(abs(RankTest(high: [4, 5, 6], low: [1, 2, 3]).probability - 0.05) < 1e-12)
    #expect(abs(RankTest(high: [1, 2, 3], low: [4, 5, 6]).probability - 1) < 1e-12)
    #expect(abs(RankTest(high: [1, 1], low: [1, 1]).probability - 1) < 1e-12)
  }

  private static func behave(_ run: inout SyntheticTrace, jitter: Double, _ waits: (Assignment) -> Double) {
    run.print("first\n")
    run.wait(waits(run.assignment) + Double(run.chance.next() % 1000) / 1000 * jitter)
    run.request("GET", "https://api.example.org/a")
  }

  private static func isChina(_ assignment: Assignment) -> Double { assignment.timezone == "Asia/Shanghai" ? 0.4 : 0 }

  @Test func aWaitIsFound() throws {
    let arms = arms([.us, .de, .cn, .cnGateway], repeats: 5) { Self.behave(&$0, jitter: 0.05, Self.isChina) }
    let shift = try #require(TimingShift.screen(arms).first)
    #expect(shift.place == Place(.timing, "before GET api.example.org/a"))
    #expect(shift.levels.contains { $0.factor == .timezone })
    let fresh = EnvprobeCompareTests.arms([.cn, .us], repeats: 12, seed: 7) {
      Self.behave(&$0, jitter: 0.05, Self.isChina)
    }
    let finding = try #require(
      shift.finding(
        with: fresh[0].runs, without: fresh[1].runs, causes: [.timezone], tested: 2, reproduce: []))
    #expect(finding.channel == .timing)
    #expect(finding.frequency?.seen == 12)
    #expect(!finding.isDeciding)
    for (deciding, conclusion) in [
      (Report.Deciding.geographic, Report.Conclusion.same), (.timing, .different), (.any, .different),
    ] { #expect(Findings.conclusion([finding], runs: fresh[0].runs, deciding: deciding) == conclusion) }
  }

  @Test(arguments: UInt64(1)...20) func jitterIsNone(_ seed: UInt64) {
    let noisy = arms([.us, .de, .cn, .cnGateway], repeats: 5, seed: seed) { Self.behave(&$0, jitter: 2) { _ in 0 } }
    #expect(TimingShift.screen(noisy).isEmpty)
    // Within the noise, though it is always there.
    let small = arms([.us, .de, .cn, .cnGateway], repeats: 5, seed: seed) { Self.behave(&$0, jitter: 2, Self.isChina) }
    #expect(TimingShift.screen(small).isEmpty)
  }

  @Test func whatFreshRunsDoNotShowIsNone() throws {
    let arms = arms([.us, .de, .cn, .cnGateway], repeats: 5) { Self.behave(&$0, jitter: 0.05, Self.isChina) }
    let shift = try #require(TimingShift.screen(arms).first)
    let fresh = EnvprobeCompareTests.arms([.cn, .us], repeats: 12, seed: 7) {
      Self.behave(&$0, jitter: 0.05) { _ in 0 }
    }
    #expect(shift.probability(with: fresh[0].runs, without: fresh[1].runs, tested: 1) == nil)
  }
}
