import EnvprobeModel

/// The search for the causes of one candidate, as a function of what is known.
///
/// It runs from the start each time and stops at the first thing it does not know: a question. With the answer in
/// `points` it is run again and comes further. So there is no state between the steps, the same knowledge always
/// leads to the same question, and whatever other searches or earlier runs have learnt is used without further ado.
///
/// The method: shrink the other assignment to a minimal sufficient set, at each step trying the point whose result
/// tells most about the sets still possible; try the set without each of its factors (minimal); then try the other
/// assignment without a factor of each set found (necessary). Where that still shows the difference, there is an
/// alternative, and the search goes on inside that point. The last step is MARCO's (Liffiton et al., 2016), with
/// minimal hitting sets of the sets found instead of a solver.
struct CauseSearch {
  struct Point: Hashable {
    var showing: Showing
    var repeats: Int
  }

  struct Question {
    var points: [FactorSubset]
    var repeats: Int
    /// Whether another answer might make it superfluous: a step of the search, and no confirmation.
    var isAdaptive: Bool
  }

  /// Why the search stops before it has found the causes.
  private enum Interruption: Error {
    case question(Question)
    case failure(reason: String)
  }

  enum Step {
    case ask(Question)
    case done(Attribution)
  }

  let lattice: FactorLattice
  /// What is known at the lattice's points.
  let points: [FactorSubset: Point]
  /// What is known elsewhere.
  let hints: [HypothesisSpace.Hint]
  let limits: AttributionLimits

  func step() -> Step {
    do {
      return .done(.found(try causes()))
    } catch {
      switch error {
      case .failure(let reason): return .done(.unresolved(reason: reason))
      case .question where points.count >= limits.assignmentsPerCandidate:
        return .done(.unresolved(reason: "\(points.count) assignments were tried without coming to an end"))
      case .question(let question): return .ask(question)
      }
    }
  }

  private func causes() throws(Interruption) -> Attribution.Causes {
    if lattice.isTooLarge {
      throw .failure(reason: "the assignments differ in more than \(FactorLattice.maximumFactors) factors")
    }
    // What a few runs showed may have been chance: values that vary little agree now and then. Both ends are repeated
    // before anything is built on them; all candidates share these runs.
    let ends = [0, lattice.top].filter { (points[$0]?.repeats ?? 0) < limits.confirm }
    if !ends.isEmpty { throw .question(Question(points: ends, repeats: limits.confirm, isAdaptive: false)) }
    guard try showing(lattice.top) == .other, try showing(0) == .baseline else {
      throw .failure(reason: "the difference did not show again when the runs were repeated")
    }
    var sets: [FactorSubset] = []
    var evidence: Set<FactorSubset> = [0, lattice.top]
    var isNecessary = true
    while true {
      let corrections = Self.hittingSets(of: sets).map { lattice.top & ~$0 }.filter { $0 != 0 }
      guard let start = sets.isEmpty ? lattice.top : try firstShowingOther(of: corrections) else {
        for point in corrections { evidence.insert(try decisive(point)) }
        break
      }
      if sets.count == limits.alternatives {
        isNecessary = false
        break
      }
      let set = try shrink(start)
      sets.append(set)
      evidence.insert(set)
      for factor in set.members where set != factor { evidence.insert(try decisive(set & ~factor)) }
    }
    let exceptions = try exceptions(to: sets, areComplete: isNecessary)
    return Attribution.Causes(
      sets: sets.map(lattice.factors(of:)).sorted { $0.lexicographicallyPrecedes($1) }, baseline: lattice.baseline,
      other: lattice.other, isNecessary: isNecessary, exceptions: exceptions.map(lattice.assignment(at:)),
      evidence: evidence.sorted().map(lattice.assignment(at:)))
  }

  /// A minimal sufficient set inside a point that shows the difference.
  private func shrink(_ start: FactorSubset) throws(Interruption) -> FactorSubset {
    var positive = start
    while true {
      positive =
        points.filter { $0.value.showing == .other && $0.key != 0 && $0.key.isSubset(of: positive) }.keys
        .min { ($0.nonzeroBitCount, $0) < ($1.nonzeroBitCount, $1) } ?? positive
      let negatives = points.filter { $0.value.showing != .other }.map(\.key)
      let space = HypothesisSpace(within: positive, top: lattice.top, negatives: negatives, hints: hints)
      if let test = space.bestTest(isKnown: { points[$0] != nil }) {
        throw .question(Question(points: [test], repeats: limits.screen, isAdaptive: true))
      }
      // Unstable results were treated as negative while searching; here they are settled.
      let smaller = positive.members.map { positive & ~$0 }.filter { $0 != 0 }
      guard let next = try firstShowingOther(of: smaller) else { return positive }
      positive = next
    }
  }

  /// The first of some points that shows the difference; all of them are asked for at once.
  private func firstShowingOther(of candidates: [FactorSubset]) throws(Interruption) -> FactorSubset? {
    if let found = candidates.first(where: { points[$0]?.showing == .other }) { return found }
    let unknown = candidates.filter { points[$0] == nil }
    if !unknown.isEmpty {
      throw .question(Question(points: unknown, repeats: limits.screen, isAdaptive: false))
    }
    for point in candidates where try showing(point) == .other { return point }
    return nil
  }

  /// What a point shows after as many repeats as it takes.
  private func showing(_ point: FactorSubset) throws(Interruption) -> Showing {
    guard let known = points[point] else {
      throw .question(Question(points: [point], repeats: limits.screen, isAdaptive: false))
    }
    if !known.showing.isDecisive, known.repeats < limits.confirm {
      throw .question(Question(points: [point], repeats: limits.confirm, isAdaptive: false))
    }
    return known.showing
  }

  /// The point itself, where what it shows can carry a claim.
  private func decisive(_ point: FactorSubset) throws(Interruption) -> FactorSubset {
    let showing = try showing(point)
    guard showing.isDecisive else {
      let factors = lattice.factors(of: point).map(\.name).joined(separator: ", ")
      throw .failure(
        reason: showing == .unstable
          ? "with only \(factors) changed, repeated runs disagree" : "with only \(factors) changed, no run tells")
    }
    return point
  }

  /// The known points that the sets do not predict, each repeated before it counts. Where alternatives may be
  /// missing, a point that shows the difference for no known reason is none.
  private func exceptions(to sets: [FactorSubset], areComplete: Bool) throws(Interruption) -> [FactorSubset] {
    let odd = points.filter { point, known in
      guard known.showing.isDecisive else { return false }
      let isPredicted = sets.contains { $0.isSubset(of: point) }
      return known.showing == .other ? areComplete && !isPredicted : isPredicted
    }.keys.sorted()
    guard !odd.isEmpty else { return [] }
    // Either the point or the set that it contradicts may be what noise has falsified.
    let doubtful = (odd + sets).filter { points[$0]!.repeats < limits.confirm }
    if !doubtful.isEmpty {
      throw .question(Question(points: doubtful, repeats: limits.confirm, isAdaptive: false))
    }
    return odd
  }

  /// The minimal sets that have a factor in common with each of some sets.
  static func hittingSets(of sets: [FactorSubset]) -> [FactorSubset] {
    var result: [FactorSubset] = [0]
    for set in sets {
      let extended = result.flatMap { hitting in
        hitting & set != 0 ? [hitting] : set.members.map { hitting | $0 }
      }
      let unique = Set(extended)
      result = unique.filter { hitting in !unique.contains { $0 != hitting && $0.isSubset(of: hitting) } }
    }
    return result.sorted()
  }
}
