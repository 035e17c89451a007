/// What a matrix means to do before it begins: `envprobe matrix --dry-run --format json`.
public struct MatrixPlan: Hashable, Sendable, Codable {
  public static let currentSchema = "envprobe.plan/1"

  public struct Run: Hashable, Sendable, Codable {
    public var id: String
    /// The name of the profile or of the assignment under `design`.
    public var assignment: String
    public var repetition: Int

    public init(id: String, assignment: String, repetition: Int) {
      self.id = id
      self.assignment = assignment
      self.repetition = repetition
    }

    enum CodingKeys: String, CodingKey {
      case id, assignment
      case repetition = "repeat"
    }
  }

  /// How long it will take.
  public struct Estimate: Hashable, Sendable, Codable {
    public enum Basis: String, Hashable, Sendable, Codable {
      /// Earlier runs of the same program with the same arguments.
      case stored
      /// One run that was made to learn it, and is not part of the matrix.
      case probe
    }
    public var basis: Basis
    /// Of one run, in seconds.
    public var run: Double
    /// Of the runs that are planned, so many at once, in seconds.
    public var total: Double

    public init(basis: Basis, run: Double, total: Double) {
      self.basis = basis
      self.run = run
      self.total = total
    }
  }

  /// Runs that come on top, as it turns out.
  public struct Further: Hashable, Sendable, Codable {
    /// Runs of the baseline before all others, until so many in a row bring nothing new; 0 for none.
    public var quiet: Int
    /// The most of them.
    public var settling: Int
    /// The most assignments that are tried to find causes.
    public var assignments: Int

    public init(quiet: Int, settling: Int, assignments: Int) {
      self.quiet = quiet
      self.settling = settling
      self.assignments = assignments
    }
  }

  public var schema: String = Self.currentSchema
  public var tool: String
  public var subject: Subject
  public var baseline: String
  /// Those that run as they are.
  public var profiles: [Report.NamedProfile]
  public var design: Report.Design
  /// In the order in which they are made.
  public var runs: [Run]
  public var further: Further
  public var jobs: Int
  /// `nil` where no run of the program is known.
  public var estimate: Estimate?
  /// In seconds.
  public var budget: Double?
  /// What was left out to keep within the budget; sentences.
  public var cuts: [String]

  public init(
    tool: String, subject: Subject, baseline: String, profiles: [Report.NamedProfile], design: Report.Design,
    runs: [Run], further: Further, jobs: Int, estimate: Estimate?, budget: Double?, cuts: [String]
  ) {
    self.tool = tool
    self.subject = subject
    self.baseline = baseline
    self.profiles = profiles
    self.design = design
    self.runs = runs
    self.further = further
    self.jobs = jobs
    self.estimate = estimate
    self.budget = budget
    self.cuts = cuts
  }
}
