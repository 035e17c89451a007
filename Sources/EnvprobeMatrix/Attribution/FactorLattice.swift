import EnvprobeModel

/// A set of the factors of one ``FactorLattice``, a bit for each.
typealias FactorSubset = UInt64

extension FactorSubset {
  func isSubset(of other: FactorSubset) -> Bool { self & ~other == 0 }

  /// The members, as sets of one.
  var members: [FactorSubset] {
    var rest = self
    var result: [FactorSubset] = []
    while rest != 0 {
      let lowest = rest & (0 &- rest)
      result.append(lowest)
      rest ^= lowest
    }
    return result
  }
}

/// Everything between two assignments: one point for each subset of the factors in which they differ, the baseline
/// with the other's levels for that subset.
struct FactorLattice: Hashable {
  /// As many factors as a subset has bits.
  static let maximumFactors = FactorSubset.bitWidth

  let baseline: Assignment
  let other: Assignment
  let factors: [Factor]

  init(baseline: Assignment, other: Assignment) {
    self.baseline = baseline
    self.other = other
    factors = baseline.differingFactors(from: other)
  }

  var isTooLarge: Bool { factors.count > Self.maximumFactors }
  /// The other assignment's point.
  var top: FactorSubset { factors.isEmpty ? 0 : FactorSubset.max >> (FactorSubset.bitWidth - factors.count) }

  func factors(of subset: FactorSubset) -> [Factor] {
    factors.indices.filter { subset & (1 << $0) != 0 }.map { factors[$0] }
  }

  func assignment(at subset: FactorSubset) -> Assignment { baseline.taking(factors(of: subset), from: other) }

  /// The factors in which an assignment has the other's level.
  func agreement(of assignment: Assignment) -> FactorSubset {
    factors.indices.reduce(0) { $0 | (assignment[factors[$1]] == other[factors[$1]] ? 1 << $1 : 0) }
  }

  /// The point that an assignment is, `nil` where it is none.
  func point(of assignment: Assignment) -> FactorSubset? {
    let subset = agreement(of: assignment)
    return self.assignment(at: subset) == assignment ? subset : nil
  }
}
