import EnvprobeModel

extension RunObservations {
  /// The observations of a trace.
  public init(trace: Trace) {
    var reader = TraceReader(trace)
    self = reader.read()
  }
}

/// Walks the events of one run and says what was observed.
struct TraceReader {
  let trace: Trace
  var substitute: Substitution
  var run: RunObservations
  let hosts: HostNames
  let catalogs: CatalogFolders
  /// The program that a process is, by its id, as far as its reads of variables are recorded.
  var programs: [Int: String] = [:]
  /// The places of requests, by the number of their exchange.
  var labels: [Int: String] = [:]

  init(_ trace: Trace) {
    self.trace = trace
    let manifest = trace.manifest
    let duration = manifest.exit?.wall ?? trace.events.last?.time ?? 0
    substitute = Substitution(manifest: manifest, duration: duration, contents: ContentDigests(trace))
    var gaps = manifest.gaps
    for case .gap(let gap) in trace.events.lazy.map(\.payload) where !gaps.contains(gap) { gaps.append(gap) }
    if let exit = manifest.exit, exit.timedOut, !gaps.contains(where: { $0.kind == .timeout }) {
      gaps.append(Gap(kind: .timeout, detail: "stopped after \(Int(exit.wall)) s"))
    }
    run = RunObservations(
      id: trace.id, assignment: manifest.assignment, utcOffset: manifest.surroundings.utcOffset,
      start: CivilTime.epoch(rfc3339: manifest.clock ?? manifest.assignment.clock ?? manifest.started).map { Int($0) },
      gaps: gaps,
      isComplete: manifest.complete && gaps.isEmpty)
    hosts = HostNames(trace)
    catalogs = CatalogFolders(manifest.assignment.locale)
  }

  mutating func read() -> RunObservations {
    var streams: [Output.Stream: [UInt8]] = [:]
    var raw: [Int: [UInt8]] = [:]
    var connections: [Int: Connection] = [:]
    var asked: Set<ByteString> = []
    var calls: Set<String> = []
    var exit = trace.manifest.exit
    var lastSeen = 0.0
    func took(until event: Event, _ what: String) {
      run.took(event.time - lastSeen, before: what)
      lastSeen = event.time
    }
    for event in trace.events {
      switch event.payload {
      case .exec(let call):
        exec(call)
        if call.exists != false, let path = call.path.value { took(until: event, placeName(path.displayText)) }
      case .syscall(let call):
        calls.insert(call.name)
        if let path = call.path { asked.insert(path) }
        if let address = call.address { local(address) }
      case .output(let output):
        streams[output.stream, default: []] += output.bytes.bytes
        took(until: event, output.stream.rawValue)
      case .file(let change): file(change)
      case .exit(let seen): exit = exit ?? seen
      case .connection(let connection):
        connections[connection.id] = connection
        connected(connection)
      case .dns(let query): dns(query)
      case .tls(let hello): tls(hello)
      case .tunnel(let tunnel): self.tunnel(tunnel)
      case .request(let request):
        self.request(request)
        if let label = labels[request.exchange] { took(until: event, label) }
      case .raw(let bytes):
        if bytes.direction == .received, let content = trace.blobs[bytes.content.sha256] {
          raw[bytes.connection, default: []] += content
        }
      case .message(let message): self.message(message)
      case .environmentRead(let read): environmentRead(read, pid: event.pid)
      case .instrumentation(let instrumentation): instrumented(instrumentation, pid: event.pid)
      case .process, .connectionClosed, .response, .tlsSecret, .segment, .runtimeCall, .gap, .diagnostic: break
      }
    }
    for name in calls { run.add(name, at: Place(.syscall, "name"), tier: .low, shape: .set) }
    for path in asked { self.asked(path) }
    for (id, bytes) in raw { self.raw(bytes, connection: connections[id]) }
    for (stream, bytes) in streams { output(stream, bytes) }
    if let exit {
      self.exit(exit)
      if !exit.timedOut, exit.wall > lastSeen { run.took(exit.wall - lastSeen, before: "the end") }
    }
    run.seal(echoes: substitute.unambiguous, readings: substitute.readings, numberMarks: substitute.numberMarks)
    return run
  }

