/// What `envprobe doctor` found out about a host: whether envprobe can do its work there.
public struct Examination: Hashable, Sendable, Codable {
  public static let currentSchema = "envprobe.doctor/1"

  public var schema: String = Self.currentSchema
  public var tool: String
  /// Such as `Linux 6.18.5 (x86_64), Debian GNU/Linux 12, as root`.
  public var host: String
  public var checks: [Check]
  /// Whether everything that the default level needs works.
  public var isReady: Bool

  public init(tool: String, host: String, checks: [Check]) {
    self.tool = tool
    self.host = host
    self.checks = checks
    isReady = checks.allSatisfy { !$0.isBlocking }
  }

  enum CodingKeys: String, CodingKey {
    case schema, tool, host, checks
    case isReady = "ready"
  }

  /// One feature of the kernel, setting, tool or place, and what came of trying it.
  public struct Check: Hashable, Sendable, Codable {
    public enum Area: String, Hashable, Sendable, Codable, CaseIterable {
      case sandbox, settings, recording, data, room, trial

      public var title: String {
        switch self {
        case .sandbox: "The sandbox"
        case .settings: "Settings that can forbid it"
        case .recording: "Recording"
        case .data: "Libraries and data"
        case .room: "Room"
        case .trial: "All of it together"
        }
      }
    }
    public enum Status: String, Hashable, Sendable, Codable, CaseIterable {
      case works
      /// It works, but not as well as it could.
      case limited
      case missing
      /// This host, or this user, does without it.
      case unneeded
    }

    /// Stable, for scripts: `user-namespaces`.
    public var name: String
    public var area: Area
    public var title: String
    /// Whether the default level cannot do without it.
    public var isRequired: Bool
    public var status: Status
    /// What was seen: a version, a value, or the step that failed with its error.
    public var evidence: String
    /// What its absence costs; only where it is limited or missing.
    public var cost: String?
    /// How to enable it; only where it is limited or missing and a way is known.
    public var remedy: String?

    public init(
      name: String, area: Area, title: String, isRequired: Bool, status: Status, evidence: String, cost: String? = nil,
      remedy: String? = nil
    ) {
      self.name = name
      self.area = area
      self.title = title
      self.isRequired = isRequired
      self.status = status
      self.evidence = evidence
      self.cost = cost
      self.remedy = remedy
    }

    /// Whether the default level does not work because of this.
    public var isBlocking: Bool { isRequired && status == .missing }

    enum CodingKeys: String, CodingKey {
      case name, area, title, status, evidence, cost, remedy
      case isRequired = "required"
    }
  }
}
