import EnvprobeModel

/// The table of what was run: a row for each assignment, a column for each factor that varies, and one for each finding
/// with the letter of the behaviour that the assignment shows.
struct Heatmap {
  struct Column {
    var number: Int
    var anchor: String
    var title: String
    var badgeClass: String
  }

  struct Level {
    var text: String
    /// Whether the row has it as the baseline does.
    var isBaseline: Bool
    var isUnset: Bool
  }

  struct Behaved {
    var letter: String
    var tone: String
    var title: String
  }

  struct Row {
    var name: String
    var isBaseline: Bool
    /// Whether no profile has this assignment: it was made to find a cause.
    var isExperiment: Bool
    var runs: String
    var levels: [Level]
    var behaviours: [Behaved]
  }

  var factors: [String]
  var columns: [Column]
  var hasColumns: Bool
  var rows: [Row]
  /// What is not in the table, in words.
  var remarks: [String]

  /// Columns beyond these would make a table that nobody reads; findings by weight come first.
  private static let shownColumns = 24
  private static let shownExperiments = 48

  init(_ report: Report, findings: [(number: Int, finding: Finding)]) {
    let shown = findings.filter { $0.finding.verdict != .expected }
    let columns = shown.prefix(Self.shownColumns).map {
      (number: $0.number, finding: $0.finding, behaviour: Behaviour($0.finding))
    }
    let experiments = Self.experiments(report)
    let assignments = report.profiles.map(\.factors) + experiments.map(\.assignment)
    let all = Set(assignments.flatMap(\.factors)).sorted()
    let varying = all.filter { factor in Set(assignments.map { $0[factor] }).count > 1 }
    let baseline = report.baselineProfile?.factors

    func row(_ name: String, _ assignment: Assignment, runs: Int, isExperiment: Bool) -> (Row, [Int]) {
      let parts = columns.map { $0.behaviour.number(of: assignment) }
      let row = Row(
        name: name, isBaseline: name == report.baseline && !isExperiment, isExperiment: isExperiment,
        runs: Quantity.grouped(runs),
        levels: varying.map { factor in
          let level = assignment[factor]
          return Level(
            text: level?.description ?? "unset", isBaseline: level == baseline?[factor], isUnset: level == nil)
        },
        behaviours: zip(columns, parts).map { Self.behaved($0.0.behaviour, number: $0.1) })
      return (row, parts.map { $0 ?? Int.max })
    }

    var counts: [String: Int] = [:]
    for run in report.runs { if let profile = run.profile { counts[profile, default: 0] += 1 } }
    var profiles = report.profiles.map {
      row($0.name, $0.factors, runs: counts[$0.name] ?? 0, isExperiment: false)
    }
    // Rows that behave alike stand together, the baseline's first.
    let first = profiles.first { $0.0.isBaseline }?.1 ?? []
    profiles.sort { a, b in
      if a.0.isBaseline != b.0.isBaseline { return a.0.isBaseline }
      if (a.1 == first) != (b.1 == first) { return a.1 == first }
      return a.1.lexicographicallyPrecedes(b.1)
    }
    let tried = experiments.prefix(Self.shownExperiments).map {
      row($0.name, $0.assignment, runs: $0.runs, isExperiment: true).0
    }

    factors = varying.map(\.name)
    self.columns = columns.map {
      Column(
        number: $0.number, anchor: Anchor.finding($0.finding.id), title: FindingText($0.finding).title,
        badgeClass: $0.finding.verdict == .inconclusive ? "inconclusive" : $0.finding.class.rawValue)
    }
    hasColumns = !columns.isEmpty
    rows = profiles.map(\.0) + tried
    remarks = Self.remarks(
      hiddenColumns: shown.count - columns.count, hiddenExperiments: experiments.count - tried.count,
      constant: all.filter { !varying.contains($0) }, of: assignments.first)
  }

  private static func behaved(_ behaviour: Behaviour, number: Int?) -> Behaved {
    guard let number else {
      return Behaved(letter: "·", tone: "none", title: "not told by the evidence")
    }
    let levels = behaviour.parts(number).map(FindingText.levels).joined(separator: " | ")
    return Behaved(letter: Behaviour.letter(number), tone: String(number % 8), title: levels)
  }

  private static func remarks(
    hiddenColumns: Int, hiddenExperiments: Int, constant: [Factor], of assignment: Assignment?
  ) -> [String] {
    var result: [String] = []
    if hiddenColumns > 0 { result.append("\(Quantity.count(hiddenColumns, "more finding")) without a column.") }
    if hiddenExperiments > 0 {
      result.append("\(Quantity.count(hiddenExperiments, "more assignment")) that were tried to find causes.")
    }
    let levels = constant.map { "\($0.name) \(assignment?[$0]?.description ?? "unset")" }
    if !levels.isEmpty { result.append("The same in every row: \(levels.joined(separator: "; ")).") }
    return result
  }

  /// The assignments that no profile has, in the order in which they were first run, named for what their runs' ids
  /// have in common.
  private static func experiments(_ report: Report) -> [(name: String, assignment: Assignment, runs: Int)] {
    var order: [(name: String, assignment: Assignment)] = []
    var runs: [Assignment: Int] = [:]
    for run in report.runs {
      guard run.profile == nil, let assignment = run.assignment else { continue }
      if runs[assignment] == nil {
        let suffix = "-\(run.repetition)"
        order.append((run.id.hasSuffix(suffix) ? String(run.id.dropLast(suffix.count)) : run.id, assignment))
      }
      runs[assignment, default: 0] += 1
    }
    return order.map { ($0.name, $0.assignment, runs[$0.assignment]!) }
  }
}
