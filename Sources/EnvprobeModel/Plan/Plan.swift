/// Everything one run needs, as values: what the program is started with and what it finds around it.
///
/// A pure function of the subject, an assignment of levels and what is known of the host. It can be dumped and read
/// back; `EnvprobeSandbox` lowers it to setup operations.
public struct Plan: Hashable, Sendable, Codable {
  /// The file that is executed, as the program sees it.
  public var executable: String
  public var arguments: [String]
  /// The environment block, in order.
  public var environment: [EnvironmentVariable]
  public var workDirectory: WorkDirectory
  public var account: Account
  public var hostname: String
  /// Files below `/etc` that follow from the assignment.
  public var etc: [PlannedFile]
  /// Files below `/etc` that are the same in every run: what is hidden of the host, and the certificates.
  public var commonEtc: [PlannedFile]
  /// Files in HOME at the start.
  public var home: [PlannedFile]
  /// The host's folder that is seen below HOME, which has its path; `nil` where HOME begins with ``home`` only.
  public var homeSource: String?
  /// What of it the program does not see, relative to it.
  public var hiddenInHome: [String]
  public var view: RootView
  /// Parts of the host's hidden folders that the program needs in order to start.
  public var exposures: [Exposure]
  public var network: NetworkAddresses
  public var streams: StandardStreams
  public var traceLevel: TraceLevel
  /// The locales that must exist inside, as written in the variables (`zh_CN.UTF-8`).
  public var locales: [String]
  /// Seconds since boot that the program sees at its start; `nil` leaves the host's.
  public var uptime: Int?
  /// What of the working directory the program does not see, relative to it.
  public var hiddenInWork: [String]
  /// The zone's offset from UTC in seconds, and its abbreviation, at the start of the run.
  public var zone: ZoneFile.Moment

  /// What the program could know of the place it runs in.
  public var surroundings: Surroundings {
    Surroundings(
      environment: environment, home: account.home, workingDirectory: workDirectory.path, user: account.user,
      hostname: hostname, utcOffset: zone.offset, zoneAbbreviation: zone.abbreviation, isDaylight: zone.isDaylight)
  }
}

extension Plan {
  /// The user inside.
  public struct Account: Hashable, Sendable, Codable {
    public var user: String
    /// The person's name, the comment of the passwd entry.
    public var fullName: String
    public var uid: Int
    public var gid: Int
    public var home: String
    public var shell: String
  }

  /// How the working directory appears inside, at its own path.
  public enum WorkDirectory: Hashable, Sendable, Codable {
    /// A view in which changes are kept apart and thrown away with the stage.
    case copyOnWrite(String)
    /// The host's folder itself.
    case direct(String)
    /// An empty folder, as the host's is hidden: it is a home, or holds one.
    case empty(String)
    /// What the sandbox has at that path anyway: `/`, `/tmp`.
    case existing(String)

    public var path: String {
      switch self {
      case .copyOnWrite(let path), .direct(let path), .empty(let path), .existing(let path): path
      }
    }
  }

  /// The addresses of the loopback interface besides 127.0.0.1 and ::1. Every other address is local, too, and
  /// connections to it come from these.
  public struct NetworkAddresses: Hashable, Sendable, Codable {
    public var ipv4: String
    public var ipv6: String
  }

  /// What of the host's file system is seen, read-only.
  public struct RootView: Hashable, Sendable, Codable {
    /// Folders that are bound with everything below them. A folder follows the one it lies in.
    public var folders: [String]
    /// Symbolic links that are made anew.
    public var links: [Link]
    /// Empty folders that the sandbox has at these paths.
    public var placeholders: [String]
    /// Folders below `folders` that are covered by an empty one.
    public var covered: [String]
    /// Files of the host, below `folders`, that are replaced by files of `/etc` inside.
    public var replaced: [Link]
  }

  public struct Link: Hashable, Sendable, Codable {
    public var path: String
    public var target: String

    public init(path: String, target: String) {
      self.path = path
      self.target = target
    }
  }

  /// A part of a hidden folder that is shown at its own path.
  public enum Exposure: Hashable, Sendable, Codable {
    case folder(String)
    case file(String)
    case link(Link)

    public var path: String {
      switch self {
      case .folder(let path), .file(let path): path
      case .link(let link): link.path
      }
    }
  }
}

/// What the program's standard streams are connected to.
public enum StandardStreams: Hashable, Sendable, Codable {
  /// One new terminal for all three, of this size.
  case terminal(columns: Int, rows: Int)
  /// Pipes for output and error. Input is the caller's own, or empty.
  case pipes(inheritsInput: Bool)
}

/// How many of the system calls are recorded.
public enum TraceLevel: String, Hashable, Sendable, Codable, CaseIterable {
  /// Every call but the frequent ones that say little.
  case `default`
  /// Every call.
  case full
  /// None. What no audited program needs is still denied, and the network still answers.
  case off
}

/// Whether reads of environment variables are recorded.
public enum EnvironmentReadLevel: String, Hashable, Sendable, Codable, CaseIterable {
  /// Those of every process that can be followed.
  case on
  /// None: nothing follows the program, which may then be traced by another.
  case off
}

/// A file that exists at the start of a run.
public struct PlannedFile: Hashable, Sendable, Codable {
  public enum Content: Hashable, Sendable, Codable {
    case text(String)
    /// A symbolic link to this target.
    case link(String)
    /// Nothing: the host's file or folder of that name is not seen.
    case absent
    /// The host's file, where it has one, followed by this text.
    case appended(host: String?, text: String)
    /// A store of certificates for Java: those of the host's file in PEM, where it has one, and those of this text.
    case keystore(host: String?, text: String)
  }
  /// Relative to the folder that it is planned for.
  public var path: String
  public var content: Content

  public init(_ path: String, _ content: Content) {
    self.path = path
    self.content = content
  }
}
