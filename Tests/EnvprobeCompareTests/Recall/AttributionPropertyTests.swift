import EnvprobeModel
import Testing

@testable import EnvprobeCompare

/// What a finding claims of its causes, checked against the runs that are told for it and against the program itself.
@Suite struct AttributionPropertyTests {
  @Test(arguments: DishonestSubject.Shape.allCases.prefix(3))
  func causesAreSufficientAndMinimal(_ shape: DishonestSubject.Shape) async throws {
    for (number, subject) in DishonestSubject.subjects(shape, count: 3).enumerated() {
      let (findings, trial) = try await Trial.matrix(seed: UInt64(number + 40), behave: subject.behave)
      let finding = try #require(findings.first { $0.verdict == .unexplained }, "\(subject.testDescription)")
      let explanation = trial.explanation(of: finding)
      let cause = try #require(explanation.causes.first, "\(explanation.remarks)")
      #expect(Set(cause.factors) == Set(subject.factors), "\(subject.testDescription)")
      for step in cause.steps {
        let expected: FindingExplanation.Step.Shown = step.purpose == .sufficient ? .after : .before
        #expect(step.shown == expected, "\(subject.testDescription): \(step.purpose) \(step.factors)")
        #expect(step.runs.count >= 2, "\(subject.testDescription): \(step.purpose) \(step.factors)")
      }
      #expect(cause.steps.count { $0.purpose == .minimal } == subject.factors.count)
      #expect(!explanation.rules.contains { $0.outcome == .accounts })
      #expect(explanation.before.runs.count + explanation.after.runs.count >= 8)
    }
  }

  /// Profiles by other names, in another order but for the baseline: the same causes at the same places.
  @Test func namesAndOrderChangeNothing() async throws {
    let subject = DishonestSubject.subjects(.conjunctionOfTwo, count: 1)[0]
    let (first, _) = try await Trial.matrix(seed: 3, behave: subject.behave)
    let (second, _) = try await Trial.matrix(seed: 4, behave: subject.behave)
    #expect(first.map(\.id) == second.map(\.id))
    #expect(first.map(\.causes) == second.map(\.causes))
  }
}
