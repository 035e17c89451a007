import EnvprobeModel

/// Arms that have some levels, and the others have not.
struct LevelSplit: Sendable {
  /// By their index.
  var arms: Set<Int>
  /// The levels that all of these arms have and no other arm has: several where the arms do not tell them apart. In the
  /// factors' order.
  var levels: [(factor: Factor, level: Level?)]

  /// Every split of the arms by the level of one factor, each once.
  static func splits(of arms: [Arm]) -> [LevelSplit] {
    var result: [Set<Int>: LevelSplit] = [:]
    guard let first = arms.first else { return [] }
    let factors = Set(arms.flatMap { arm in arm.assignment.differingFactors(from: first.assignment) }).sorted()
    for factor in factors {
      for (level, members) in Dictionary(grouping: arms.indices, by: { arms[$0].assignment[factor] })
      where members.count < arms.count {
        result[Set(members), default: LevelSplit(arms: Set(members), levels: [])].levels.append((factor, level))
      }
    }
    return result.values.sorted { $0.arms.sorted().lexicographicallyPrecedes($1.arms.sorted()) }
  }

  /// The arms as those that have the levels and those that do not.
  func outcomes(_ arms: [Arm]) -> [Attribution.Outcome] {
    arms.indices.map { index in
      .init(
        assignment: arms[index].assignment, group: self.arms.contains(index) ? 1 : 0,
        utcOffset: arms[index].comparableRuns.first?.utcOffset ?? 0)
    }
  }

  /// An assignment without the levels, to set one against that has them: the baseline where it lacks them. Where a factor
  /// is set in the one and in the other not at all, that alone makes programs do other work: then the same with another
  /// arm's levels, if some arm has any.
  func lacking(_ arms: [Arm], against showing: Assignment) -> Assignment {
    let others = arms.indices.filter { !self.arms.contains($0) }.map { arms[$0].assignment }
    let factors = levels.filter { $0.level != nil && !$0.factor.isAlwaysPresent }.map(\.factor)
    if factors.allSatisfy({ others[0][$0] != nil }) { return others[0] }
    guard let other = others.first(where: { other in factors.allSatisfy { other[$0] != nil } }) else {
      return others[0]
    }
    return showing.taking(Set(levels.map(\.factor)), from: other)
  }
}
