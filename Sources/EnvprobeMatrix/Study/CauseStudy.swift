import EnvprobeCompare
import EnvprobeModel

/// Finds out by experiment what the differences between the profiles depend on.
///
/// ``step()`` says which runs it wants next; ``learn(_:)`` takes in what they show. When it wants none, ``findings()``
/// has the result. It does nothing itself, so that it can be tested with invented runs.
struct CauseStudy {
  private enum Stage { case causes, levels, done }

  let design: Design
  let comparison: Comparison
  let command: [String]
  /// What the clocks of the runs showed: an instant, or `host`; `nil` where that is not known.
  let clock: String?
  private(set) var cases: [DifferenceCase]
  /// Every arm there is, the design's first.
  private(set) var arms: [Arm]
  private var stage = Stage.causes
  private var attributions: [Candidate.ID: Attribution] = [:]
  private var limits: AttributionLimits
  /// The cases that ``newlyConfirmed()`` has told of.
  private var asked: Set<String> = []

  /// - Parameters:
  ///   - comparison: of the design's runs, one arm for each assignment in the design's order.
  ///   - isConsidered: which of its differences to look into.
  init(
    design: Design, comparison: Comparison, command: [String], clock: String? = nil,
    limits: AttributionLimits = AttributionLimits(),
    isConsidered: (EnvprobeCompare.Candidate) -> Bool = { _ in true }
  ) {
    self.design = design
    self.comparison = comparison
    self.command = command
    self.clock = clock
    self.limits = limits
    arms = comparison.arms
    cases = comparison.candidates.filter(isConsidered).enumerated().map {
      DifferenceCase(id: "d\($0 + 1)", candidate: $1)
    }
    for arm in arms { take(arm) }
  }

  /// The runs that are wanted next, those that exist included; empty when the study is done.
  mutating func step() -> [Experiment] {
    // What levels showed may have cut a difference into parts, which have causes of their own.
    if stage == .levels, questions.contains(where: { attributions[$0.id] == nil }) { stage = .causes }
    if stage == .causes {
      var investigation = Investigation(questions, known: evidence, limits: limits)
      let wanted = investigation.experiments()
      attributions = investigation.attributions
      if !wanted.isEmpty { return wanted }
      stage = .levels
    }
    if stage == .levels {
      let wanted = unansweredLevels
      if !wanted.isEmpty { return wanted }
      stage = .done
    }
    return []
  }

  /// Takes in arms that are new or have grown. An assignment of which no run could be made is an arm without runs.
  mutating func learn(_ new: [Arm]) {
    for arm in new {
      if let index = arms.firstIndex(where: { $0.assignment == arm.assignment }) {
        arms[index] = arm
      } else {
        arms.append(arm)
        limits.assignments -= 1
      }
      take(arm)
    }
  }

  /// Settles for what the runs that are there can tell: the causes that their assignments decide; elsewhere all factors
  /// together in which the two sides differ least.
  ///
  /// - Parameter confirmation: how many runs of each side it takes to believe what is seen only where runs differ by
  ///   themselves; what has fewer is left out.
  /// - Returns: how many differences were left out.
  mutating func useOnlyWhatIsThere(confirmation: Int) -> Int {
    let count = cases.count
    cases.removeAll { one in
      one.candidate.tier == .low
        && (0..<one.candidate.classCount).contains { group in
          one.candidate.arms(in: group).map { comparison.arms[$0].runs.count }.reduce(0, +) < confirmation
        }
    }
    var investigation = Investigation(questions, known: evidence, limits: limits)
    _ = investigation.experiments()
    attributions = investigation.attributions
    for question in questions {
      if case .found? = attributions[question.id] { continue }
      let nearest = question.others.min {
        question.baseline.differingFactors(from: $0).count < question.baseline.differingFactors(from: $1).count
      }
      guard let nearest else { continue }
      attributions[question.id] = .found(
        .init(
          sets: [question.baseline.differingFactors(from: nearest)], baseline: question.baseline, other: nearest,
          isNecessary: false, exceptions: [], evidence: [question.baseline, nearest]))
    }
    stage = .done
    return count - cases.count
  }

  private mutating func take(_ arm: Arm) {
    guard !arm.runs.isEmpty else { return }
    cases = cases.flatMap { $0.learning(from: arm) }
  }

  private var questions: [Candidate] { cases.flatMap { $0.questions(arms: comparison.arms) } }

  private var evidence: [Assignment: Evidence] {
    var result: [Assignment: Evidence] = [:]
    for arm in arms {
      let showings = cases.reduce(into: [:]) { $0.merge($1.showings(under: arm.assignment)) { $1 } }
      result[arm.assignment] = Evidence(
        repeats: max(arm.runs.count, attempted[arm.assignment] ?? 0), showings: showings)
    }
    return result
  }

  /// How many runs were asked for, by assignment: runs that cannot be had are not asked for again.
  private var attempted: [Assignment: Int] = [:]

  /// Notes that experiments were tried, whatever came of them.
  mutating func attempt(_ experiments: [Experiment]) {
    for experiment in experiments {
      attempted[experiment.assignment] = max(attempted[experiment.assignment] ?? 0, experiment.repeats)
      if !arms.contains(where: { $0.assignment == experiment.assignment }) {
        arms.append(Arm(assignment: experiment.assignment, runs: []))
        limits.assignments -= 1
      }
    }
  }

  // MARK: Levels

