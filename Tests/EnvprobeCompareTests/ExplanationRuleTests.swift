import EnvprobeModel
import Testing

@testable import EnvprobeCompare

/// Every rule's own examples, under the real comparison.
@Suite struct ExplanationRuleTests {
  static let names = ExplanationRule.all.map(\.name)

  private func candidates(_ example: @escaping ExplanationRule.Example) -> [Candidate] {
    Comparison(
      ExplanationRule.samplePlaces.map { place in
        Arm(
          assignment: place.assignment,
          runs: (1...2).map { RunObservations(trace: ExplanationRule.trace(of: example, in: place, repetition: $0)) })
      }
    ).candidates
  }

  @Test(arguments: names) func accountsForItsExample(_ name: String) throws {
    let rule = try #require(ExplanationRule.named(name))
    #expect(Set(ExplanationRule.samplePlaces.map(rule.expected)).count > 1, "it differs from place to place")
    let found = candidates(rule.expected)
    #expect(found.isEmpty, "\(found.map(\.main.values))")
  }

  @Test(arguments: names) func doesNotAccountForItsCounterexample(_ name: String) throws {
    let rule = try #require(ExplanationRule.named(name))
    #expect(!candidates(rule.unexplained).isEmpty)
  }

  @Test(arguments: names) func tellsWhatItDoes(_ name: String) throws {
    let rule = try #require(ExplanationRule.named(name))
    guard rule.rewrites else { return }
    let (us, cn) = (ExplanationRule.samplePlaces[0], ExplanationRule.samplePlaces[2])
    guard case .accounts = rule.outcome(before: rule.expected(us), us, after: rule.expected(cn), cn) else {
      Issue.record("\(rule.outcome(before: rule.expected(us), us, after: rule.expected(cn), cn))")
      return
    }
    if case .accounts = rule.outcome(before: rule.unexplained(us), us, after: rule.unexplained(cn), cn) {
      Issue.record("it accounts for \(rule.unexplained(us)) and \(rule.unexplained(cn))")
    }
  }

  @Test func namesAreDistinct() { #expect(Set(Self.names).count == Self.names.count) }
}