  mutating func add(
    _ channel: Channel, _ location: String, _ value: String, _ tier: Observation.Tier,
    shape: PlaceContent.Shape = .values
  ) {
    run.add(substitute(value), at: Place(channel, location), tier: tier, shape: shape)
  }

  /// The order of names that stand next to each other.
  mutating func addOrder(_ channel: Channel, _ location: String, _ names: [String], _ tier: Observation.Tier) {
    guard names.count > 1 else { return }
    run.add(
      names.joined(separator: String(PlaceContent.separator)), at: Place(channel, location), tier: tier, shape: .order)
  }

  /// A name for a place that comes from the program: profile values replaced, ids masked.
  mutating func placeName(_ name: String) -> String { IdentifierMask.template(substitute(name)) }

  // MARK: Streams and the end

  private mutating func output(_ stream: Output.Stream, _ bytes: [UInt8]) {
    let channel: Channel = stream == .stderr ? .stderr : .stdout
    content(bytes, type: nil, channel, stream == .terminal ? "terminal" : stream.rawValue, .trusted)
  }

  private mutating func exit(_ exit: Exit) {
    let value =
      exit.timedOut ? "timeout" : exit.signal.map { "signal \($0)" } ?? exit.status.map { "status \($0)" } ?? "unknown"
    run.add(value, at: Place(.exit, "status"), tier: .trusted)
  }

  // MARK: Names and connections

  private mutating func dns(_ query: DNSQuery) {
    run.add(query.type, at: Place(.dns, "type"), tier: .low, shape: .set)
    add(.dns, "server", query.server, .low, shape: .set)
    if hosts.isProxy(query.name) { return }
    let name = hosts.placeholder(for: query.name) ?? substitute(query.name)
    run.add(name, at: Place(.dns, "name"), tier: .trusted, shape: .set)
  }

  private mutating func connected(_ connection: Connection) {
    let host = connection.name ?? connection.address
    if hosts.isProxy(host, port: connection.port) { return }
    let target = hosts.authority(host, connection.port, &substitute)
    let channel: Channel = connection.transport == .tcp ? .connect : .udp
    run.add(target, at: Place(channel, "target"), tier: .trusted, shape: .set)
  }

  /// A connection that a configured proxy makes for the program follows from the profile: it is observed as if it had
  /// been made without the detour, name and all.
  mutating func proxied(_ host: String, _ port: Int) {
    let name = hosts.placeholder(for: host) ?? substitute(hosts.name(host))
    run.add(name, at: Place(.dns, "name"), tier: .trusted, shape: .set)
    run.add(
      hosts.authority(host, port, &substitute), at: Place(.connect, "target"), tier: .trusted, shape: .set)
  }

  private mutating func tls(_ hello: TLSHandshake) {
    guard let name = hello.serverName else { return }
    let label = "client hello to \(hosts.placeholder(for: name) ?? placeName(name))"
    run.add(hello.alpn.joined(separator: ","), at: Place(.tls, "\(label) alpn"), tier: .low, shape: .set)
    run.add(hello.versions.joined(separator: ","), at: Place(.tls, "\(label) versions"), tier: .low, shape: .set)
    if let ja4 = hello.ja4 { run.add(ja4, at: Place(.tls, "\(label) ja4"), tier: .low, shape: .set) }
  }

  private mutating func tunnel(_ tunnel: ProxyTunnel) {
    guard trace.manifest.assignment.proxy == nil else {
      proxied(tunnel.host, tunnel.port)
      return
    }
    let target = hosts.authority(tunnel.host, tunnel.port, &substitute)
    run.add("\(tunnel.kind.rawValue) \(target)", at: Place(.connect, "tunnel"), tier: .trusted, shape: .set)
  }

