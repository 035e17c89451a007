import EnvprobeModel

/// What one run left behind, sorted by what it is about: for `envprobe show`, and the source of the summary of a run.
public struct TraceListing: Sendable {
  public enum Section: String, Sendable, CaseIterable, Encodable, CodingKey {
    case processes, programs, environment, ambient, files, network, requests, output, gaps, syscalls, timeline

    /// What is shown where no section is named: an overview.
    public static let overview: [Section] = [
      .processes, .environment, .ambient, .files, .network, .requests, .output, .gaps, .syscalls,
    ]

    /// For help texts and the reference page.
    public var summary: String {
      switch self {
      case .processes: "the tree of processes and the programs they ran"
      case .programs: "programs in the order in which they were executed, and the environment passed on"
      case .environment: "environment variables that were asked for, and how far that is known"
      case .ambient:
        "what was read of the place: time zone, locale, host name, clock, interfaces, machine id and the like"
      case .files: "files created, changed or removed, and paths that were asked for"
      case .network: "hosts contacted with bytes, names asked for, TLS"
      case .requests: "requests and what was answered"
      case .output: "what the program wrote to its standard streams"
      case .gaps: "what is missing from the record"
      case .syscalls: "system calls by name"
      case .timeline: "every event in its order"
      }
    }
  }

  /// A process and the programs that it ran, in order.
  public struct Process: Hashable, Sendable, Encodable {
    public var pid: Int
    public var parent: Int
    /// The file that it executed when it was first seen: after a fork its parent's.
    public var executable: String?
    public var programs: [Program]
  }

  public struct Program: Hashable, Sendable, Encodable {
    public var time: Double
    public var path: String
    public var arguments: [String]
    /// The variables that were passed on otherwise than the first program had them: their names.
    public var added: [String] = []
    public var changed: [String] = []
    public var withheld: [String] = []

    /// What it calls itself: one file may be several programs.
    public var name: String {
      let word = arguments.first.flatMap { $0.isEmpty ? nil : $0 } ?? path
      return word.split(separator: "/").last.map(String.init) ?? word
    }
  }

  /// An environment variable that was asked for, by any process.
  public struct AskedVariable: Hashable, Sendable, Encodable {
    public var name: String
    /// Whether it was set when it was asked for; `nil` where that is not known, or not the same every time.
    public var isSet: Bool?
    public var count: Int
    /// The files whose code asked.
    public var modules: [String]
    /// The same with the functions, where they are known.
    public var readers: [VariableReader]
    /// Where in the program's source it was first asked for, innermost first; where a hook told of it.
    public var stack: [String]?
    public var pids: [Int]
    /// Where its value comes from; `nil` where it was not set.
    public var source: ValueSource?
    /// `secret` or `place`.
    public var interest: String?
  }

  public struct VariableReader: Hashable, Sendable, Encodable {
    public var module: String?
    public var symbol: String?
    public var count: Int

    /// `libc.so.6:tzset`
    var text: String {
      let file = module.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? "(code of no file)"
      return symbol.map { "\(file):\($0)" } ?? file
    }
  }

  /// Where the value of a variable comes from. In JSON its text.
  public enum ValueSource: Hashable, Sendable, Encodable, CustomStringConvertible {
    case factor(Factor)
    /// The same in every run.
    case constant
    /// Not what the first program was started with: another one set it.
    case program

    public var description: String {
      switch self {
      case .factor(let factor): factor.name
      case .constant: "constant"
      case .program: "program"
      }
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(description)
    }
  }

  /// How much of what a process asked of its environment is known.
  public struct Coverage: Hashable, Sendable, Encodable {
    public var pid: Int
    public var instrumentation: ProcessInstrumentation
  }

  /// A path that the program named in a system call. Whether the call succeeded is not known: what was there was looked
  /// up next to it.
  public struct AskedPath: Hashable, Sendable, Encodable {
    public var path: String
    public var calls: [String]
    public var count: Int
    /// How often something was there, and how often nothing; in neither, where that is not known.
    public var present = 0
    public var missing = 0
    /// Where it last led, if not to itself.
    public var resolved: String?
    /// `secret` or `place`, and what the file holds.
    public var interest: String?
    public var meaning: String?
  }

  /// Everything that went to one port of one host.
  public struct Host: Hashable, Sendable, Encodable {
    /// The name that was resolved to the address, or the address.
    public var host: String
    public var port: Int
    public var transport: Connection.Transport
    public var addresses: [String]
    public var connections: Int
    public var requests: Int
    /// Bytes from the program, and to it.
    public var received: Int
    public var sent: Int
    /// Where tunnels through it led.
    public var tunnels: [String]
    public var failures: [String]
    /// The processes that connected: `curl (3)`.
    public var callers: [String] = []
  }

