import EnvprobeModel
import EnvprobeWire

/// What all runs of an invocation have in common.
public struct RunSettings: Sendable {
  /// The subject's command line, as given.
  public var arguments: [String]
  /// `nil` is the built-in scenario.
  public var scenario: Scenario?
  public var origin: AnswerOrigin
  /// The bundle that is replayed, for the manifest.
  public var replayed: String?
  /// Variables whose values are redacted wherever they appear.
  public var secrets: [String]
  /// Whether the secrets of TLS are recorded, and the bytes below it.
  public var keepsTLSSecrets: Bool
  /// Seconds after which a run is stopped; `nil` for never.
  public var timeout: Double?
  public var traceLevel: TraceLevel
  public var environmentReads: EnvironmentReadLevel
  public var clock: RunClock
  /// Whether changes in the working directory go to the host's.
  public var keepsChanges: Bool
  /// The locales that every run finds, those of its own assignment included.
  public var locales: [String]
  /// Folders below the working directory that the program must not see: where envprobe writes.
  public var hidden: [String]
  /// The caller's HOME, where the program is to have it for its own under a layer that takes its changes.
  public var overlaidHome: String?
  /// What is to tell of looks at the variables from inside language runtimes.
  public var hooks: [RuntimeHook] = []
  /// Secret, 32 bytes: credentials are replaced by a hash under it, the same in all runs that are to be compared.
  public var redactionKey: [UInt8]
  public var tool: String

  public init(
    arguments: [String], scenario: Scenario? = nil, origin: AnswerOrigin = .scenario, replayed: String? = nil,
    secrets: [String] = [], keepsTLSSecrets: Bool = false,
    timeout: Double? = nil, traceLevel: TraceLevel = .default,
    environmentReads: EnvironmentReadLevel = .on, clock: RunClock = .assigned, keepsChanges: Bool = false,
    locales: [String] = [],
    hidden: [String] = [], overlaidHome: String? = nil,
    redactionKey: [UInt8] = RunSettings.randomKey(), tool: String
  ) {
    self.arguments = arguments
    self.scenario = scenario
    self.origin = origin
    self.replayed = replayed
    self.secrets = secrets
    self.keepsTLSSecrets = keepsTLSSecrets
    self.timeout = timeout
    self.traceLevel = traceLevel
    self.environmentReads = environmentReads
    self.clock = clock
    self.keepsChanges = keepsChanges
    self.locales = locales
    self.hidden = hidden
    self.overlaidHome = overlaidHome
    self.redactionKey = redactionKey
    self.tool = tool
  }

  /// Who answers, for the manifest.
  var answers: AnswerSource {
    switch origin {
    case .live(let access): return AnswerSource(mode: .live, allowedHosts: access.allowedHosts)
    case .replay: return AnswerSource(mode: .replay, name: replayed)
    case .scenario:
      let scenario = scenario ?? .hello
      return AnswerSource(mode: scenario.isOffline ? .none : .scripted, name: scenario.name)
    }
  }

  public static func randomKey() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<4).flatMap { _ in withUnsafeBytes(of: generator.next() as UInt64) { Array($0) } }
  }
}

/// What the program's standard streams are connected to on this side.
public enum RunStreams: Sendable {
  /// Nothing comes in; what comes out is recorded only.
  case detached
  /// The caller's own, piece by piece.
  case passedOn
  /// The caller's terminal.
  case terminal(columns: Int, rows: Int)

  var planned: StandardStreams {
    switch self {
    case .detached: .pipes(inheritsInput: false)
    case .passedOn: .pipes(inheritsInput: true)
    case .terminal(let columns, let rows): .terminal(columns: columns, rows: rows)
    }
  }
}