  private mutating func raw(_ bytes: [UInt8], connection: Connection?) {
    guard let connection else { return }
    let target = hosts.authority(connection.name ?? connection.address, connection.port, &substitute)
    content(bytes, type: nil, connection.transport == .tcp ? .tcp : .udp, "sent to \(target)", .trusted)
  }

  /// What the program says over a WebSocket; what else there is follows from that or is answered.
  private mutating func message(_ message: WebSocketMessage) {
    guard message.direction == .received, message.kind == .text || message.kind == .binary,
      let label = labels[message.exchange], let bytes = trace.blobs[message.content.sha256]
    else { return }
    content(bytes, type: nil, .http, "\(label) \(message.kind.rawValue) message", .trusted)
  }

  // MARK: Programs and system calls

  private mutating func exec(_ call: ExecCall) {
    guard let path = call.path.value else { return }
    let program = placeName(path.displayText)
    if call.exists == false {
      run.add(program, at: Place(.exec, "looked for"), tier: .low, shape: .set)
      return
    }
    run.add(program, at: Place(.exec, "program"), tier: .trusted)
    if let arguments = call.arguments.value {
      let words = arguments.map { Self.quoted(String(escapingInvalid: $0.bytes)) }
      add(.exec, "\(program) arguments", words.joined(separator: " "), .trusted)
    }
    guard let environment = call.environment.value else { return }
    let inherited = trace.manifest.surroundings.environment
    var passed: Set<String> = []
    for entry in environment {
      let text = String(escapingInvalid: entry.bytes)
      let name = String(text.prefix { $0 != "=" })
      passed.insert(name)
      let value = String(text.dropFirst(name.count + 1))
      // What is passed on as it came says nothing.
      if inherited.contains(where: { $0.name == name && Text($0.value) == Text(value) }) { continue }
      add(.env, "\(program) \(IdentifierMask.template(name))", value, .low)
    }
    for variable in inherited where !passed.contains(variable.name) {
      run.add(variable.name, at: Place(.env, "\(program) withheld"), tier: .low)
    }
  }

  /// A word as a shell would need it, where it needs quotes at all.
  private static func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { isWord($0) || $0 >= 0x80 || "_-./=:,@%+<>".utf8.contains($0) }
    return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  /// Other connections arrive at the gateway, which knows their names.
  private mutating func local(_ address: SocketAddress) {
    guard address.family == "unix" || address.isLoopback else { return }
    add(
      .connect, "local", address.port.map { "\(address.address):\($0)" } ?? address.address, .low, shape: .set)
  }

  private mutating func asked(_ path: ByteString) {
    let text = path.displayText
    // Processes have numbers that chance gives.
    guard !text.hasPrefix("/proc/") || text.hasPrefix("/proc/self/") || text.hasPrefix("/proc/sys/") else { return }
    run.add(placeName(catalogs.canonical(text)), at: Place(.file, "path asked for"), tier: .low, shape: .set)
  }

  // MARK: Files

  private mutating func file(_ change: FileChange) {
    let root =
      switch change.root {
      case .home: "~/"
      case .tmp: "/tmp/"
      case .workdir: "./"
      }
    let path = root + String(escapingInvalid: change.path.bytes)
    let canonical = substitute(path)
    let label = IdentifierMask.template(canonical)
    if Text(label) != Text(canonical) { run.add(canonical, at: Place(.file, "\(label) path"), tier: .low) }
    var value = "\(change.change.rawValue) \(change.kind.rawValue)"
    if let mode = change.mode { value += " " + String(mode, radix: 8) }
    run.add(value, at: Place(.file, label), tier: .trusted)
    if let target = change.linkTarget {
      add(.file, "\(label) link", String(escapingInvalid: target.bytes), .trusted)
    }
    if let blob = change.content, let bytes = trace.blobs[blob.sha256] {
      content(bytes, type: nil, .file, label, .trusted)
    } else if let sha256 = change.sha256, change.change != .removed {
      run.add("sha256 \(sha256)", at: Place(.file, "\(label) content"), tier: .trusted)
    }
  }
}
