/// Few rows in which every wanted combination of levels occurs.
///
/// Made greedily, one row at a time out of several that are tried (AETG; Cohen, Dalal, Fredman and Patton, 1997), and
/// then made smaller: a row is taken out, and what it alone held is brought into the others by tabu search (Nurmela,
/// 2004), as long as that succeeds within a fixed amount of work. All choices come from the seed, and the work is counted
/// in steps and not in seconds: the same problem and seed give the same array on every machine.
public struct CoveringArray: Hashable, Sendable {
  public let problem: CoveringProblem
  /// Levels by factor; the rows that were required come first.
  public private(set) var rows: [[Int]]

  /// - Parameters:
  ///   - required: rows that must be there, such as the baseline.
  ///   - effort: how many steps the search for a smaller array may take.
  /// - Returns: `nil` where the constraints leave no row at all, or forbid a required one.
  public init?(_ problem: CoveringProblem, required: [[Int]] = [], seed: UInt64, effort: Int = 12_000) {
    self.problem = problem
    guard required.allSatisfy(problem.allows),
      problem.canComplete(Array(repeating: -1, count: problem.levels.count))
    else { return nil }
    var generator = SeededGenerator(seed: seed)
    var table = CoverageTable(problem)
    rows = required
    for row in required { table.add(row) }
    while !table.missing.isEmpty {
      let row = Self.bestRow(table, &generator)
      table.add(row)
      rows.append(row)
    }
    shrink(&table, fixed: required.count, effort: effort, &generator)
  }

  /// Whether every wanted combination that the constraints allow is in some row.
  public var isComplete: Bool {
    var table = CoverageTable(problem)
    for row in rows { table.add(row) }
    return table.missing.isEmpty
  }

  /// How many combinations there are to cover: those that no constraint rules out.
  public var combinations: Int { CoverageTable(problem).missing.count }

  // MARK: Rows one by one

  private static let attempts = 24

  private static func bestRow(_ table: CoverageTable, _ generator: inout SeededGenerator) -> [Int] {
    var best: (row: [Int], gain: Int)?
    for _ in 0..<attempts {
      let row = candidate(table, &generator)
      var gain = 0
      var partial = Array(repeating: -1, count: row.count)
      for factor in row.indices {
        partial[factor] = row[factor]
        gain += table.gain(partial, factor: factor)
      }
      if gain > (best?.gain ?? 0) { best = (row, gain) }
    }
    return best!.row
  }

  /// A row around one missing combination, each further level the one that brings in most.
  private static func candidate(_ table: CoverageTable, _ generator: inout SeededGenerator) -> [Int] {
    let problem = table.problem
    var row = Array(repeating: -1, count: problem.levels.count)
    let start = table.missing[generator.number(below: table.missing.count)]
    for choice in table.choices(of: start) { row[choice.factor] = choice.level }
    for factor in generator.shuffled(Array(row.indices)) where row[factor] < 0 {
      var best: (levels: [Int], gain: Int) = ([], -1)
      for level in 0..<problem.levels[factor] {
        row[factor] = level
        if !problem.forbidden.isEmpty, !problem.canComplete(row) { continue }
        let gain = table.gain(row, factor: factor)
        if gain > best.gain { best = ([level], gain) } else if gain == best.gain { best.levels.append(level) }
      }
      row[factor] = best.levels[generator.number(below: best.levels.count)]
    }
    return row
  }

  // MARK: Fewer rows

  private mutating func shrink(
    _ table: inout CoverageTable, fixed: Int, effort: Int, _ generator: inout SeededGenerator
  ) {
    var remaining = effort
    while rows.count > max(fixed, 1), remaining > 0 {
      let saved = (rows, table)
      let weakest = (fixed..<rows.count).min { table.unique(rows[$0]) < table.unique(rows[$1]) }!
      table.remove(rows[weakest])
      rows.remove(at: weakest)
      if repair(&table, fixed: fixed, steps: &remaining, &generator) { continue }
      (rows, table) = saved
      return
    }
  }

  /// Brings what is missing into the rows that are there, by one level of one row at a time.
  private mutating func repair(
    _ table: inout CoverageTable, fixed: Int, steps: inout Int, _ generator: inout SeededGenerator
  ) -> Bool {
    struct Move: Hashable {
      var row: Int
      var factor: Int
      var level: Int
    }
    /// The step at which a level that was given up may be taken again.
    var tabu: [Move: Int] = [:]
    while !table.missing.isEmpty {
      guard steps > 0 else { return false }
      steps -= 1
      let wanted = table.choices(of: table.missing[generator.number(below: table.missing.count)])
      var best: (moves: [Move], cost: Int) = ([], .max)
      for index in fixed..<rows.count {
        let differing = wanted.filter { rows[index][$0.factor] != $0.level }
        guard differing.count == 1, let choice = differing.first else { continue }
        let move = Move(row: index, factor: choice.factor, level: choice.level)
        if let end = tabu[move], steps > end { continue }
        let cost = table.cost(of: &rows[index], factor: choice.factor, level: choice.level)
        if cost <= best.cost, allows(move.row, move.factor, move.level) {
          if cost < best.cost { best = ([move], cost) } else { best.moves.append(move) }
        }
      }
      if best.moves.isEmpty {
        guard fixed < rows.count else { return false }
        // No row is one step away: take one that the whole combination may be written into.
        let index = fixed + generator.number(below: rows.count - fixed)
        var row = rows[index]
        for choice in wanted { row[choice.factor] = choice.level }
        guard problem.allows(row) else { continue }
        for choice in wanted where rows[index][choice.factor] != choice.level {
          table.change(&rows[index], factor: choice.factor, level: choice.level)
        }
        continue
      }
      let move = best.moves[generator.number(below: best.moves.count)]
      tabu[Move(row: move.row, factor: move.factor, level: rows[move.row][move.factor])] =
        steps - 3 - generator.number(below: 5)
      table.change(&rows[move.row], factor: move.factor, level: move.level)
    }
    return true
  }

  private func allows(_ index: Int, _ factor: Int, _ level: Int) -> Bool {
    guard !problem.forbidden.isEmpty else { return true }
    var row = rows[index]
    row[factor] = level
    return problem.allows(row)
  }
}