  /// The tables of levels of every cause that was found.
  private var tables: [LevelTable] {
    var seen: Set<[Assignment]> = []
    return attributions.values.flatMap { attribution -> [LevelTable] in
      guard case .found(let causes) = attribution else { return [] }
      return causes.sets.map {
        LevelTable(cause: $0, baseline: causes.baseline, other: causes.other, design: design)
      }
    }.filter { seen.insert($0.rows.map(\.assignment)).inserted }
  }

  private var unansweredLevels: [Experiment] {
    let known = evidence
    var seen: Set<Assignment> = []
    return tables.flatMap { $0.experiments(repeats: limits.screen) }.filter { experiment in
      (known[experiment.assignment]?.repeats ?? 0) < experiment.repeats && seen.insert(experiment.assignment).inserted
    }
  }

  // MARK: Findings

  /// Whether a difference at a trusted place was left without causes. Repeats may have shown that it is chance, which
  /// a comparison of more runs would have masked.
  var hasUnsettled: Bool {
    cases.contains { one in
      one.candidate.tier == .trusted
        && one.questions(arms: comparison.arms).contains { question in
          if case .unresolved? = attributions[question.id] { true } else { false }
        }
    }
  }

  /// What has come to be known since this was asked last: findings whose causes experiments have confirmed. Which places and
  /// levels belong to them is not settled before ``findings()``.
  mutating func newlyConfirmed() -> [Finding] {
    let settled = cases.filter { one in
      !asked.contains(one.id)
        && (1..<max(one.candidate.classCount, 1)).allSatisfy { group in
          if case .found? = attributions[one.questionID(group)] { true } else { false }
        }
    }
    asked.formUnion(settled.map(\.id))
    return Findings.findings(of: settled.compactMap(attribution(of:))).filter { $0.verdict == .unexplained }
  }

  /// What was found, for a study that wants no further runs.
  func findings() -> [Finding] {
    Findings.findings(of: cases.compactMap(attribution(of:)))
  }

  /// What led to a finding: a difference, what was found of its causes, and what each assignment shows of it.
  struct Trail {
    var candidate: EnvprobeCompare.Candidate
    var causes: [Attribution.Causes]
    fileprivate var groups: [Assignment: (runs: Int, group: DifferenceCase.Group)]

    func shown(under assignment: Assignment) -> FindingExplanation.Step.Shown {
      switch groups[assignment]?.group {
      case .known(0): .before
      case .known(1): .after
      case .known, .other: .another
      case .unstable: .unstable
      case nil: .nothing
      }
    }
  }

  /// `nil` where no difference of this study leads to the finding.
  func trail(of finding: Finding) -> Trail? {
    for one in cases {
      guard let attribution = attribution(of: one), Findings.findings(of: [attribution]).first?.id == finding.id
      else { continue }
      let causes = (1..<max(one.candidate.classCount, 1)).compactMap { group -> Attribution.Causes? in
        if case .found(let causes)? = attributions[one.questionID(group)] { causes } else { nil }
      }
      return Trail(candidate: one.candidate, causes: causes, groups: one.groups)
    }
    return nil
  }

  /// `nil` where a difference did not hold: seen only where runs differ by themselves, and not again.
  private func attribution(of one: DifferenceCase) -> EnvprobeCompare.Attribution? {
    let groups = 1..<max(one.candidate.classCount, 1)
    let results = groups.map { ($0, attributions[one.questionID($0)]) }
    var sets: Set<[Factor]> = []
    var doubts: [String] = []
    var proof: Set<Assignment> = []
    var pair: (baseline: Assignment, other: Assignment)?
    for (group, result) in results {
      switch result {
      case .found(let causes):
        sets.formUnion(causes.sets)
        proof.formUnion(causes.evidence)
        if pair == nil, let set = causes.sets.first { pair = (causes.baseline, causes.smallest(set)) }
      case .unresolved(let reason): doubts.append(reason)
      case nil: doubts.append("the causes of behaviour \(group) were not looked for")
      }
    }
    if sets.isEmpty, one.candidate.tier == .low { return nil }
    // A behaviour with a cause that was found is a finding, even where another behaviour at the same place has none.
    let doubt = comparison.doubt(about: one.candidate) ?? (sets.isEmpty ? doubts.first : nil)
    let showing = arms.filter { arm in
      guard case .known(let group)? = one.groups[arm.assignment]?.group else { return false }
      return proof.contains(arm.assignment) || (proof.isEmpty && (group > 0 || arm.assignment == pair?.baseline))
    }
    let sides =
      pair ?? one.questions(arms: comparison.arms).first.map { ($0.baseline, $0.others[0]) }
    return EnvprobeCompare.Attribution(
      candidate: one.candidate, causes: Self.minimal(sets), outcomes: outcomes(of: one),
      evidence: showing.flatMap(\.runs).map(\.id),
      reproduce: sides.map {
        Reproduction(baseline: $0.baseline, other: $0.other, arms: design.profiles, command: command, clock: clock)
          .commands
      } ?? [], doubt: doubt)
  }

  /// Without the sets that hold another: a third behaviour may need more than the second, but for "does it differ at all"
  /// the smaller set is the cause.
  private static func minimal(_ sets: Set<[Factor]>) -> [[Factor]] {
    sets.filter { set in !sets.contains { $0 != set && Set($0).isStrictSubset(of: set) } }
      .sorted { $0.lexicographicallyPrecedes($1) }
  }

  private func outcomes(of one: DifferenceCase) -> [EnvprobeCompare.Attribution.Outcome] {
    arms.compactMap { arm in
      guard let run = arm.runs.first, let known = one.groups[arm.assignment] else { return nil }
      let group: Int? = if case .known(let number) = known.group { number } else { nil }
      return .init(assignment: arm.assignment, group: group, utcOffset: run.utcOffset)
    }
  }
}
