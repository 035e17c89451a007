import EnvprobeModel

/// What experiments have shown about a candidate: everything that a finding needs.
public struct Attribution: Sendable {
  /// One judged assignment.
  public struct Outcome: Sendable {
    public var assignment: Assignment
    /// The class of the candidate that it shows; `nil` for a behaviour of its own, which says nothing about the classes.
    public var group: Int?
    /// The zone's offset from UTC at the start of its runs, in seconds.
    public var utcOffset: Int

    public init(assignment: Assignment, group: Int?, utcOffset: Int) {
      self.assignment = assignment
      self.group = group
      self.utcOffset = utcOffset
    }
  }

  public var candidate: Candidate
  /// Minimal sufficient sets of factors; several are alternatives.
  public var causes: [[Factor]]
  /// Every assignment that was judged: the arms of the comparison and those of the experiments.
  public var outcomes: [Outcome]
  /// Ids of the runs that show the difference.
  public var evidence: [String]
  /// Command lines that show both sides.
  public var reproduce: [[String]]
  /// Why the verdict is not `unexplained`, where it is not.
  public var doubt: String?

  public init(
    candidate: Candidate, causes: [[Factor]], outcomes: [Outcome], evidence: [String] = [],
    reproduce: [[String]] = [], doubt: String? = nil
  ) {
    self.candidate = candidate
    self.causes = causes
    self.outcomes = outcomes
    self.evidence = evidence
    self.reproduce = reproduce
    self.doubt = doubt
  }

  /// The factors of all causes.
  var factors: [Factor] { Set(causes.joined()).sorted() }
}

extension Comparison {
  /// The outcomes that the arms of the comparison themselves are for one of its candidates.
  public func outcomes(of candidate: Candidate) -> [Attribution.Outcome] {
    zip(arms, candidate.classes).map { arm, group in
      .init(assignment: arm.assignment, group: group, utcOffset: arm.runs.first?.utcOffset ?? 0)
    }
  }
}
