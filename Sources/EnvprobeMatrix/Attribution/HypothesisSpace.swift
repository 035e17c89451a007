/// What may be the cause, and how likely each is: the sets of factors that nothing seen so far rules out.
///
/// A set is ruled out where some point that contains it does not show the difference. That is sound only for causes
/// that nothing else cancels, so the space only chooses what to try next; every claim is tried by itself.
struct HypothesisSpace {
  /// Sets of up to this size come first; larger ones only where none of these is left.
  static let usualSize = 3
  /// The chance of each size before anything is known. Single causes and pairs are what has been met in programs.
  static let weightOfSize = [0, 0.6, 0.3, 0.1]
  /// Above this many factors, subsets are sampled and not enumerated.
  static let enumerableFactors = 10

  /// Something seen at an assignment that is no point of the lattice.
  struct Hint: Hashable {
    /// The factors in which it has the other side's levels.
    var agreement: FactorSubset
    var showsOther: Bool
  }

  private(set) var hypotheses: [(set: FactorSubset, weight: Double)]
  private let within: FactorSubset
  private let top: FactorSubset

  /// - Parameters:
  ///   - within: a point that shows the difference; the cause is looked for inside it.
  ///   - negatives: points that do not show it.
  init(within: FactorSubset, top: FactorSubset, negatives: [FactorSubset], hints: [Hint]) {
    self.within = within
    self.top = top
    // A point that contains `within` and yet lacks the difference shows that something can cancel it; it must not
    // rule out what is being looked for.
    let relevant = negatives.filter { !within.isSubset(of: $0) }
    let isPossible = { (set: FactorSubset) in !relevant.contains { set.isSubset(of: $0) } }
    let sizes = Self.subsets(of: within, sizes: 1...Self.usualSize)
    var sets = sizes.filter { isPossible($0) }
    if sets.isEmpty {
      let count = within.nonzeroBitCount
      sets =
        count <= Self.enumerableFactors + 4
        ? Self.subsets(of: within, sizes: 1...max(count, 1)).filter { isPossible($0) } : []
      if sets.isEmpty { sets = [within] }
      hypotheses = sets.map { ($0, 1 / Double($0.nonzeroBitCount)) }
      return
    }
    let counts = Dictionary(grouping: sizes, by: \.nonzeroBitCount).mapValues(\.count)
    hypotheses = sets.map { set in
      let size = set.nonzeroBitCount
      let prior = Self.weightOfSize[size] / Double(counts[size]!)
      return (set, hints.reduce(prior) { $0 * $1.likelihood(of: set) })
    }
  }

  /// The point whose result would tell most, `nil` where only `within` itself is left.
  ///
  /// Of two that tell as much, the one that a verification would need anyway is better.
  func bestTest(isKnown: (FactorSubset) -> Bool) -> FactorSubset? {
    let total = hypotheses.reduce(0) { $0 + $1.weight }
    if hypotheses.count == 1 { return hypotheses[0].set == within ? nil : hypotheses[0].set }
    var best: (test: FactorSubset, score: Double)?
    for test in tests() where test != 0 && test != within && test.isSubset(of: within) && !isKnown(test) {
      var positive = 0.0
      var verifying = 0.0
      for (set, weight) in hypotheses {
        if set.isSubset(of: test) { positive += weight }
        if isVerification(test, of: set) { verifying += weight }
      }
      let score = Self.entropy(positive / total) + 0.5 * verifying / total
      if score > 1e-9, score > (best?.score ?? 0) + 1e-12 { best = (test, score) }
    }
    return best?.test
  }

  /// Whether a test is one that confirms a cause: the cause by itself, or everything without one of its factors.
  private func isVerification(_ test: FactorSubset, of set: FactorSubset) -> Bool {
    if test == set { return true }
    let missing = top & ~test
    if missing.nonzeroBitCount == 1, missing.isSubset(of: set) { return true }
    return test.isSubset(of: set) && test.nonzeroBitCount + 1 == set.nonzeroBitCount
  }

  private func tests() -> [FactorSubset] {
    let count = within.nonzeroBitCount
    guard count > Self.enumerableFactors else { return Self.subsets(of: within, sizes: 1...max(count - 1, 1)) }
    // Factors by how much weight they carry; dealing them out in turn makes halves of equal weight.
    let marginal = within.members.map { factor in
      (factor, hypotheses.reduce(0) { $1.set & factor != 0 ? $0 + $1.weight : $0 })
    }
    let ordered = marginal.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0)
    var result = hypotheses.prefix(64).map(\.set) + ordered.map { within & ~$0 }
    for length in 1..<ordered.count { result.append(ordered.prefix(length).reduce(0, |)) }
    var generator = SeededGenerator(seed: within)
    for _ in 0..<256 {
      let size = Int.random(in: 1..<count, using: &generator)
      result.append(generator.shuffled(ordered).prefix(size).reduce(0, |))
    }
    return result
  }

  private static func entropy(_ p: Double) -> Double {
    // The binary entropy up to its shape: only its order matters here.
    4 * p * (1 - p)
  }

  /// The subsets of the given sizes, small ones first, each size in the order of its bits.
  static func subsets(of set: FactorSubset, sizes: ClosedRange<Int>) -> [FactorSubset] {
    var result: [FactorSubset] = []
    let members = set.members
    func extend(_ chosen: FactorSubset, from index: Int, missing: Int) {
      if missing == 0 {
        result.append(chosen)
        return
      }
      guard index < members.count else { return }
      for next in index..<members.count where members.count - next >= missing {
        extend(chosen | members[next], from: next + 1, missing: missing - 1)
      }
    }
    for size in sizes where size <= members.count { extend(0, from: 0, missing: size) }
    return result
  }
}

extension HypothesisSpace.Hint {
  /// How much a hypothesis suffers from it. An assignment elsewhere in the space is another context, so it only makes
  /// less likely, and never rules out.
  func likelihood(of set: FactorSubset) -> Double {
    switch (showsOther, set.isSubset(of: agreement)) {
    case (false, true): 0.1
    case (true, false): 0.5
    default: 1
    }
  }
}
