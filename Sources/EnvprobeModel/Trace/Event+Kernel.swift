/// A process seen for the first time.
public struct ProcessSeen: Hashable, Sendable, Codable {
  /// The process id of its parent, as the program sees it; 0 where the parent is not visible inside.
  public var parent: Int
  /// The file it executes, as it sees it; or is about to, where that is the first thing it does.
  public var executable: String?

  public init(parent: Int, executable: String?) {
    self.parent = parent
    self.executable = executable
  }
}

/// A call of `execve` or `execveat`, as observed when it was made.
public struct ExecCall: Hashable, Sendable, Codable {
  /// The path, made absolute against the caller's working directory.
  public var path: Observed<ByteString>
  public var arguments: Observed<[ByteString]>
  /// The block `NAME=value` that is passed on, in order.
  public var environment: Observed<[ByteString]>
  /// Whether the target existed when the call was made.
  public var exists: Bool?
  /// Where the path led over links, if not to itself.
  public var resolved: ByteString?

  public init(
    path: Observed<ByteString>, arguments: Observed<[ByteString]>, environment: Observed<[ByteString]>,
    exists: Bool? = nil, resolved: ByteString? = nil
  ) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.exists = exists
    self.resolved = resolved
  }
}

/// Any other system call, as observed when it was made: its result is not known.
public struct SyscallCall: Hashable, Sendable, Codable {
  /// The kernel's name, or `syscall_462` where the number has none here.
  public var name: String
  /// The architecture where it is not the host's own (`i386`).
  public var architecture: String?
  public var arguments: [Argument]
  /// The errno with which envprobe answered instead of letting the call go on.
  public var denied: String?
  /// What its paths meant, in the order of those arguments; `nil` where it names none, or nothing is known of any.
  public var observed: [PathTarget]?

  public init(
    name: String, architecture: String? = nil, arguments: [Argument], denied: String? = nil,
    observed: [PathTarget]? = nil
  ) {
    self.name = name
    self.architecture = architecture
    self.arguments = arguments
    self.denied = denied
    self.observed = observed
  }

  /// The first path among the arguments.
  public var path: ByteString? {
    for case .path(let path) in arguments { if let value = path.value { return value } }
    return nil
  }

  /// The first socket address among the arguments.
  public var address: SocketAddress? {
    for case .address(let address) in arguments { if let value = address.value { return value } }
    return nil
  }

  /// A decoded argument. In JSON: an object with one key, the case's name.
  public enum Argument: Hashable, Sendable {
    case number(Int64)
    /// Absolute, as the caller sees it.
    case path(Observed<ByteString>)
    case text(Observed<ByteString>)
    case flags([String])
    case address(Observed<SocketAddress>)
  }
}

extension SyscallCall.Argument: Codable {
  private enum CodingKeys: String, CodingKey { case number, path, text, flags, address }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let key = container.allKeys.first else {
      throw DecodingError.dataCorrupted(.init(codingPath: container.codingPath, debugDescription: "empty argument"))
    }
    switch key {
    case .number: self = .number(try container.decode(Int64.self, forKey: key))
    case .path: self = .path(try container.decode(Observed<ByteString>.self, forKey: key))
    case .text: self = .text(try container.decode(Observed<ByteString>.self, forKey: key))
    case .flags: self = .flags(try container.decode([String].self, forKey: key))
    case .address: self = .address(try container.decode(Observed<SocketAddress>.self, forKey: key))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .number(let value): try container.encode(value, forKey: .number)
    case .path(let value): try container.encode(value, forKey: .path)
    case .text(let value): try container.encode(value, forKey: .text)
    case .flags(let value): try container.encode(value, forKey: .flags)
    case .address(let value): try container.encode(value, forKey: .address)
    }
  }
}

/// A decoded `struct sockaddr`.
public struct SocketAddress: Hashable, Sendable, Codable {
  /// `inet`, `inet6`, `unix`, `netlink`, or `family_17` where it is none of these.
  public var family: String
  /// The IP address in its canonical text form, the path of a Unix socket (`@name` where abstract), or the netlink
  /// group; empty where the family has none of them.
  public var address: String
  public var port: Int?

  public init(family: String, address: String, port: Int? = nil) {
    self.family = family
    self.address = address
    self.port = port
  }

  public var isInternet: Bool { family == "inet" || family == "inet6" }
  public var isLoopback: Bool { address == "::1" || (family == "inet" && address.hasPrefix("127.")) }
}

/// A piece of what the program wrote to one of its standard streams.
public struct Output: Hashable, Sendable, Codable {
  public enum Stream: String, Sendable, Codable { case stdout, stderr, terminal }
  public var stream: Stream
  public var bytes: ByteString

  public init(stream: Stream, bytes: ByteString) {
    self.stream = stream
    self.bytes = bytes
  }
}

/// A file that differs after the run from what was there before it.
public struct FileChange: Hashable, Sendable, Codable {
  public enum Root: String, Sendable, Codable, CaseIterable { case home, tmp, workdir }
  public enum Change: String, Sendable, Codable { case created, modified, removed }
  public enum Kind: String, Sendable, Codable { case file, directory, link, fifo, socket, device }

  /// The folder that `path` is relative to.
  public var root: Root
  public var path: ByteString
  public var change: Change
  public var kind: Kind
  /// The permission bits.
  public var mode: Int?
  public var size: Int?
  /// The contents, where they were kept.
  public var content: Blob?
  /// The SHA-256 of the contents in hex, also where they were too large to keep.
  public var sha256: String?
  public var linkTarget: ByteString?

  public init(
    root: Root, path: ByteString, change: Change, kind: Kind, mode: Int? = nil, size: Int? = nil, content: Blob? = nil,
    sha256: String? = nil, linkTarget: ByteString? = nil
  ) {
    self.root = root
    self.path = path
    self.change = change
    self.kind = kind
    self.mode = mode
    self.size = size
    self.content = content
    self.sha256 = sha256
    self.linkTarget = linkTarget
  }
}

/// How the program ended.
public struct Exit: Hashable, Sendable, Codable {
  /// The exit status, where it exited.
  public var status: Int?
  /// The signal that ended it, where one did.
  public var signal: Int?
  /// Whether envprobe ended it because it ran longer than allowed.
  public var timedOut: Bool
  /// Seconds of wall time from launch to end.
  public var wall: Double
  /// Seconds of processor time of the whole process tree, in user and kernel mode.
  public var userTime: Double
  public var systemTime: Double
  /// The largest resident set of any one process, in bytes.
  public var peakMemory: Int

  public init(
    status: Int? = nil, signal: Int? = nil, timedOut: Bool = false, wall: Double, userTime: Double = 0,
    systemTime: Double = 0, peakMemory: Int = 0
  ) {
    self.status = status
    self.signal = signal
    self.timedOut = timedOut
    self.wall = wall
    self.userTime = userTime
    self.systemTime = systemTime
    self.peakMemory = peakMemory
  }

  /// The status a shell would report: the program's own, 128 + n on a signal, 124 after a timeout.
  public var shellStatus: Int {
    if timedOut { return 124 }
    if let signal { return 128 + signal }
    return status ?? 125
  }
}
