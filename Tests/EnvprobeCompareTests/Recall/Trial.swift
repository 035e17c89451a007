import EnvprobeModel

@testable import EnvprobeCompare
@testable import EnvprobeMatrix

/// A made-up program under the real pipeline: its runs are stored traces, everything else is what a matrix does.
struct Trial: ArmSource {
  let behave: @Sendable (inout SyntheticTrace) -> Void
  let seed: UInt64
  let repeats: Int
  let rareRepeats: Int
  private(set) var known: [Assignment: [RunObservations]] = [:]
  private var order: [Assignment] = []

  /// - Parameters:
  ///   - fraction: what `--power` would be given.
  ///   - looksForRare: whether what comes in some runs only is looked for, which takes many runs.
  init(
    seed: UInt64, fraction: Double = 1, looksForRare: Bool = true,
    behave: @escaping @Sendable (inout SyntheticTrace) -> Void
  ) {
    self.behave = behave
    self.seed = seed
    repeats = fraction < 1 ? DetectionPower.screeningRuns(for: fraction) : 2
    rareRepeats = fraction < 1 && looksForRare ? DetectionPower.confirmingRuns(for: fraction) : 0
  }

  var runCount: Int { known.values.reduce(0) { $0 + $1.count } }

  func arms(of design: Design) -> [Arm] {
    design.arms.compactMap { known[$0.assignment] == nil ? nil : arm(of: $0.assignment) }
  }

  func arms(beyond design: Design) -> [Arm] {
    order.filter { design.arm(of: $0) == nil }.map { arm(of: $0) }
  }

  func arm(of assignment: Assignment) -> Arm { Arm(assignment: assignment, runs: known[assignment] ?? []) }

  mutating func make(
    _ experiments: [Experiment], in phase: MatrixEvent.Phase, tell: (MatrixEvent) -> Void
  ) async throws {
    for experiment in experiments { make(experiment.assignment, repeats: experiment.repeats) }
  }

  private mutating func make(_ assignment: Assignment, repeats: Int) {
    if known[assignment] == nil { order.append(assignment) }
    let made = known[assignment]?.count ?? 0
    guard made < repeats else { return }
    for repetition in made + 1...repeats {
      var run = RecallWorld.run(assignment, repetition: repetition, seed: seed)
      behave(&run)
      known[assignment, default: []].append(RunObservations(trace: run.trace))
    }
  }

  /// The findings of a matrix over the library's profiles.
  static func findings(
    seed: UInt64, fraction: Double = 1, looksForRare: Bool = true,
    behave: @escaping @Sendable (inout SyntheticTrace) -> Void
  ) async throws -> (findings: [Finding], runs: Int) {
    let (findings, trial) = try await matrix(
      seed: seed, fraction: fraction, looksForRare: looksForRare, behave: behave)
    return (findings, trial.runCount)
  }

  static func matrix(
    seed: UInt64, fraction: Double = 1, looksForRare: Bool = true,
    behave: @escaping @Sendable (inout SyntheticTrace) -> Void
  ) async throws -> (findings: [Finding], trial: Trial) {
    var trial = Trial(seed: seed, fraction: fraction, looksForRare: looksForRare, behave: behave)
    for arm in RecallWorld.design.arms { trial.make(arm.assignment, repeats: trial.repeats) }
    let inquiry = Inquiry(
      design: RecallWorld.design, command: ["subject"], limits: AttributionLimits(), seed: seed,
      rareRepeats: trial.rareRepeats)
    let conclusion = try await inquiry.conclude(from: &trial)
    return (conclusion.findings, trial)
  }

  /// The way from the runs to a finding.
  func explanation(of finding: Finding) -> FindingExplanation {
    let manifests = known.flatMap { assignment, runs in
      runs.indices.map { (runs[$0].id, RecallWorld.run(assignment, repetition: $0 + 1, seed: seed).trace.manifest) }
    }
    let report = Report(
      tool: "test", subject: manifests[0].1.subject, baseline: "us", profiles: [], runs: [], findings: [finding],
      conclusion: .different, limits: [])
    return MatrixExplanation(
      design: RecallWorld.design, report: report, runs: order.flatMap { known[$0]! },
      manifests: Dictionary(uniqueKeysWithValues: manifests)
    ).explanation(of: finding)
  }
}

extension DishonestSubject {
  /// What became of a subject.
  enum Outcome: Sendable {
    /// Found, with the causes that it has.
    case found
    /// Found, with other causes, and which.
    case misattributed(String)
    case missed

    var isFound: Bool { if case .found = self { true } else { false } }
  }

  func judged(_ findings: [Finding]) -> Outcome {
    let unexplained = findings.filter { $0.verdict == .unexplained }
    if unexplained.isEmpty { return .missed }
    let isRight = unexplained.contains { finding in
      switch shape {
      case .constant, .conjunctionOfTwo, .conjunctionOfThree: Set(finding.causes.map(Set.init)) == [Set(factors)]
      // Seen from the baseline, either factor alone brings it about.
      case .exclusiveOr: finding.causes.allSatisfy { Set($0).isSubset(of: factors) }
      case .half, .quarter, .noisyCarrier: finding.causes.isEmpty || Set(finding.causes.map(Set.init)) == [Set(factors)]
      }
    }
    if isRight { return .found }
    return .misattributed(
      unexplained.map { "\($0.location): \($0.causes.map { $0.map(\.name).joined(separator: "+") })" }
        .joined(separator: "; "))
  }
}
