import EnvprobeCompare
import EnvprobeModel

/// Where an inquiry has its runs from: a sandbox, or a library of made-up programs.
protocol ArmSource {
  /// The arms of the design, those without runs left out.
  func arms(of design: Design) -> [Arm]
  /// The arms that experiments made.
  func arms(beyond design: Design) -> [Arm]
  /// All runs of an assignment.
  func arm(of assignment: Assignment) -> Arm
  /// Makes the runs that are missing.
  mutating func make(
    _ experiments: [Experiment], in phase: MatrixEvent.Phase, tell: (MatrixEvent) -> Void) async throws
}

/// From the runs of a design to its findings: which further runs are wanted, and what they come to.
struct Inquiry {
  struct Conclusion {
    var findings: [Finding]
    /// The comparison that the findings were made from.
    var comparison: Comparison
  }

  let design: Design
  let command: [String]
  let limits: AttributionLimits
  let seed: UInt64
  /// How many fresh runs either side gets where a value came in some runs of one level only; 0: none is looked for.
  let rareRepeats: Int
  /// What `--clock` is, for the commands that reproduce what is found.
  var clock: String? = nil
  /// Whether durations are compared: a busy machine suggests many, and each takes dozens of runs to refute.
  var looksForDurations = false

  /// Asks for runs until the causes of everything that differs are known.
  func conclude(
    from source: inout some ArmSource, tell: (MatrixEvent) -> Void = { _ in }
  ) async throws -> Conclusion {
    var comparison = compared(source.arms(of: design))
    try await confirm(&comparison, from: &source, tell)
    var findings = try await study(&comparison, from: &source, tell)
    findings += try await suspicions(beside: findings, from: &source, tell)
    return Conclusion(findings: findings, comparison: comparison)
  }

  private func compared(_ arms: [Arm]) -> Comparison {
    isSweep ? Comparison(arms, tiers: [.trusted]) : Comparison(arms)
  }

  private var isSweep: Bool { design.kind.sweptFactor != nil }

  /// Repeats what stands on too few runs to be looked into.
  private func confirm(
    _ comparison: inout Comparison, from source: inout some ArmSource, _ tell: (MatrixEvent) -> Void
  ) async throws {
    for round in 0..<(isSweep ? SweepConfirmation.rounds : 1) {
      let wanted =
        isSweep
        ? SweepConfirmation(repeats: limits.screen).experiments(for: comparison, seed: seed &+ UInt64(round))
        : Confirmation.experiments(for: comparison, limits: limits)
      if wanted.isEmpty { return }
      try await source.make(wanted, in: .confirmation, tell: tell)
      comparison = compared(source.arms(of: design))
    }
  }

  /// Asks for runs until the causes are known. Where repeats contradict a difference, everything is compared anew with
  /// what they show: whatever varies between the repeats of any one assignment is masked in all of them.
  private func study(
    _ comparison: inout Comparison, from source: inout some ArmSource, _ tell: (MatrixEvent) -> Void
  ) async throws -> [Finding] {
    var told: Set<String> = []
    while true {
      var study = CauseStudy(
        design: design, comparison: comparison, command: command, clock: clock, limits: limits,
        isConsidered: isSweep ? SweepConfirmation.isConsidered : { _ in true })
      study.learn(source.arms(beyond: design))
      while true {
        let wanted = study.step()
        if wanted.isEmpty { break }
        study.attempt(wanted)
        try await source.make(wanted, in: .causes, tell: tell)
        study.learn(wanted.map { source.arm(of: $0.assignment) })
        for finding in study.newlyConfirmed() where told.insert(finding.id).inserted { tell(.confirmed(finding)) }
      }
      let known = source.arms(of: design)
      guard study.hasUnsettled, known.runCount > comparison.arms.runCount else { return study.findings() }
      comparison = compared(known)
    }
  }

  /// How many fresh runs decide of a field that is made otherwise: with it in all of one side and in none of the other,
  /// chance is less likely than one in a million.
  static let structureRepeats = 12

