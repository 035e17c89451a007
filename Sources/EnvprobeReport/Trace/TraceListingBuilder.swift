import EnvprobeModel

/// Sorts events, one at a time, in their order.
struct TraceListingBuilder {
  private let surroundings: Surroundings
  private var home: String { surroundings.home }
  private(set) var processes: [TraceListing.Process] = []
  private(set) var changes: [FileChange] = []
  private(set) var handshakes: [TLSHandshake] = []
  private(set) var exchanges: [TraceListing.Exchange] = []
  private(set) var output: [TraceListing.Stream] = []
  private(set) var gaps: [Gap] = []
  private(set) var diagnostics: [String] = []
  private(set) var coverage = ReadCoverage()
  private(set) var reads: EnvironmentReadTable
  private var ambient: AmbientReadTable

  private var processIndices: [Int: Int] = [:]
  private var asked: [String: Asked] = [:]
  private let history: ProgramHistory
  private var connections: [Int: HostKey] = [:]
  private var hostTable: [HostKey: TraceListing.Host] = [:]
  private var hostOrder: [HostKey] = []
  private var nameTable: [String: TraceListing.Name] = [:]
  private var exchangeIndices: [Int: Int] = [:]
  private var counts: [String: (count: Int, denied: Int)] = [:]

  private struct Asked {
    var calls: [String] = []
    var count = 0
    var present = 0
    var missing = 0
    var resolved: String?
  }

  private struct HostKey: Hashable {
    var host: String
    var port: Int
    var transport: Connection.Transport
  }

  init(_ surroundings: Surroundings, history: ProgramHistory) {
    self.surroundings = surroundings
    self.history = history
    reads = EnvironmentReadTable(surroundings)
    ambient = AmbientReadTable(home: surroundings.home)
  }

  /// What the reads of variables and the calls tell of the place.
  func ambientReads(_ variables: [TraceListing.AskedVariable]) -> [TraceListing.Ambient] {
    var table = ambient
    for variable in variables { table.take(variable) }
    return table.ambient
  }

  /// Of an event that is not listed: only what says which processes there were, and what is missing.
  mutating func takeFrame(_ event: Event) {
    switch event.payload {
    case .process, .instrumentation, .gap, .diagnostic: take(event)
    default: break
    }
  }

  mutating func take(_ event: Event) {
    let caller = event.pid.map { history.label(of: $0, at: event.time) }
    switch event.payload {
    case .process(let process):
      let index = index(of: event.pid ?? 0)
      processes[index].parent = process.parent
      processes[index].executable = process.executable
    case .exec(let call): take(call, at: event.time, pid: event.pid ?? 0)
    case .syscall(let call): take(call, pid: event.pid ?? 0)
    case .output(let output): take(output)
    case .file(let change): changes.append(change)
    case .exit: break
    case .connection(let connection): take(connection, by: caller)
    case .connectionClosed(let end):
      update(end.connection) { host in
        host.received += end.received
        host.sent += end.sent
        if let error = end.error { host.failures.append(error) }
      }
    case .dns(let query): take(query, by: caller)
    case .tls(let handshake):
      handshakes.append(handshake)
      if let failure = handshake.failure { update(handshake.connection) { $0.failures.append("TLS: \(failure)") } }
    case .tunnel(let tunnel): update(tunnel.connection) { $0.tunnels.append("\(tunnel.host):\(tunnel.port)") }
    case .request(let request):
      update(request.connection) { $0.requests += 1 }
      exchangeIndices[request.exchange] = exchanges.count
      exchanges.append(
        .init(number: request.exchange, time: event.time, pid: event.pid, caller: caller, request: request))
    case .response(let response):
      if let index = exchangeIndices[response.exchange] { exchanges[index].response = response }
    case .raw, .message, .tlsSecret, .segment: break
    case .environmentRead(let read): reads.take(read, pid: event.pid ?? 0)
    case .runtimeCall(let call): ambient.take(call, pid: event.pid ?? 0)
    case .instrumentation(let level): coverage.take(level, pid: event.pid ?? 0)
    case .gap(let gap): gaps.append(gap)
    case .diagnostic(let diagnostic): diagnostics.append(diagnostic.text)
    }
  }

  private mutating func index(of pid: Int) -> Int {
    if let index = processIndices[pid] { return index }
    processIndices[pid] = processes.count
    processes.append(.init(pid: pid, parent: 0, programs: []))
    return processes.count - 1
  }

  private mutating func take(_ call: ExecCall, at time: Double, pid: Int) {
    let path = call.path.value?.displayText ?? "?"
    counts["execve", default: (0, 0)].count += 1
    // A search along PATH asks for many that are not there.
    guard call.exists != false else { return ask(path, by: "execve", .missing) }
    let arguments = call.arguments.value?.map(\.displayText) ?? []
    var program = TraceListing.Program(time: time, path: path, arguments: arguments)
    if let passed = call.environment.value { program.compare(passed, with: surroundings.environment) }
    processes[index(of: pid)].programs.append(program)
  }

