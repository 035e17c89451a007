import EnvprobeModel

/// What a difference depends on, as far as experiments tell.
public enum Attribution: Hashable, Sendable {
  case found(Causes)
  /// No cause can be named, and why; a clause.
  case unresolved(reason: String)

  public struct Causes: Hashable, Sendable {
    /// Minimal sufficient sets: the baseline with the other side's levels for exactly these factors shows the
    /// difference, and without any one of them it does not. Several sets are alternatives. In canonical order.
    public var sets: [[Factor]]
    /// The two assignments between which it was found.
    public var baseline: Assignment
    public var other: Assignment
    /// Whether every alternative was found: without any of the sets, the difference is gone from `other`, too. That
    /// is what makes a single set necessary.
    public var isNecessary: Bool
    /// Assignments between the two that behave otherwise than the sets predict, though repeated: something cancels
    /// the difference, or brings it about in a way that was not looked for.
    public var exceptions: [Assignment]
    /// The assignments whose runs show that the sets are sufficient, minimal and necessary.
    public var evidence: [Assignment]

    public init(
      sets: [[Factor]], baseline: Assignment, other: Assignment, isNecessary: Bool, exceptions: [Assignment],
      evidence: [Assignment]
    ) {
      self.sets = sets
      self.baseline = baseline
      self.other = other
      self.isNecessary = isNecessary
      self.exceptions = exceptions
      self.evidence = evidence
    }

    /// The baseline with the other side's levels for one of the sets: the smallest step that shows the difference.
    public func smallest(_ set: [Factor]) -> Assignment { baseline.taking(set, from: other) }

    /// What a reader must know beyond the sets; `nil` where they are the whole truth about what was tried.
    public var note: String? {
      var clauses: [String] = []
      if !isNecessary { clauses.append("there may be further alternatives: the search for them was cut short") }
      if !exceptions.isEmpty {
        clauses.append(
          "\(exceptions.count) tested assignment\(exceptions.count == 1 ? "" : "s") between the two behaved "
            + "otherwise than these causes alone would have it")
      }
      return clauses.isEmpty ? nil : clauses.joined(separator: "; ")
    }
  }
}

/// How often experiments are repeated, and how many there may be.
public struct AttributionLimits: Hashable, Sendable {
  /// Runs under an assignment before its result is used.
  public var screen: Int
  /// Runs under the two assignments that a search begins with, and under any other where the first runs disagree with
  /// each other or with what was found elsewhere.
  public var confirm: Int
  /// New assignments in all.
  public var assignments: Int
  /// Assignments for one candidate.
  public var assignmentsPerCandidate: Int
  /// Alternatives for one candidate.
  public var alternatives: Int

  public init(
    screen: Int = 2, confirm: Int = 5, assignments: Int = 96, assignmentsPerCandidate: Int = 48, alternatives: Int = 4
  ) {
    self.screen = screen
    self.confirm = confirm
    self.assignments = assignments
    self.assignmentsPerCandidate = assignmentsPerCandidate
    self.alternatives = alternatives
  }
}