  public struct Name: Hashable, Sendable, Encodable {
    public var name: String
    public var types: [String]
    public var count: Int
    public var status: String
    /// The processes that asked, as far as they are known.
    public var callers: [String] = []
  }

  public struct Exchange: Hashable, Sendable, Encodable {
    public var number: Int
    public var time: Double
    public var pid: Int?
    /// The process that it comes from: `curl (3)`.
    public var caller: String?
    public var request: HTTPRequest
    public var response: HTTPResponse?
    /// The bodies as text, or as base64 where they are none; only where they were asked for.
    public var requestBody: ByteString?
    public var responseBody: ByteString?

    /// `https://api.example.com/v1/messages`
    public var url: String {
      let isDefault = request.port == (request.scheme == "https" ? 443 : 80)
      let host = request.host.contains(":") ? "[\(request.host)]" : request.host
      return "\(request.scheme)://\(host)\(isDefault ? "" : ":\(request.port)")\(request.target)"
    }
  }

  public struct Stream: Hashable, Sendable, Encodable {
    public var stream: Output.Stream
    public var bytes: ByteString
  }

  public struct SyscallCount: Hashable, Sendable, Encodable {
    public var name: String
    public var count: Int
    public var denied: Int
  }

  public let id: String
  public let manifest: RunManifest
  public private(set) var processes: [Process] = []
  public private(set) var variables: [AskedVariable] = []
  public private(set) var coverage: [Coverage] = []
  public private(set) var changes: [FileChange] = []
  public private(set) var asked: [AskedPath] = []
  public private(set) var hosts: [Host] = []
  public private(set) var names: [Name] = []
  public private(set) var handshakes: [TLSHandshake] = []
  public private(set) var exchanges: [Exchange] = []
  public private(set) var output: [Stream] = []
  public private(set) var gaps: [Gap] = []
  public private(set) var diagnostics: [String] = []
  public private(set) var syscalls: [SyscallCount] = []
  public private(set) var ambient: [Ambient] = []
  /// The events themselves.
  public private(set) var timeline: [Event] = []
  public let filter: TraceFilter?

  /// Sorts a trace.
  ///
  /// - Parameters:
  ///   - filter: which of its events are listed.
  ///   - bodies: whether the bodies of requests are taken along: they may be large.
  public init(_ trace: Trace, filter: TraceFilter? = nil, bodies: Bool = false) {
    id = trace.id
    manifest = trace.manifest
    self.filter = filter
    let surroundings = trace.manifest.surroundings
    timeline =
      filter.map { filter in trace.events.filter { filter.selects($0) { Self.folder(of: $0, surroundings) } } }
      ?? trace.events
    var builder = TraceListingBuilder(surroundings, history: ProgramHistory(trace.events))
    for event in timeline { builder.take(event) }
    // Which processes there are, and how far they were followed, is needed to read the rest.
    if filter != nil { for event in trace.events { builder.takeFrame(event) } }
    processes = builder.processes
    variables = builder.reads.variables
    coverage = builder.coverage.entries
    ambient = builder.ambientReads(variables)
    changes = builder.changes.sorted {
      ($0.root.rawValue, $0.path.displayText) < ($1.root.rawValue, $1.path.displayText)
    }
    asked = builder.askedPaths
    hosts = builder.hosts
    names = builder.names
    handshakes = builder.handshakes
    exchanges = builder.exchanges.map { exchange in
      guard bodies else { return exchange }
      var exchange = exchange
      let request = exchange.request.decodedBody ?? exchange.request.body
      exchange.requestBody = request.flatMap { trace.blobs[$0.sha256] }.map { ByteString($0) }
      exchange.responseBody = exchange.response?.body.flatMap { trace.blobs[$0.sha256] }.map { ByteString($0) }
      return exchange
    }
    output = builder.output
    // The manifest repeats the gaps of a run that ended; a run that was cut short has them in its events only.
    gaps = trace.manifest.gaps.isEmpty ? builder.gaps : trace.manifest.gaps
    diagnostics = builder.diagnostics
    syscalls = builder.syscallCounts
  }

  /// One of the folders whose changes are recorded, as the program sees it.
  static func folder(of root: FileChange.Root, _ surroundings: Surroundings) -> String {
    switch root {
    case .home: surroundings.home
    case .tmp: "/tmp"
    case .workdir: surroundings.workingDirectory
    }
  }
}
