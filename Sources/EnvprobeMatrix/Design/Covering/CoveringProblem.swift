/// What a covering array is to cover: factors by the number of their levels, the groups of factors of which every
/// combination of levels is wanted, and the combinations that must not be.
///
/// Factors and levels are numbers from 0. Groups of different sizes are mixed strength: pairs everywhere, triples among
/// a few.
public struct CoveringProblem: Hashable, Sendable {
  /// A level of a factor.
  public struct Choice: Hashable, Sendable {
    public var factor: Int
    public var level: Int

    public init(factor: Int, level: Int) {
      self.factor = factor
      self.level = level
    }
  }

  /// How many levels each factor has; at least one each.
  public let levels: [Int]
  /// Groups of factors, each in rising order, no group twice.
  public let interactions: [[Int]]
  /// Combinations that no row may hold.
  public let forbidden: [[Choice]]

  public init(levels: [Int], interactions: [[Int]], forbidden: [[Choice]] = []) {
    self.levels = levels
    var seen: Set<[Int]> = []
    let sorted = interactions.map { $0.sorted() }.filter { !$0.isEmpty && seen.insert($0).inserted }
    // A group inside another is covered with it.
    self.interactions = sorted.filter { group in
      !sorted.contains { $0.count > group.count && Set(group).isSubset(of: $0) }
    }
    self.forbidden = forbidden
  }

  /// All groups of `strength` factors, and all groups of higher strengths among some.
  /// - Parameter raised: sets of factors, each with the strength that holds among them.
  public init(
    levels: [Int], strength: Int, raised: [(factors: [Int], strength: Int)] = [], forbidden: [[Choice]] = []
  ) {
    let all = Self.groups(of: Array(levels.indices), size: min(strength, levels.count))
    let more = raised.flatMap { Self.groups(of: $0.factors.sorted(), size: min($0.strength, $0.factors.count)) }
    self.init(levels: levels, interactions: all + more, forbidden: forbidden)
  }

  /// The subsets of one size, in the order of their members.
  static func groups(of factors: [Int], size: Int) -> [[Int]] {
    guard size > 0 else { return [] }
    var result: [[Int]] = []
    func extend(_ chosen: [Int], from start: Int) {
      if chosen.count == size {
        result.append(chosen)
        return
      }
      guard start < factors.count else { return }
      for index in start..<factors.count { extend(chosen + [factors[index]], from: index + 1) }
    }
    extend([], from: 0)
    return result
  }

  /// Whether a row, complete or with -1 for what is open, holds no forbidden combination.
  func allows(_ row: [Int]) -> Bool {
    !forbidden.contains { combination in combination.allSatisfy { row[$0.factor] == $0.level } }
  }

  /// Whether the open places of a row can be filled without making a forbidden combination.
  func canComplete(_ row: [Int]) -> Bool { completed(row) != nil }

  /// The row with its open places filled, the first way that works; `nil` where none does.
  func completed(_ row: [Int], order: (_ factor: Int) -> [Int] = { _ in [] }) -> [Int]? {
    guard allows(row) else { return nil }
    var row = row
    let open = row.indices.filter { row[$0] < 0 }
    func fill(_ position: Int) -> Bool {
      guard position < open.count else { return true }
      let factor = open[position]
      let preferred = order(factor)
      for level in preferred.isEmpty ? Array(0..<levels[factor]) : preferred {
        row[factor] = level
        if allows(row), fill(position + 1) { return true }
      }
      row[factor] = -1
      return false
    }
    // Only what a constraint speaks of can be in the way.
    return fill(0) ? row : nil
  }
}