  private mutating func take(_ call: SyscallCall, pid: Int) {
    ambient.take(call, pid: pid)
    counts[call.name, default: (0, 0)].count += 1
    if call.denied != nil { counts[call.name]?.denied += 1 }
    var position = 0
    for case .path(let path) in call.arguments {
      let target = call.observed.flatMap { $0.indices.contains(position) ? $0[position] : nil } ?? .unknown
      position += 1
      guard let path = path.value?.displayText else { continue }
      ask(path, by: call.name, target)
      ambient.take(path: path, pid: pid)
    }
  }

  private mutating func ask(_ path: String, by call: String, _ target: PathTarget) {
    asked[path, default: Asked()].count += 1
    if asked[path]?.calls.contains(call) == false { asked[path]?.calls.append(call) }
    switch target {
    case .present: asked[path]?.present += 1
    case .elsewhere(let resolved):
      asked[path]?.present += 1
      asked[path]?.resolved = resolved.displayText
    case .missing: asked[path]?.missing += 1
    case .unknown: break
    }
  }

  private mutating func take(_ piece: Output) {
    if let index = output.firstIndex(where: { $0.stream == piece.stream }) {
      output[index].bytes.bytes += piece.bytes.bytes
    } else {
      output.append(.init(stream: piece.stream, bytes: piece.bytes))
    }
  }

  private mutating func take(_ connection: Connection, by caller: String?) {
    let key = HostKey(
      host: connection.name ?? connection.address, port: connection.port, transport: connection.transport)
    connections[connection.id] = key
    if hostTable[key] == nil {
      hostOrder.append(key)
      hostTable[key] = .init(
        host: key.host, port: key.port, transport: key.transport, addresses: [], connections: 0, requests: 0,
        received: 0, sent: 0, tunnels: [], failures: [])
    }
    hostTable[key]?.connections += 1
    if let caller, hostTable[key]?.callers.contains(caller) == false { hostTable[key]?.callers.append(caller) }
    if hostTable[key]?.addresses.contains(connection.address) == false {
      hostTable[key]?.addresses.append(connection.address)
    }
  }

  private mutating func update(_ connection: Int, _ change: (inout TraceListing.Host) -> Void) {
    guard let key = connections[connection], hostTable[key] != nil else { return }
    change(&hostTable[key]!)
  }

  private mutating func take(_ query: DNSQuery, by caller: String?) {
    let key = query.name.lowercased()
    var name = nameTable[key] ?? .init(name: key, types: [], count: 0, status: query.status)
    name.count += 1
    if !name.types.contains(query.type) { name.types.append(query.type) }
    if let caller, !name.callers.contains(caller) { name.callers.append(caller) }
    if query.status == "NOERROR" { name.status = query.status }
    nameTable[key] = name
  }

  // MARK: - In their order

  /// What carried most comes first.
  var hosts: [TraceListing.Host] {
    hostOrder.enumerated().compactMap { offset, key in hostTable[key].map { (offset, $0) } }
      .sorted { a, b in (b.1.received + b.1.sent, a.0) < (a.1.received + a.1.sent, b.0) }
      .map { host in
        var host = host.1
        host.tunnels = Set(host.tunnels).sorted()
        host.failures = Set(host.failures).sorted()
        return host
      }
  }

  var names: [TraceListing.Name] { nameTable.values.sorted { $0.name < $1.name } }

  /// Secrets first, then what tells the place, then the rest by name.
  var askedPaths: [TraceListing.AskedPath] {
    let rows = asked.map { path, entry in
      (interest: PathInterest.of(path: path, home: home), path: path, entry: entry)
    }
    let order = Dictionary(uniqueKeysWithValues: PathInterest.all.enumerated().map { ($1, $0) })
    func rank(_ interest: PathInterest?) -> Int { interest.flatMap { order[$0] } ?? order.count }
    return rows.sorted { (rank($0.interest), $0.path) < (rank($1.interest), $1.path) }.map { row in
      .init(
        path: row.path, calls: row.entry.calls.sorted(), count: row.entry.count, present: row.entry.present,
        missing: row.entry.missing, resolved: row.entry.resolved,
        interest: row.interest?.kind.rawValue, meaning: row.interest?.meaning)
    }
  }

  var syscallCounts: [TraceListing.SyscallCount] {
    counts.map { .init(name: $0.key, count: $0.value.count, denied: $0.value.denied) }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }
}

extension TraceListing.Program {
  /// What is not passed on as the first program had it.
  fileprivate mutating func compare(_ passed: [ByteString], with given: [EnvironmentVariable]) {
    var values: [String: String] = [:]
    for entry in passed.map(\.displayText) {
      let name = String(entry.prefix { $0 != "=" })
      values[name] = String(entry.dropFirst(name.count + 1))
    }
    let before = Dictionary(given.map { ($0.name, $0.value) }) { first, _ in first }
    added = values.keys.filter { before[$0] == nil }.sorted()
    changed = values.filter { before[$0.key] != nil && before[$0.key] != $0.value }.map(\.key).sorted()
    withheld = before.keys.filter { values[$0] == nil }.sorted()
  }
}
