import EnvprobeModel

/// Which levels of a cause's factors behave alike: what decides whether a finding is about a place or only about
/// something being set at all.
///
/// For each factor of the cause, the levels that the design offers are tried in turn, with the other factors of the
/// cause at the levels that bring the difference about and everything else as in the baseline.
public struct LevelTable: Hashable, Sendable {
  public struct Row: Hashable, Sendable {
    /// The factor that was varied.
    public var factor: Factor
    /// The levels of all factors of the cause; `nil` is unset.
    public var levels: [Factor: Level?]
    /// The assignment whose runs tell.
    public var assignment: Assignment
    /// What they show of each candidate that was asked for.
    public var showings: [Candidate.ID: Showing]

    public init(
      factor: Factor, levels: [Factor: Level?], assignment: Assignment, showings: [Candidate.ID: Showing] = [:]
    ) {
      self.factor = factor
      self.levels = levels
      self.assignment = assignment
      self.showings = showings
    }
  }

  public var cause: [Factor]
  public var rows: [Row]
  /// The factors of which some levels were left out to stay within the limit.
  public var truncated: [Factor]

  /// The rows to fill in.
  ///
  /// The level of the baseline, the level of the other side and, for a factor that a machine may lack altogether,
  /// "unset" are always there; then as many of the design's other levels as the limit allows, in its order.
  /// - Parameter maximumLevels: levels per factor.
  public init(cause: [Factor], baseline: Assignment, other: Assignment, design: Design, maximumLevels: Int = 8) {
    self.cause = cause
    rows = []
    truncated = []
    let context = baseline.taking(cause, from: other)
    for factor in cause {
      var levels: [Level?] = [baseline[factor], other[factor]]
      if !factor.isAlwaysPresent { levels.append(nil) }
      levels += design.levels(of: factor)
      var seen: Set<Level?> = []
      levels = levels.filter { seen.insert($0).inserted }
      if levels.count > maximumLevels { truncated.append(factor) }
      for level in levels.prefix(maximumLevels) {
        var assignment = context
        assignment[factor] = level
        let all = Dictionary(uniqueKeysWithValues: cause.map { ($0, assignment[$0]) })
        rows.append(Row(factor: factor, levels: all, assignment: assignment))
      }
    }
  }

  /// The runs that the rows rest on. Those that exist need not be made again.
  public func experiments(repeats: Int) -> [Experiment] {
    var seen: Set<Assignment> = []
    return rows.map(\.assignment).filter { seen.insert($0).inserted }
      .map { Experiment(assignment: $0, repeats: repeats) }
  }

  /// The table with what its assignments show.
  public func filled(from evidence: [Assignment: Evidence]) -> LevelTable {
    var result = self
    for index in rows.indices { result.rows[index].showings = evidence[rows[index].assignment]?.showings ?? [:] }
    return result
  }
}
