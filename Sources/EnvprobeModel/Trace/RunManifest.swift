/// `run.json` of a bundle: what was run, under what, and whether the record of it is whole.
public struct RunManifest: Hashable, Sendable, Codable {
  public static let currentSchema = "envprobe.run/1"

  public var schema: String = Self.currentSchema
  public var tool: String
  public var subject: Subject
  /// The name of the profile, where the assignment is exactly a profile's.
  public var profile: String?
  public var assignment: Assignment
  /// Counts from 1 among the runs of one assignment.
  public var repetition: Int
  /// The start of the run, RFC 3339 in UTC.
  public var started: String
  /// What the program's clock showed then, RFC 3339 in UTC; `nil` where it was the host's.
  public var clock: String?
  /// What the program could know of the place it ran in, for telling an echo from a difference.
  public var surroundings: Surroundings
  /// Who answered what the program sent; `nil` in bundles from before this was recorded, which were scripted.
  public var answers: AnswerSource?
  public var exit: Exit?
  public var complete: Bool
  public var gaps: [Gap]
  /// How many events of each kind the bundle holds.
  public var counts: [String: Int]

  public init(
    tool: String, subject: Subject, profile: String?, assignment: Assignment, repetition: Int, started: String,
    clock: String? = nil, surroundings: Surroundings, answers: AnswerSource? = nil, exit: Exit? = nil,
    complete: Bool = false, gaps: [Gap] = [], counts: [String: Int] = [:]
  ) {
    self.tool = tool
    self.subject = subject
    self.profile = profile
    self.assignment = assignment
    self.repetition = repetition
    self.started = started
    self.clock = clock
    self.surroundings = surroundings
    self.answers = answers
    self.exit = exit
    self.complete = complete
    self.gaps = gaps
    self.counts = counts
  }

  enum CodingKeys: String, CodingKey {
    case schema, tool, subject, profile, assignment
    case repetition = "repeat"
    case started, clock, surroundings, answers, exit, complete, gaps, counts
  }
}

/// Who answered what the program sent.
public struct AnswerSource: Hashable, Sendable, Codable {
  public enum Mode: String, Sendable, Codable, CaseIterable {
    /// A scenario: nothing left the machine.
    case scripted
    /// The real destinations, where they were allowed.
    case live
    /// What a live run recorded: nothing left the machine.
    case replay
    /// Nobody.
    case none
  }
  public var mode: Mode
  /// The scenario's name, or the bundle that was replayed.
  public var name: String?
  /// The hosts that a live run was allowed to reach.
  public var allowedHosts: [String]?
  /// Rules of the scenario that answered nothing.
  public var unusedRules: [String]?

  public init(mode: Mode, name: String? = nil, allowedHosts: [String]? = nil, unusedRules: [String]? = nil) {
    self.mode = mode
    self.name = name
    self.allowedHosts = allowedHosts
    self.unusedRules = unusedRules
  }
}

/// The program under audit.
public struct Subject: Hashable, Sendable, Codable {
  public struct Executable: Hashable, Sendable, Codable {
    public var path: String
    /// In hex.
    public var sha256: String

    public init(path: String, sha256: String) {
      self.path = path
      self.sha256 = sha256
    }
  }
  public var argv: [String]
  public var executable: Executable

  public init(argv: [String], executable: Executable) {
    self.argv = argv
    self.executable = executable
  }
}

/// What a program inside can see of the place it runs in, apart from the levels of its assignment.
public struct Surroundings: Hashable, Sendable, Codable {
  /// Every variable that the program was started with, in order.
  public var environment: [EnvironmentVariable]
  public var home: String
  public var workingDirectory: String
  public var user: String
  public var hostname: String
  /// The zone's offset from UTC in seconds, and its abbreviation, at the start of the run.
  public var utcOffset: Int
  public var zoneAbbreviation: String
  /// Whether the zone is in daylight saving time then; `nil` where that is not known.
  public var isDaylight: Bool?
  /// How the C library writes dates in the run's locale; `nil` for its default, `C`.
  public var calendar: LocaleCalendar?

  public init(
    environment: [EnvironmentVariable], home: String, workingDirectory: String, user: String, hostname: String,
    utcOffset: Int, zoneAbbreviation: String, isDaylight: Bool? = nil, calendar: LocaleCalendar? = nil
  ) {
    self.environment = environment
    self.home = home
    self.workingDirectory = workingDirectory
    self.user = user
    self.hostname = hostname
    self.utcOffset = utcOffset
    self.zoneAbbreviation = zoneAbbreviation
    self.isDaylight = isDaylight
    self.calendar = calendar
  }

  /// The value that the program finds for the first of some variables that is set and not empty.
  public func value(ofFirst names: [String]) -> String? {
    for name in names {
      if let entry = environment.last(where: { $0.name == name && !$0.value.isEmpty }) { return entry.value }
    }
    return nil
  }
}

/// An environment variable that envprobe set, and the factor it came from.
public struct EnvironmentVariable: Hashable, Sendable, Codable {
  public var name: String
  public var value: String
  /// The factor whose level decided the value; `nil` where it is the same in every run.
  public var factor: Factor?

  public init(name: String, value: String, factor: Factor? = nil) {
    self.name = name
    self.value = value
    self.factor = factor
  }
}

/// What one run left behind.
public struct Trace: Sendable {
  /// Unique within a matrix; the name of its bundle's folder.
  public var id: String
  public var manifest: RunManifest
  public var events: [Event]
  /// The bytes of the blobs, by SHA-256; those that are absent could not be kept.
  public var blobs: [String: [UInt8]]

  public init(id: String, manifest: RunManifest, events: [Event], blobs: [String: [UInt8]] = [:]) {
    self.id = id
    self.manifest = manifest
    self.events = events
    self.blobs = blobs
  }
}
