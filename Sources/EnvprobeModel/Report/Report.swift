/// What a matrix found: `report.json`.
public struct Report: Hashable, Sendable, Codable {
  public static let currentSchema = "envprobe.report/1"

  public enum Conclusion: String, Sendable, Codable { case same, different, inconclusive }

  /// Which findings decide what a matrix comes to.
  public enum Deciding: String, Sendable, Codable, CaseIterable {
    /// Geographic ones, and those of which it cannot be told.
    case geographic
    /// The same, and durations.
    case timing
    /// All, presence too.
    case any

    /// Whether a finding is one of those that decide, if its verdict lets it. A duration alone is too weak to, unless asked.
    public func counts(_ finding: Finding) -> Bool {
      switch self {
      case .geographic: finding.class.isDeciding && finding.channel != .timing
      case .timing: finding.class.isDeciding
      case .any: true
      }
    }
  }

  public struct NamedProfile: Hashable, Sendable, Codable {
    public var name: String
    public var factors: Assignment

    public init(name: String, factors: Assignment) {
      self.name = name
      self.factors = factors
    }
  }

  public struct Run: Hashable, Sendable, Codable {
    public var id: String
    /// Exactly one of `profile` and `assignment` is there.
    public var profile: String?
    public var assignment: Assignment?
    public var repetition: Int
    public var exit: Exit?
    public var complete: Bool
    public var gaps: [Gap]
    /// The bundle's folder, relative to the report.
    public var bundle: String

    enum CodingKeys: String, CodingKey {
      case id, profile, assignment
      case repetition = "repeat"
      case exit, complete, gaps, bundle
    }

    public init(
      id: String, profile: String?, assignment: Assignment?, repetition: Int, exit: Exit?, complete: Bool, gaps: [Gap],
      bundle: String
    ) {
      self.id = id
      self.profile = profile
      self.assignment = assignment
      self.repetition = repetition
      self.exit = exit
      self.complete = complete
      self.gaps = gaps
      self.bundle = bundle
    }
  }

  public var schema: String = Self.currentSchema
  /// `envprobe 0.1.0`
  public var tool: String
  public var subject: Subject
  /// The name of the profile that the others are compared with.
  public var baseline: String
  public var profiles: [NamedProfile]
  public var runs: [Run]
  public var findings: [Finding]
  public var conclusion: Conclusion
  /// What `--fail-on` was; `nil` in reports of versions that did not keep it.
  public var deciding: Deciding?
  /// Why the conclusion is inconclusive, and what else could not be seen; sentences.
  public var limits: [String]
  /// What a baseline accepts of the findings. Not part of the evidence: `report.json` of a matrix never has it.
  public var acceptance: Acceptance?
  /// How the assignments were chosen; `nil` where runs were compared that were there already.
  public var design: Design?
  /// Where several versions of a program were compared: each, in their order, and `subject` is the last.
  public var versions: [Version]?

  public init(
    tool: String, subject: Subject, baseline: String, profiles: [NamedProfile], runs: [Run], findings: [Finding],
    conclusion: Conclusion, deciding: Deciding? = nil, limits: [String] = [], design: Design? = nil
  ) {
    self.tool = tool
    self.subject = subject
    self.baseline = baseline
    self.profiles = profiles
    self.runs = runs
    self.findings = findings
    self.conclusion = conclusion
    self.deciding = deciding
    self.limits = limits
    self.design = design
  }
}

extension Report {
  /// Whether a finding is one of those that make the report what it is.
  public func decides(_ finding: Finding) -> Bool {
    finding.verdict == .unexplained && (deciding ?? .geographic).counts(finding)
  }
}
