import EnvprobeModel
import NIOCore
import Synchronization

/// What every connection of a session shares: where it records, and the world that answers.
final class SessionLog: Sendable {
  let sink: any EventSink
  let redactor: Redactor
  let names: NameService
  let limits: SessionConfiguration.Limits
  private let scenario: Scenario
  private let network: NetworkSetting?
  let now: @Sendable () -> Int
  private let origin: AnswerOrigin
  private let upstream: Result<UpstreamClient, GatewayError>?
  private let identifySocket: SessionConfiguration.IdentifySocket

  private struct Counters {
    var connections = 0
    var exchanges = 0
    /// Hosts to which application data went over TLS.
    var trustedHosts: Set<String> = []
    /// Hosts whose clients went away in a handshake.
    var abandonedHosts: [String: Int] = [:]
    /// How often each request was made, where the scenario asks.
    var attempts: [Int: Int] = [:]
    /// Places of the scenario's rules that answered.
    var usedRules: Set<Int> = []
    /// The processes that connections come from, by their numbers.
    var pids: [Int: Int] = [:]
    var owners = ConnectionOwners()
    /// Places of the recorded answers that were given.
    var replayed: [Recording.Key: Set<Int>] = [:]
  }
  private let counters = Mutex(Counters())

  init(_ configuration: SessionConfiguration, redactor: Redactor, names: NameService) {
    sink = configuration.sink
    self.redactor = redactor
    self.names = names
    limits = configuration.limits
    scenario = configuration.scenario ?? .hello
    network = configuration.network
    now = configuration.now
    origin = configuration.origin
    identifySocket = configuration.identifySocket
    if case .live(let access) = configuration.origin {
      upstream = Result { () throws(GatewayError) in
        try UpstreamClient(access: access)
      }
    } else {
      upstream = nil
    }
  }

  /// Records a connection and gives it its number.
  ///
  /// - Parameter peer: the program's end of it.
  func openConnection(
    _ transport: Connection.Transport, address: IPAddress?, port: Int, from peer: NIOCore.SocketAddress?
  ) -> Connection {
    let pid = address.flatMap { owner(heading: .init(transport: transport, address: $0, port: port), from: peer) }
    return openConnection(transport, address: address, port: port, by: pid)
  }

  private func openConnection(
    _ transport: Connection.Transport, address: IPAddress?, port: Int, by pid: Int?
  ) -> Connection {
    let id = counters.withLock { counters in
      counters.connections += 1
      if let pid { counters.pids[counters.connections] = pid }
      return counters.connections
    }
    let connection = Connection(
      id: id, transport: transport, address: address?.text ?? "", port: port, name: address.flatMap(names.book.name))
    record(.connection(connection), on: id)
    return connection
  }

  /// Records a connection that comes to nothing.
  func refuse(_ address: IPAddress, port: Int, by pid: Int?) {
    let connection = openConnection(.tcp, address: address, port: port, by: pid)
    close(ConnectionClosed(connection: connection.id, received: 0, sent: 0, error: "refused"))
  }

  /// Records the end of a connection.
  func close(_ end: ConnectionClosed) {
    record(.connectionClosed(end), on: end.connection)
    counters.withLock { _ = $0.pids.removeValue(forKey: end.connection) }
  }

  /// Records an event of a connection, as one of the process that it comes from.
  ///
  /// - Parameter connection: its number.
  func record(_ payload: Event.Payload, on connection: Int) {
    sink.record(payload, pid: counters.withLock { $0.pids[connection] })
  }

  /// Takes note of who is about to connect, or to send.
  func note(_ use: SocketUse, heading destination: GatewaySession.Destination) {
    counters.withLock { $0.owners.note(use, heading: destination) }
  }

  /// The process that something arrives from; `nil` where that is not known.
  func owner(heading destination: GatewaySession.Destination, from peer: NIOCore.SocketAddress?) -> Int? {
    switch counters.withLock({ $0.owners.owner(of: destination) }) {
    case .process(let pid): return pid
    case .unknown: return nil
    case .ask:
      guard let address = peer?.ipAddress.flatMap({ IPAddress($0) }), let port = peer?.port else { return nil }
      let cookie = identifySocket(
        destination.transport, .init(address: address.text, port: port),
        .init(address: destination.address.text, port: destination.port))
      return cookie.flatMap { cookie in counters.withLock { $0.owners.owner(of: cookie) } }
    }
  }

  /// The process that a connection comes from.
  func pid(of connection: Connection) -> Int? { counters.withLock { $0.pids[connection.id] } }

  func nextExchange() -> Int {
    counters.withLock { counters in
      counters.exchanges += 1
      return counters.exchanges
    }
  }

  /// Records what became of a TLS handshake.
  func settle(_ handshake: TLSHandshake, host: String, failure: TLSFailure?) {
    record(.tls(handshake), on: handshake.connection)
    switch failure {
    case nil: counters.withLock { _ = $0.trustedHosts.insert(host) }
    case .refused(let alert): gap(.untrustedGateway, "the client refused the certificate: \(alert)", host: host)
    case .incompatible(let reason): gap(.wire, "TLS handshake failed: \(reason)", host: host)
    case .abandoned: counters.withLock { $0.abandonedHosts[host, default: 0] += 1 }
    case .unused: break
    }
  }

  /// Records what can only be judged at the end: a client that leaves in the middle of a handshake may have been
  /// interrupted, or may not trust the certificate and not say so, as Node.js. It is a gap where nobody got through to
  /// the host.
  func finish() {
    let unreached = counters.withLock { counters in
      counters.abandonedHosts.filter { !counters.trustedHosts.contains($0.key) }
    }
    for (host, count) in unreached.sorted(by: { $0.key < $1.key }) {
      let detail = "clients left during the handshake, and none got through: they may not trust the certificate"
      sink.record(.gap(Gap(kind: .untrustedGateway, detail: detail, count: count, host: host)))
    }
  }

