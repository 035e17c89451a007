import EnvprobeModel

/// Finds the causes of many candidates with few runs.
///
/// A run under an assignment answers for every candidate at once, so the searches share what they learn: each round
/// asks every search that is not done for its next question, and leaves out those that another question of the round
/// may answer.
///
/// ```
/// var investigation = Investigation(candidates, known: evidenceOfTheDesign)
/// while case let experiments = investigation.experiments(), !experiments.isEmpty {
///   investigation.learn(try await observe(experiments))
/// }
/// ```
public struct Investigation: Sendable {
  public let candidates: [Candidate]
  public let limits: AttributionLimits
  /// Everything that is known, by assignment.
  public private(set) var evidence: [Assignment: Evidence]
  /// The causes of those candidates whose search has come to an end.
  public private(set) var attributions: [Candidate.ID: Attribution] = [:]
  /// How many assignments were tried that were not known at the start.
  public private(set) var newAssignments = 0
  private let lattices: [FactorLattice]

  /// - Parameter known: what the runs that exist show: those of the design and of earlier experiments.
  public init(
    _ candidates: [Candidate], known: [Assignment: Evidence], limits: AttributionLimits = AttributionLimits()
  ) {
    self.candidates = candidates
    self.limits = limits
    evidence = known
    lattices = Self.lattices(for: candidates)
  }

  /// The next runs to make; empty when every search has come to an end.
  public mutating func experiments() -> [Experiment] {
    var wanted: [Assignment: Int] = [:]
    var order: [Assignment] = []
    var steps: [SearchKey: CauseSearch.Step] = [:]
    let assignments = Array(evidence.keys)
    for (candidate, lattice) in zip(candidates, lattices) where attributions[candidate.id] == nil {
      let showings = assignments.map { evidence[$0]!.showings[candidate.id] }
      let key = SearchKey(lattice: lattice, showings: showings)
      let step = steps[key] ?? search(candidate, in: lattice).step()
      steps[key] = step
      switch step {
      case .done(let attribution): attributions[candidate.id] = attribution
      case .ask(let question):
        let asked = question.points.map(lattice.assignment(at:))
        // Whatever is being run in this lattice may tell this search enough; it can ask in the next round.
        let isServed = question.isAdaptive && order.contains { isUnknown($0, to: candidate, in: lattice) }
        if isServed { continue }
        for assignment in asked {
          if wanted[assignment] == nil { order.append(assignment) }
          wanted[assignment] = max(wanted[assignment] ?? 0, question.repeats)
        }
      }
    }
    let new = order.filter { evidence[$0] == nil }.count
    if new > 0, newAssignments + new > limits.assignments {
      abandon(reason: "\(newAssignments) experiments were made without coming to an end")
      return []
    }
    newAssignments += new
    return order.map { Experiment(assignment: $0, repeats: wanted[$0]!) }
  }

  /// Takes in what experiments show. Candidates that an entry does not mention count as unobserved there.
  public mutating func learn(_ results: [Assignment: Evidence]) { evidence.merge(results) { $1 } }

  /// Ends the searches that are not done.
  public mutating func abandon(reason: String) {
    for candidate in candidates where attributions[candidate.id] == nil {
      attributions[candidate.id] = .unresolved(reason: reason)
    }
  }

  /// Makes all the experiments.
  /// - Parameter observe: makes what runs are missing, and says what each assignment's runs show; an assignment of
  ///   which no run could be made is answered with no showings and the number of repeats asked for.
  public mutating func run(
    observe: ([Experiment]) async throws -> [Assignment: Evidence]
  ) async throws -> [Candidate.ID: Attribution] {
    while true {
      let wanted = experiments()
      if wanted.isEmpty { return attributions }
      if Task.isCancelled {
        abandon(reason: "the matrix was stopped before the experiments were done")
        return attributions
      }
      var results = try await observe(wanted)
      for experiment in wanted where (results[experiment.assignment]?.repeats ?? 0) < experiment.repeats {
        // Asking again for runs that cannot be had would never end.
        results[experiment.assignment, default: Evidence(repeats: 0, showings: [:])].repeats = experiment.repeats
      }
      learn(results)
    }
  }

  private struct SearchKey: Hashable {
    var lattice: FactorLattice
    var showings: [Showing?]
  }

  private func isUnknown(_ assignment: Assignment, to candidate: Candidate, in lattice: FactorLattice) -> Bool {
    evidence[assignment]?.showings[candidate.id] == nil && lattice.point(of: assignment) != nil
  }

  private func search(_ candidate: Candidate, in lattice: FactorLattice) -> CauseSearch {
    var points: [FactorSubset: CauseSearch.Point] = [:]
    var hints: Set<HypothesisSpace.Hint> = []
    for (assignment, known) in evidence {
      let showing = known.showings[candidate.id] ?? .unobserved
      if let point = lattice.isTooLarge ? nil : lattice.point(of: assignment) {
        points[point] = CauseSearch.Point(showing: showing, repeats: known.repeats)
      } else if showing.isDecisive {
        hints.insert(.init(agreement: lattice.agreement(of: assignment), showsOther: showing == .other))
      }
    }
    return CauseSearch(
      lattice: lattice, points: points, hints: hints.sorted { $0.agreement < $1.agreement }, limits: limits)
  }

  /// The other side of each candidate. One that differs in a single factor needs no search. Otherwise the one that
  /// serves most of the candidates, for searches in one lattice share their runs; and among equals the one that
  /// differs least, for a small lattice is searched with few runs.
  private static func lattices(for candidates: [Candidate]) -> [FactorLattice] {
    var uses: [Assignment: Int] = [:]
    // Differences that the same arms show are likely one behaviour with many traces; they count once.
    for others in Set(candidates.map { Set($0.others) }) { for other in others { uses[other, default: 0] += 1 } }
    return candidates.map { candidate in
      let cost = { (other: Assignment) in
        let distance = candidate.baseline.differingFactors(from: other).count
        return (distance == 1 ? 0 : 1, -uses[other]!, distance)
      }
      let best = candidate.others.min { cost($0) < cost($1) } ?? candidate.baseline
      return FactorLattice(baseline: candidate.baseline, other: best)
    }
  }
}
