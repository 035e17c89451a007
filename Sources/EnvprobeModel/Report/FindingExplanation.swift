/// Why a finding is one: what was compared, which rules were tried on it, and the runs that show its causes.
public struct FindingExplanation: Hashable, Sendable, Codable {
  public static let schema = "envprobe.explanation/1"

  /// One side of the difference.
  public struct Side: Hashable, Sendable, Codable {
    /// As the program wrote it, noise masked; `null` where nothing is.
    public var text: String?
    /// The names of the design's assignments that show it, and their runs.
    public var assignments: [String]
    public var runs: [String]

    public init(text: String?, assignments: [String], runs: [String]) {
      self.text = text
      self.assignments = assignments
      self.runs = runs
    }
  }

  /// A rule that could have made the difference an expected one.
  public struct Trial: Hashable, Sendable, Codable {
    public enum Outcome: String, Hashable, Sendable, Codable {
      /// With it, both sides are the same: the comparison has undone it for another reason, which is told elsewhere.
      case accounts
      /// It replaces something, and the rest still differs.
      case notEnough = "not-enough"
      /// Neither side holds anything of its kind.
      case nothingFound = "nothing-found"
      /// It weighs all runs at once, and did not remove the difference.
      case comparesAllRuns = "compares-all-runs"
    }

    public var rule: String
    public var summary: String
    public var outcome: Outcome
    /// What was replaced, as placeholders.
    public var replaced: [String]

    public init(rule: String, summary: String, outcome: Outcome, replaced: [String]) {
      self.rule = rule
      self.summary = summary
      self.outcome = outcome
      self.replaced = replaced
    }
  }

  /// An assignment between the two sides, and what its runs show.
  public struct Step: Hashable, Sendable, Codable {
    public enum Purpose: String, Hashable, Sendable, Codable {
      /// The cause's levels on top of the baseline.
      case sufficient
      /// The same without one of the factors.
      case minimal
      /// The other side without one of the cause's levels.
      case necessary
    }

    public enum Shown: String, Hashable, Sendable, Codable { case before, after, another, unstable, nothing }

    public var purpose: Purpose
    /// The factors that have the other side's levels; all others have the baseline's.
    public var factors: [Factor]
    public var shown: Shown
    public var runs: [String]

    public init(purpose: Purpose, factors: [Factor], shown: Shown, runs: [String]) {
      self.purpose = purpose
      self.factors = factors
      self.shown = shown
      self.runs = runs
    }
  }

  public struct Cause: Hashable, Sendable, Codable {
    public var factors: [Factor]
    public var steps: [Step]

    public init(factors: [Factor], steps: [Step]) {
      self.factors = factors
      self.steps = steps
    }
  }

  public var schema = FindingExplanation.schema
  public var finding: Finding
  /// Runs and assignments of the design that were compared.
  public var runs: Int
  public var assignments: Int
  /// The fewest repeats of an assignment.
  public var repeats: Int
  public var before: Side
  public var after: Side
  public var rules: [Trial]
  public var causes: [Cause]
  /// What else a reader must know; sentences.
  public var remarks: [String]

  public init(
    finding: Finding, runs: Int, assignments: Int, repeats: Int, before: Side, after: Side, rules: [Trial],
    causes: [Cause], remarks: [String]
  ) {
    self.finding = finding
    self.runs = runs
    self.assignments = assignments
    self.repeats = repeats
    self.before = before
    self.after = after
    self.rules = rules
    self.causes = causes
    self.remarks = remarks
  }
}
