import EnvprobeModel
import Testing

@testable import EnvprobeCompare

@Suite struct RareValueTests {
  @Test func fishersExactTest() {
    // Fisher's tea: 3 of 4 cups right is 17/70.
    #expect(abs(ExactTest(seen: 3, of: 4, othersSeen: 1, of: 4).probability - 17.0 / 70) < 1e-9)
    #expect(abs(ExactTest(seen: 4, of: 4, othersSeen: 0, of: 4).probability - 1.0 / 70) < 1e-9)
    #expect(abs(ExactTest(seen: 0, of: 5, othersSeen: 3, of: 5).probability - 1) < 1e-9)
  }

  /// A line that comes in every other run behind a certain endpoint.
  private static func sometimes(_ run: inout SyntheticTrace, _ test: (Assignment) -> Bool) {
    let number = run.repetition
    run.print("always\n")
    if test(run.assignment), number % 2 == 0 { run.print("sometimes\n") }
  }

  @Test func aTriggerByChanceIsFound() throws {
    let places: [SyntheticPlace] = [.us, .usGateway, .cnCorp]
    let corp = SyntheticPlace.cnCorp.assignment.endpoint
    let found = RareValue.screen(arms(places, repeats: 11) { Self.sometimes(&$0) { $0.endpoint == corp } })
    let first = try #require(found.first)
    #expect(first.value == "sometimes")
    #expect(first.showing == SyntheticPlace.cnCorp.assignment)
    #expect(first.levels.contains { $0.factor == .endpoint })
    let fresh = arms([.cnCorp, .us], repeats: 24, seed: 9) { Self.sometimes(&$0) { $0.endpoint == corp } }
    let finding = try #require(
      first.finding(
        with: fresh[0].runs, without: fresh[1].runs, causes: [.endpoint], tested: found.count, reproduce: []))
    #expect(finding.frequency?.seen == 12)
    #expect(finding.frequency?.othersRuns == 24)
    #expect(finding.kind == .appears)
  }

  @Test func chanceEverywhereIsNone() {
    let everywhere = arms([.us, .usGateway, .cnCorp], repeats: 11) { Self.sometimes(&$0) { _ in true } }
    #expect(RareValue.screen(everywhere).isEmpty)
    let constant = arms([.us, .usGateway, .cnCorp], repeats: 5) { run in
      run.print(run.assignment.endpoint == nil ? "a\n" : "b\n")
    }
    #expect(RareValue.screen(constant).isEmpty)
  }

  @Test func whatDoesNotComeAgainIsNone() throws {
    let corp = SyntheticPlace.cnCorp.assignment.endpoint
    let first = try #require(
      RareValue.screen(
        arms([.us, .cnCorp], repeats: 11) { Self.sometimes(&$0) { $0.endpoint == corp } }
      ).first)
    let fresh = arms([.cnCorp, .us], repeats: 24, seed: 9) { Self.sometimes(&$0) { _ in false } }
    #expect(
      first.finding(with: fresh[0].runs, without: fresh[1].runs, causes: [.endpoint], tested: 1, reproduce: []) == nil)
  }
}