  func gap(_ kind: Gap.Kind, _ detail: String, host: String? = nil) {
    sink.record(.gap(Gap(kind: kind, detail: detail, host: host)))
  }

  func raw(_ direction: RawBytes.Direction, on connection: Connection, _ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    let content = sink.store(redactor.redact(bytes) ?? bytes)
    record(.raw(RawBytes(connection: connection.id, direction: direction, content: content)), on: connection.id)
  }

  /// Keeps the bytes of a connection as they are on the wire, up to the limit of a body each way.
  func segmentKeeper(of connection: Connection) -> (RawBytes.Direction, ByteBuffer) -> Void {
    var room: [RawBytes.Direction: Int] = [.received: limits.body, .sent: limits.body]
    return { [self] direction, bytes in
      guard bytes.readableBytes > 0, let left = room[direction] else { return }
      guard bytes.readableBytes <= left else {
        room[direction] = nil
        return gap(.wire, "the last bytes of a connection were not kept as they were sent", host: connection.name)
      }
      room[direction] = left - bytes.readableBytes
      let content = sink.store(Array(bytes.readableBytesView))
      record(
        .segment(WireSegment(connection: connection.id, direction: direction, content: content)), on: connection.id)
    }
  }

  /// The world at this moment.
  func world() -> World { World(network: network ?? World.defaultNetwork, now: now(), names: names) }

  /// The answer to a request, from wherever answers come.
  ///
  /// - Parameter bodyDigest: SHA-256 of the body as recorded, in hex.
  func respond(
    to request: ScenarioRequest, route: Route, bodyDigest: String, on eventLoop: any EventLoop
  ) -> Exchange.Answer {
    switch origin {
    case .scenario: .ready(respond(to: request))
    case .replay(let recording): .ready(replay(request, route: route, bodyDigest: bodyDigest, from: recording))
    case .live(let access): forward(request, route: route, access: access, on: eventLoop)
    }
  }

  private func replay(
    _ request: ScenarioRequest, route: Route, bodyDigest: String, from recording: Recording
  ) -> Response {
    let target = redactor.redact(target: request.head.target)
    let key = Recording.Key(
      method: request.method, scheme: route.scheme, host: route.host, port: route.port, target: target)
    let chosen = counters.withLock { counters in
      let choice = recording.choose(key, bodyDigest: bodyDigest, given: counters.replayed[key] ?? [])
      if let choice { counters.replayed[key, default: []].insert(choice.place) }
      return choice?.response
    }
    if let chosen { return chosen }
    gap(.unanswered, "no answer was recorded for \(request.method) \(key.url)", host: route.host)
    return Response(status: 404, headers: [], body: [], source: "unanswered")
  }

  private func forward(
    _ request: ScenarioRequest, route: Route, access: LiveAccess, on eventLoop: any EventLoop
  ) -> Exchange.Answer {
    guard access.allows(route.host, port: route.port) else {
      gap(.unanswered, "the host is not among those that may be reached", host: route.host)
      return .ready(Response(status: 403, headers: [], body: [], source: "refused"))
    }
    guard !request.head.lists("websocket", in: "upgrade") else {
      gap(.unanswered, "WebSockets are not forwarded", host: route.host)
      return .ready(Response(status: 426, headers: [], body: [], source: "refused"))
    }
    let client: UpstreamClient
    switch upstream {
    case .success(let made): client = made
    case .failure(let error):
      gap(.unanswered, error.description, host: route.host)
      return .ready(Response(status: 502, headers: [], body: [], source: "live"))
    case nil: preconditionFailure("a live session has a client")
    }
    let outgoing = UpstreamRequest(
      scheme: route.scheme, host: route.host, port: route.port, head: request.head, body: request.sentBody)
    return .coming(client.send(outgoing, on: eventLoop))
  }

  private func respond(to request: ScenarioRequest) -> Response {
    var request = request
    if scenario.countsAttempts { request.attempt = attempt(of: request) }
    let response = scenario.respond(to: request, in: world())
    if let rule = response.rule { counters.withLock { _ = $0.usedRules.insert(rule) } }
    return response
  }

  /// The how-manieth attempt a request is. Some clients say it, and then it is the same in every run whatever else goes
  /// on; otherwise the same request, body included, is counted.
  private func attempt(of request: ScenarioRequest) -> Int {
    var hasher = Hasher()
    for part in [request.scheme, request.host, request.method, request.head.target] { hasher.combine(part) }
    hasher.combine(request.body)
    let key = hasher.finalize()
    let counted = counters.withLock { counters in
      counters.attempts[key, default: 0] += 1
      return counters.attempts[key]!
    }
    let said = request.head.value(of: "x-stainless-retry-count").flatMap { Int($0) }.map { $0 + 1 }
    return max(counted, said ?? 1)
  }

  /// Rules of the scenario that have answered nothing.
  var unusedRules: [String] { scenario.unusedRules(besides: counters.withLock { $0.usedRules }) }

  /// Answers a message of DNS and records it; `nil` where there is no answer.
  ///
  /// - Parameter pid: who asks, where that is known.
  func answer(dns bytes: [UInt8], transport: Connection.Transport, server: String, by pid: Int?) -> [UInt8]? {
    guard let query = DNSMessage(bytes) else {
      gap(.wire, "a message to the name server at \(server) could not be read", host: server)
      return nil
    }
    guard let (response, record) = names.respond(to: query, transport: transport, server: server) else { return nil }
    sink.record(.dns(record), pid: pid)
    return response.bytes
  }
}
