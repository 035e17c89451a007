/// A difference between assignments that noise does not explain.
public struct Finding: Hashable, Sendable, Codable {
  public enum Verdict: String, Sendable, Codable { case unexplained, expected, inconclusive }

  /// What the levels that differ have to do with each other.
  public enum Class: String, Sendable, Codable, Comparable, CaseIterable {
    /// Two set levels of a factor behave differently, with a neutral level of the same factor on the other side.
    case geographic
    /// The profiles hold no neutral level of the factor that would tell.
    case undetermined
    /// Only unset against set differs.
    case presence

    /// Whether a finding of this class decides the conclusion by default.
    public var isDeciding: Bool { self != .presence }

    public static func < (a: Class, b: Class) -> Bool { allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)! }
  }

  /// How what was seen differs.
  public enum Kind: String, Sendable, Codable {
    /// A value at a place that exists on both sides.
    case changed
    /// A place that exists on one side only.
    case appears, disappears
  }

  public struct Location: Hashable, Sendable, Codable {
    public var channel: Channel
    public var location: String
    public var kind: Kind
    public var before: String?
    public var after: String?

    public init(channel: Channel, location: String, kind: Kind, before: String?, after: String?) {
      self.channel = channel
      self.location = location
      self.kind = kind
      self.before = before
      self.after = after
    }
  }

  /// Levels that behave alike, and what they show.
  public struct Part: Hashable, Sendable, Codable {
    /// The levels, as text, by factor name; an unset level is `null`.
    public var levels: [String: [String?]]
    /// What was seen at the finding's main location; `null` where nothing was.
    public var value: String?

    public init(levels: [String: [String?]], value: String?) {
      self.levels = levels
      self.value = value
    }
  }

  /// How much the place tells whoever reads it of the levels that decide it.
  public struct Capacity: Hashable, Sendable, Codable {
    /// How many values there are.
    public var symbols: Int
    /// The binary logarithm of that.
    public var bits: Double
    /// By the name of a factor, what its levels alone can choose between, all others being equal, in bits. The sum is
    /// more than ``bits`` where a value depends on factors together.
    public var bitsByFactor: [String: Double]

    public init(symbols: Int, bits: Double, bitsByFactor: [String: Double]) {
      self.symbols = symbols
      self.bits = bits
      self.bitsByFactor = bitsByFactor
    }
  }

  /// One stretch of characters that differs.
  public struct Difference: Hashable, Sendable, Codable {
    public struct CodePoints: Hashable, Sendable, Codable {
      /// `U+2019 RIGHT SINGLE QUOTATION MARK`
      public var before: [String]
      public var after: [String]

      public init(before: [String], after: [String]) {
        self.before = before
        self.after = after
      }
    }
    /// The class of the difference: `apostrophe`, `invisible`, `date-separator`, `text`…
    public var kind: String
    public var before: String
    public var after: String
    /// The text around it, equal on both sides, for display.
    public var prefix: String
    public var suffix: String
    public var codepoints: CodePoints

    public init(
      kind: String, before: String, after: String, prefix: String, suffix: String, codepoints: CodePoints
    ) {
      self.kind = kind
      self.before = before
      self.after = after
      self.prefix = prefix
      self.suffix = suffix
      self.codepoints = codepoints
    }
  }

  /// What is seen more often on one side than on the other: a value that comes in some runs of one level only, or a field
  /// that is another one in every run and is made otherwise with some level.
  public struct Frequency: Hashable, Sendable, Codable {
    /// Runs that show it, and runs, with the levels of the cause.
    public var seen: Int
    public var runs: Int
    /// Runs without those levels that show it; `nil` for none.
    public var othersSeen: Int?
    /// Runs without those levels.
    public var othersRuns: Int
    /// Of Fisher's exact test, corrected for everything that was tested.
    public var probability: Double
    /// How many hypotheses were tested.
    public var tested: Int
    /// What is said of a field that is another one in every run, a clause; `nil` where a value itself comes and goes.
    public var feature: String?

    public init(
      seen: Int, runs: Int, othersSeen: Int = 0, othersRuns: Int, probability: Double, tested: Int,
      feature: String? = nil
    ) {
      self.seen = seen
      self.runs = runs
      self.othersSeen = othersSeen == 0 ? nil : othersSeen
      self.othersRuns = othersRuns
      self.probability = probability
      self.tested = tested
      self.feature = feature
    }
  }

  /// Stable for the same difference in the same subject: derived from channel, location, kind and causes.
  public var id: String
  public var verdict: Verdict
  public var `class`: Class
  public var channel: Channel
  public var location: String
  public var kind: Kind
  /// Minimal sufficient sets of factors: `[["endpoint", "timezone"]]`; several sets are alternatives.
  public var causes: [[Factor]]
  public var partition: [Part]
  public var locations: [Location]
  public var differences: [Difference]
  /// Ids of the runs that show it.
  public var evidence: [String]
  /// Command lines, as argument vectors, that show both sides.
  public var reproduce: [[String]]
  /// Why the verdict or the class is what it is, where that needs words: the profile that would settle an
  /// undetermined class, the gap that makes it inconclusive, the rule that explains it.
  public var note: String?
  /// Which levels give which value, in a sentence, where many levels of one factor were tried: "`/` for these 11 zones…".
  public var predicate: String?
  /// Where several versions of a program were compared: those that show it, by name.
  public var versions: [String]?
  /// Where it shows in a part of the runs only: how often, on either side, and how likely chance is.
  public var frequency: Frequency?
  /// What the place carries, where its values tell levels apart.
  public var capacity: Capacity?

  public init(
    id: String, verdict: Verdict, class: Class, channel: Channel, location: String, kind: Kind, causes: [[Factor]],
    partition: [Part], locations: [Location], differences: [Difference], evidence: [String], reproduce: [[String]],
    note: String? = nil, predicate: String? = nil, frequency: Frequency? = nil, capacity: Capacity? = nil
  ) {
    self.id = id
    self.verdict = verdict
    self.class = `class`
    self.channel = channel
    self.location = location
    self.kind = kind
    self.causes = causes
    self.partition = partition
    self.locations = locations
    self.differences = differences
    self.evidence = evidence
    self.reproduce = reproduce
    self.note = note
    self.predicate = predicate
    self.frequency = frequency
    self.capacity = capacity
  }

  /// Whether it decides the conclusion when only deciding classes count.
  public var isDeciding: Bool { verdict == .unexplained && Report.Deciding.geographic.counts(self) }
}
