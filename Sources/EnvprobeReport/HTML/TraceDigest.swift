import EnvprobeModel

/// What the page keeps of a trace: requests, processes and what they did in time, files, output.
///
/// Keys are short because they are repeated thousands of times.
struct TraceDigest: Encodable {
  struct Exchange: Encodable {
    var n: Int
    var t: Double
    var method: String
    var scheme: String
    var host: String
    var port: Int
    var target: String
    var version: String
    var via: [String]
    var headers: [HTTPHeader]
    var body: Body?
    var cut: Bool
    var response: Response?
  }

  struct Response: Encodable {
    var t: Double
    var status: Int
    var headers: [HTTPHeader]
    var body: Body?
    var source: String
  }

  /// A body by its hash; its text is in a block of its own, where it is on the page at all.
  struct Body: Encodable {
    var sha256: String
    var size: Int
    /// The hash of the bytes on the wire, where these were coded.
    var coded: String?
  }

  struct Process: Encodable {
    var pid: Int
    var parent: Int
    var t: Double
    var until: Double
    var executable: String?
    var calls: Int
  }

  /// A mark on the timeline.
  struct Mark: Encodable {
    var t: Double
    var lane: String
    var pid: Int?
    var text: String
  }

  struct File: Encodable {
    var root: String
    var path: String
    var change: String
    var kind: String
    var size: Int?
    var sha256: String?
  }

  struct Output: Encodable {
    var stream: String
    var text: String
    var cut: Bool
  }

  struct Variable: Encodable {
    var name: String
    /// Whether it was set; `nil` where that is not known, or not the same every time.
    var set: Bool?
    var count: Int
    var modules: [String]
    var pids: [Int]
    /// `secret` or `place`.
    var interest: String?
  }

  /// How much of what a process asked of its environment is known.
  struct Coverage: Encodable {
    var pid: Int
    var level: String
    var reason: String
  }

  /// A path that tells the place or holds a secret, and that the program named.
  struct AskedPath: Encodable {
    var path: String
    var meaning: String
    var interest: String
    var count: Int
  }

  struct CallCount: Encodable {
    var name: String
    var count: Int
  }

  var id: String
  var profile: String?
  var started: String
  var wall: Double
  var exchanges: [Exchange] = []
  var processes: [Process] = []
  var marks: [Mark] = []
  /// How many marks there were; more than `marks` where they were thinned out.
  var markCount = 0
  var files: [File] = []
  var fileCount = 0
  var outputs: [Output] = []
  var variables: [Variable] = []
  var variableCount = 0
  var coverage: [Coverage] = []
  var asked: [AskedPath] = []
  var calls: [CallCount] = []
  var diagnostics: [String] = []

  private static let markLimit = 600
  private static let fileLimit = 400
  private static let variableLimit = 400
  private static let askedLimit = 60
  private static let callLimit = 12
  private static let outputLimit = 32 * 1024
  private static let textLimit = 400

  /// What paths are about, kept from trace to trace: the runs of a matrix ask for much the same ones.
  typealias Interests = [String: PathInterest?]

