/// What a plan depends on of the machine it is made on.
public struct HostFacts: Hashable, Sendable, Codable {
  /// An entry of a folder that is recreated piece by piece.
  public enum Entry: Hashable, Sendable, Codable {
    case folder(String)
    case link(String, target: String)
  }
  /// The caller's PATH.
  public var searchPath: String
  /// TERM and COLORTERM of the caller.
  public var terminalType: String?
  public var colorTerminal: String?
  /// Absolute and without symbolic links.
  public var workDirectory: String
  /// Folders that hold what nobody inside may see: the homes of people. Absolute and without symbolic links.
  public var homes: [String]
  /// The folders and links in `/` and in `/var`, sorted by name.
  public var root: [Entry]
  public var variable: [Entry]
  /// Which of ``Plan/hiddenInEtc`` and of ``Plan/hiddenElsewhere`` the host has.
  public var hiddenInEtc: [String]
  public var hiddenElsewhere: [String]
  /// The host's certificate bundle.
  public var certificateBundle: String?
  /// Files in which installed Javas look for certificates: absolute and without symbolic links.
  public var javaKeystores: [String]
  /// Further files that hold the machine id.
  public var machineIDFiles: [String]
  /// The login shell to give the user.
  public var shell: String

  public init(
    searchPath: String, terminalType: String? = nil, colorTerminal: String? = nil, workDirectory: String,
    homes: [String], root: [Entry], variable: [Entry], hiddenInEtc: [String], hiddenElsewhere: [String] = [],
    certificateBundle: String?, javaKeystores: [String] = [], machineIDFiles: [String], shell: String
  ) {
    self.searchPath = searchPath
    self.terminalType = terminalType
    self.colorTerminal = colorTerminal
    self.workDirectory = workDirectory
    self.homes = homes
    self.root = root
    self.variable = variable
    self.hiddenInEtc = hiddenInEtc
    self.hiddenElsewhere = hiddenElsewhere
    self.certificateBundle = certificateBundle
    self.javaKeystores = javaKeystores
    self.machineIDFiles = machineIDFiles
    self.shell = shell
  }
}

/// A certificate authority that the sandbox trusts.
public struct TrustedAuthority: Hashable, Sendable, Codable {
  public var pem: String
  /// The name under which OpenSSL looks it up in a folder of certificates, without the suffix: eight hex digits.
  public var subjectHash: String

  public init(pem: String, subjectHash: String) {
    self.pem = pem
    self.subjectHash = subjectHash
  }
}

/// A command of the subject, found on the host.
public struct ResolvedCommand: Hashable, Sendable, Codable {
  /// The path to execute: absolute, symbolic links kept.
  public var path: String
  /// The file it leads to on the host.
  public var file: String
  /// What has to be shown of the hidden folders so that it works.
  public var exposures: [Plan.Exposure]

  public init(path: String, file: String, exposures: [Plan.Exposure] = []) {
    self.path = path
    self.file = file
    self.exposures = exposures
  }
}

/// What the caller decides about a run, apart from the assignment.
public struct PlanSettings: Hashable, Sendable, Codable {
  /// Changes in the working directory go to the host's.
  public var keepsChanges: Bool
  public var streams: StandardStreams
  public var traceLevel: TraceLevel
  /// The locales of every run of the matrix, so that each finds the same set; those of the assignment are added.
  public var locales: [String]
  public var authority: TrustedAuthority?
  public var uptime: Int?
  /// Absolute paths that the program must not see where they lie below its working directory: where envprobe writes.
  public var hidden: [String]
  /// The caller's HOME, which the program has for its own under a layer that takes its changes; `nil` for a fresh one.
  public var overlaidHome: String?
  /// What is to tell of looks at the variables from inside language runtimes.
  public var hooks: [RuntimeHook]

  public init(
    keepsChanges: Bool = false, streams: StandardStreams = .pipes(inheritsInput: false),
    traceLevel: TraceLevel = .default, locales: [String] = [], authority: TrustedAuthority? = nil, uptime: Int? = nil,
    hidden: [String] = [], overlaidHome: String? = nil, hooks: [RuntimeHook] = []
  ) {
    self.keepsChanges = keepsChanges
    self.streams = streams
    self.traceLevel = traceLevel
    self.locales = locales
    self.authority = authority
    self.uptime = uptime
    self.hidden = hidden
    self.overlaidHome = overlaidHome
    self.hooks = hooks
  }
}
