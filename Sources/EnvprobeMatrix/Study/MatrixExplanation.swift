import EnvprobeCompare
import EnvprobeModel

/// Goes the way from the stored runs of a matrix to a finding once more, and tells every step of it.
public struct MatrixExplanation {
  private let report: Report
  private let design: Design
  private let runs: [RunObservations]
  private let manifests: [String: RunManifest]

  init(design: Design, report: Report, runs: [RunObservations], manifests: [String: RunManifest]) {
    self.design = design
    self.report = report
    self.runs = runs
    self.manifests = manifests
  }

  public func explanation(of finding: Finding) -> FindingExplanation {
    let all = Arm.arms(of: runs)
    let arms = design.arms.compactMap { arm in all.first { $0.assignment == arm.assignment } }
    let isSweep = design.kind.sweptFactor != nil
    let comparison = isSweep ? Comparison(arms, tiers: [.trusted]) : Comparison(arms)
    var study = CauseStudy(
      design: design, comparison: comparison, command: report.subject.argv,
      isConsidered: isSweep ? SweepConfirmation.isConsidered : { _ in true })
    study.learn(all.filter { design.arm(of: $0.assignment) == nil })
    _ = study.step()
    var explanation = FindingExplanation(
      finding: finding, runs: arms.reduce(0) { $0 + $1.runs.count }, assignments: arms.count,
      repeats: arms.map(\.runs.count).min() ?? 0, before: .init(text: nil, assignments: [], runs: []),
      after: .init(text: nil, assignments: [], runs: []), rules: [], causes: [],
      remarks: finding.note.map { ["The report notes: \($0)."] } ?? [])
    guard let trail = study.trail(of: finding) else {
      explanation.remarks.append(
        finding.frequency == nil
          ? "The stored runs do not lead to this finding any more: runs were added or lost since the report was made."
          : "It rests on how often something was seen, with Fisher's exact test, and not on a constant difference.")
      return explanation
    }
    let aspect = trail.candidate.main
    let sides = [0, min(1, aspect.values.count - 1)].map { side(of: aspect, $0, in: comparison) }
    (explanation.before, explanation.after) = (sides[0].side, sides[1].side)
    if let (before, after) = sides[0].run.flatMap({ a in sides[1].run.map { (a, $0) } }) {
      explanation.rules = trials(explanation.before.text ?? "", before, explanation.after.text ?? "", after)
    }
    explanation.causes = trail.causes.flatMap { causes in causes.sets.map { cause($0, of: causes, trail, all) } }
    explanation.remarks += trail.causes.compactMap(\.note).map { "Note that \($0)." }
    return explanation
  }

  /// The arms of one behaviour, and a run of it.
  private func side(
    of aspect: Aspect, _ group: Int, in comparison: Comparison
  ) -> (side: FindingExplanation.Side, run: RunManifest?) {
    let indices = aspect.classes.indices.filter { aspect.classes[$0] == group }
    let arms = indices.map { comparison.arms[$0] }
    let side = FindingExplanation.Side(
      text: indices.first.flatMap { aspect.text(inArm: $0) },
      assignments: arms.map { design.arm(of: $0.assignment)?.name ?? "" }, runs: arms.flatMap(\.runs).map(\.id))
    return (side, arms.first?.runs.first.flatMap { manifests[$0.id] })
  }

  private func trials(
    _ before: String, _ beforeRun: RunManifest, _ after: String, _ afterRun: RunManifest
  ) -> [FindingExplanation.Trial] {
    ExplanationRule.all.map { rule in
      let (outcome, replaced): (FindingExplanation.Trial.Outcome, [String]) =
        switch rule.outcome(before: before, beforeRun, after: after, afterRun) {
        case .accounts(let replaced): (.accounts, replaced)
        case .notEnough(let replaced): (.notEnough, replaced)
        case .nothingFound: (.nothingFound, [])
        case .comparesAllRuns: (.comparesAllRuns, [])
        }
      return .init(rule: rule.name, summary: rule.summary, outcome: outcome, replaced: replaced)
    }
  }

  private func cause(
    _ set: [Factor], of causes: Attribution.Causes, _ trail: CauseStudy.Trail, _ arms: [Arm]
  ) -> FindingExplanation.Cause {
    func step(_ purpose: FindingExplanation.Step.Purpose, _ factors: [Factor]) -> FindingExplanation.Step {
      let assignment = causes.smallest(factors)
      return .init(
        purpose: purpose, factors: factors, shown: trail.shown(under: assignment),
        runs: arms.first { $0.assignment == assignment }?.runs.map(\.id) ?? [])
    }
    // The other side without one factor of the cause: where no other cause is left, one such run tells.
    let differing = causes.baseline.differingFactors(from: causes.other)
    let necessary = set.map { one in step(.necessary, differing.filter { $0 != one }) }.filter { !$0.runs.isEmpty }
    return .init(
      factors: set,
      steps: [step(.sufficient, set)] + set.map { one in step(.minimal, set.filter { $0 != one }) } + necessary)
  }
}
