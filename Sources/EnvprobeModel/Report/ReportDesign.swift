extension Report {
  /// How the assignments of a matrix were chosen, and what that can bring to light.
  public struct Design: Hashable, Sendable, Codable {
    /// What `--design` takes: `profiles`, `pairwise`, `t=3`, `sweep timezone`.
    public var kind: String
    /// Decides the order of the runs, and among arrays of one size: the same seed gives the same plan.
    public var seed: UInt64
    /// How often each assignment ran at least.
    public var repeats: Int
    /// The factors that vary over the assignments.
    public var factors: [Factor]
    /// The assignments that the design made, by the name that their runs bear: `p07` for `p07-1`. Those that are a
    /// profile's are among the report's profiles.
    public var assignments: [NamedProfile]
    /// Sentences.
    public var detects: String
    public var misses: String
    public var power: Power

    public init(
      kind: String, seed: UInt64, repeats: Int, factors: [Factor], assignments: [NamedProfile], detects: String,
      misses: String, power: Power
    ) {
      self.kind = kind
      self.seed = seed
      self.repeats = repeats
      self.factors = factors
      self.assignments = assignments
      self.detects = detects
      self.misses = misses
      self.power = power
    }
  }

  /// One of several versions of a program.
  public struct Version: Hashable, Sendable, Codable {
    public var name: String
    public var subject: Subject
    public var conclusion: Conclusion
    /// The path of its own report, relative to this one.
    public var report: String

    public init(name: String, subject: Subject, conclusion: Conclusion, report: String) {
      self.name = name
      self.subject = subject
      self.conclusion = conclusion
      self.report = report
    }
  }

  /// How rare a behaviour may be and would still have been seen.
  public struct Power: Hashable, Sendable, Codable {
    /// How often it would have been seen at least once: 0.95.
    public var confidence: Double
    /// The smallest fraction of runs in which it shows.
    public var fraction: Double

    public init(confidence: Double, fraction: Double) {
      self.confidence = confidence
      self.fraction = fraction
    }
  }
}