  init(_ trace: Trace, interests: inout Interests) {
    id = trace.id
    profile = trace.manifest.profile
    started = trace.manifest.started
    wall = max(trace.manifest.exit?.wall ?? 0, trace.events.last?.time ?? 0)
    var reads = EnvironmentReadTable(trace.manifest.surroundings)
    var callCounts: [String: Int] = [:]
    var pathCounts: [String: Int] = [:]
    var processIndex: [Int: Int] = [:]
    var exchangeIndex: [Int: Int] = [:]
    var outputs: [String: [UInt8]] = [:]

    for event in trace.events {
      if let pid = event.pid, let index = processIndex[pid] { processes[index].until = event.time }
      switch event.payload {
      case .process(let seen):
        guard let pid = event.pid else { continue }
        processIndex[pid] = processes.count
        processes.append(
          Process(
            pid: pid, parent: seen.parent, t: event.time, until: event.time, executable: seen.executable, calls: 0))
      case .exec(let call):
        callCounts["execve", default: 0] += 1
        mark(event, "programs", Self.text(call))
      case .syscall(let call):
        callCounts[call.name, default: 0] += 1
        if let path = call.path { pathCounts[path.displayText, default: 0] += 1 }
        if let pid = event.pid, let index = processIndex[pid] { processes[index].calls += 1 }
      case .dns(let query):
        mark(event, "names", "\(query.name) \(query.type) → \(query.status) \(query.answers.joined(separator: " "))")
      case .connection(let connection):
        let name = connection.name.map { "\($0) " } ?? ""
        mark(event, "connections", "\(connection.transport.rawValue) \(name)\(connection.address):\(connection.port)")
      case .connectionClosed(let closed):
        if let error = closed.error { mark(event, "connections", "closed: \(error)") }
      case .tls(let handshake):
        if let failure = handshake.failure { mark(event, "connections", "TLS failed: \(failure)") }
      case .tunnel(let tunnel):
        mark(event, "connections", "\(tunnel.kind.rawValue) tunnel to \(tunnel.host):\(tunnel.port)")
      case .request(let request):
        exchangeIndex[request.exchange] = exchanges.count
        exchanges.append(Self.exchange(request, time: event.time))
        mark(event, "requests", "\(request.method) \(request.scheme)://\(request.host)\(request.target)")
      case .response(let response):
        guard let index = exchangeIndex[response.exchange] else { continue }
        exchanges[index].response = Response(
          t: event.time, status: response.status, headers: response.headers,
          body: response.body.map { Body(sha256: $0.sha256, size: $0.size) }, source: response.source)
      case .output(let output):
        outputs[output.stream.rawValue, default: []] += output.bytes.bytes
        mark(event, "output", "\(output.stream.rawValue): \(output.bytes.displayText)")
      case .file(let change):
        fileCount += 1
        if files.count < Self.fileLimit { files.append(Self.file(change)) }
      case .raw(let raw):
        mark(event, "connections", "\(Quantity.bytes(raw.content.size)) \(raw.direction.rawValue)")
      case .message(let message):
        mark(
          event, "connections",
          "\(message.kind.rawValue) message of \(Quantity.bytes(message.content.size)) \(message.direction.rawValue)")
      case .gap(let gap): mark(event, "gaps", gap.kind.meaning)
      case .environmentRead(let read):
        mark(event, "variables", read.name.value?.displayText ?? "(unreadable)")
        reads.take(read, pid: event.pid ?? 0)
      case .runtimeCall(let call): mark(event, "variables", call.name)
      case .instrumentation(let level):
        coverage.append(Coverage(pid: event.pid ?? 0, level: level.level.rawValue, reason: level.reason))
      case .diagnostic(let diagnostic): diagnostics.append(diagnostic.text)
      case .exit, .tlsSecret, .segment: break
      }
    }
    thinMarks()
    variables = reads.variables.prefix(Self.variableLimit).map {
      Variable(
        name: $0.name, set: $0.isSet, count: $0.count, modules: $0.modules, pids: $0.pids, interest: $0.interest)
    }
    variableCount = reads.variables.count
    asked = Self.asked(pathCounts, home: trace.manifest.surroundings.home, interests: &interests)
    calls = callCounts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.callLimit)
      .map { CallCount(name: $0.key, count: $0.value) }
    self.outputs = outputs.sorted { $0.key < $1.key }.map { stream, bytes in
      Output(
        stream: stream, text: ByteString(bytes.prefix(Self.outputLimit)).displayText,
        cut: bytes.count > Self.outputLimit)
    }
  }

  /// The hashes of the bodies, in the order in which they were seen.
  var bodies: [Body] { exchanges.flatMap { [$0.body, $0.response?.body].compactMap { $0 } } }

  /// Secrets before places, those of one meaning together.
  private static func asked(_ counts: [String: Int], home: String, interests: inout Interests) -> [AskedPath] {
    var result: [AskedPath] = []
    for (path, count) in counts {
      let key = home + "\u{0}" + path
      let interest: PathInterest?
      if let known = interests[key] {
        interest = known
      } else {
        interest = PathInterest.of(path: path, home: home)
        interests[key] = .some(interest)
      }
      guard let interest else { continue }
      result.append(
        AskedPath(path: path, meaning: interest.meaning, interest: interest.kind.rawValue, count: count))
    }
    return Array(
      result.sorted { a, b in
        if a.interest != b.interest { return a.interest == PathInterest.Kind.secret.rawValue }
        return (a.meaning, a.path) < (b.meaning, b.path)
      }.prefix(askedLimit))
  }

  private mutating func mark(_ event: Event, _ lane: String, _ text: String) {
    markCount += 1
    let cut = text.unicodeScalars.prefix(Self.textLimit)
    marks.append(Mark(t: event.time, lane: lane, pid: event.pid, text: String(String.UnicodeScalarView(cut))))
  }

  /// Keeps the beginning of each lane, because what a program does first says most.
  private mutating func thinMarks() {
    if marks.count <= Self.markLimit { return }
    let lanes = Set(marks.map(\.lane)).count
    var kept: [String: Int] = [:]
    marks = marks.filter { mark in
      kept[mark.lane, default: 0] += 1
      return kept[mark.lane]! <= Self.markLimit / lanes
    }
  }

  private static func text(_ call: ExecCall) -> String {
    let path = call.path.value?.displayText ?? "(unreadable)"
    let words = call.arguments.value?.map { ShellWord.quote($0.displayText) } ?? [path]
    let missing = call.exists == false ? " (no such file)" : ""
    return words.joined(separator: " ") + missing
  }

  private static func exchange(_ request: HTTPRequest, time: Double) -> Exchange {
    let body = (request.decodedBody ?? request.body).map {
      Body(sha256: $0.sha256, size: $0.size, coded: request.decodedBody == nil ? nil : request.body?.sha256)
    }
    return Exchange(
      n: request.exchange, t: time, method: request.method, scheme: request.scheme, host: request.host,
      port: request.port, target: request.target, version: request.version, via: request.via,
      headers: request.headers + request.trailers, body: body, cut: request.truncated)
  }

  private static func file(_ change: FileChange) -> File {
    File(
      root: change.root.rawValue, path: change.path.displayText, change: change.change.rawValue,
      kind: change.kind.rawValue, size: change.size, sha256: change.sha256 ?? change.content?.sha256)
  }
}