  /// Tries again, with fresh runs, what the strict comparison takes for chance: values that came in some runs of one level
  /// only, and fields that are made otherwise with some level.
  ///
  /// A program that does other work where a factor is set shows that in every number of its memory, too: what would only
  /// say once more that it is set is not tried.
  private func suspicions(
    beside findings: [Finding], from source: inout some ArmSource, _ tell: (MatrixEvent) -> Void
  ) async throws -> [Finding] {
    // A sweep has one run of most arms, which says nothing about chance.
    if isSweep { return [] }
    let arms = source.arms(of: design)
    let present = Set(findings.filter { $0.class == .presence }.flatMap { $0.causes.joined() })
    func isNew(_ one: some Suspicion) -> Bool {
      !one.isAboutPresence || !one.levels.contains { present.contains($0.factor) }
    }
    var found: [Finding] = []
    if rareRepeats > 0 {
      found += try await tried(
        RareValue.screen(arms).filter(isNew).prefix(RareValue.most), repeats: rareRepeats, from: &source, tell)
    }
    found += try await tried(
      NoisyCarrier.screen(arms).filter(isNew).prefix(NoisyCarrier.most),
      repeats: max(Self.structureRepeats, rareRepeats), from: &source, tell)
    guard looksForDurations else { return found }
    found += try await tried(
      TimingShift.screen(arms).filter(isNew).prefix(TimingShift.most), repeats: Self.structureRepeats, from: &source,
      tell)
    return found
  }

  private func tried(
    _ found: some Collection<some Suspicion>, repeats: Int, from source: inout some ArmSource,
    _ tell: (MatrixEvent) -> Void
  ) async throws -> [Finding] {
    let fresh = try await freshRuns(of: Set(found.flatMap { [$0.showing, $0.lacking] }), repeats, from: &source, tell)
    var findings: [Finding] = []
    for one in found {
      guard let with = fresh[one.showing], let without = fresh[one.lacking],
        one.probability(with: with, without: without, tested: found.count) != nil
      else { continue }
      let causes = try await causes(of: one, without: without, repeats, from: &source, tell)
      let finding = one.finding(
        with: with, without: without, causes: causes, tested: found.count,
        reproduce: Reproduction(
          baseline: one.lacking, other: one.showing, arms: design.profiles, command: command, clock: clock
        ).commands)
      if let finding { findings.append(finding) }
    }
    return findings
  }

  /// Which of the factors that go together in the design bring it about alone.
  private func causes(
    of one: some Suspicion, without: [RunObservations], _ repeats: Int, from source: inout some ArmSource,
    _ tell: (MatrixEvent) -> Void
  ) async throws -> [Factor] {
    if one.levels.count == 1 { return [one.levels[0].factor] }
    let fresh = try await freshRuns(of: Set(one.experiments.map(\.assignment)), repeats, from: &source, tell)
    return one.experiments.filter {
      one.probability(with: fresh[$0.assignment] ?? [], without: without, tested: one.levels.count) != nil
    }.map(\.factor)
  }

  private func freshRuns(
    of assignments: Set<Assignment>, _ repeats: Int, from source: inout some ArmSource, _ tell: (MatrixEvent) -> Void
  ) async throws -> [Assignment: [RunObservations]] {
    guard !assignments.isEmpty else { return [:] }
    let before = Dictionary(uniqueKeysWithValues: assignments.map { ($0, source.arm(of: $0).runs.count) })
    // In an order that does not depend on the hashes of this process.
    let ordered = assignments.sorted { "\(Self.text($0))" < "\(Self.text($1))" }
    try await source.make(
      ordered.map { Experiment(assignment: $0, repeats: before[$0]! + repeats) }, in: .confirmation, tell: tell)
    return Dictionary(
      uniqueKeysWithValues: assignments.map { ($0, Array(source.arm(of: $0).runs.dropFirst(before[$0]!))) })
  }

  private static func text(_ assignment: Assignment) -> String {
    assignment.factors.map { "\($0)=\(assignment[$0]!)" }.joined(separator: " ")
  }
}

/// Which arms need more repeats before a difference of theirs is looked into.
enum Confirmation {
  /// For each difference that is seen only at low-tier places, one arm of each behaviour, as often as a confirmation asks.
  static func experiments(for comparison: Comparison, limits: AttributionLimits) -> [Experiment] {
    var wanted: [Assignment] = []
    for candidate in comparison.candidates where candidate.tier == .low {
      for group in 0..<candidate.classCount {
        let arms = candidate.arms(in: group).map { comparison.arms[$0].assignment }
        guard let first = arms.first, !arms.contains(where: wanted.contains) else { continue }
        wanted.append(first)
      }
    }
    return wanted.map { Experiment(assignment: $0, repeats: limits.confirm) }
  }
}

extension [Arm] {
  fileprivate var runCount: Int { reduce(0) { $0 + $1.runs.count } }
}
