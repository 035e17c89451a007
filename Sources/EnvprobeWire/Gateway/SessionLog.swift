import EnvprobeModel
import Synchronization

/// What every connection of a session shares: where it records, and the world that answers.
final class SessionLog: Sendable {
  let sink: any EventSink
  let redactor: Redactor
  let names: NameService
  let limits: SessionConfiguration.Limits
  private let scenario: Scenario
  private let network: NetworkSetting?
  private let now: @Sendable () -> Int

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
  }

  /// Records a connection and gives it its number.
  func openConnection(_ transport: Connection.Transport, address: IPAddress?, port: Int) -> Connection {
    let id = counters.withLock { counters in
      counters.connections += 1
      return counters.connections
    }
    let connection = Connection(
      id: id, transport: transport, address: address?.text ?? "", port: port, name: address.flatMap(names.book.name))
    sink.record(.connection(connection))
    return connection
  }

  /// Records a connection that comes to nothing.
  func refuse(_ address: IPAddress, port: Int) {
    let connection = openConnection(.tcp, address: address, port: port)
    sink.record(
      .connectionClosed(ConnectionClosed(connection: connection.id, received: 0, sent: 0, error: "refused")))
  }

  func nextExchange() -> Int {
    counters.withLock { counters in
      counters.exchanges += 1
      return counters.exchanges
    }
  }

  /// Records what became of a TLS handshake.
  func settle(_ handshake: TLSHandshake, host: String, failure: TLSFailure?) {
    sink.record(.tls(handshake))
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
    sink.record(.raw(RawBytes(connection: connection.id, direction: direction, content: sink.store(bytes))))
  }

  /// The world at this moment.
  func world() -> World { World(network: network ?? World.defaultNetwork, now: now(), names: names) }

  func respond(to request: ScenarioRequest, in world: World) -> Response {
    var request = request
    if scenario.countsAttempts { request.attempt = attempt(of: request) }
    let response = scenario.respond(to: request, in: world)
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
  func answer(dns bytes: [UInt8], transport: Connection.Transport, server: String) -> [UInt8]? {
    guard let query = DNSMessage(bytes) else {
      gap(.wire, "a message to the name server at \(server) could not be read", host: server)
      return nil
    }
    guard let (response, record) = names.respond(to: query, transport: transport, server: server) else { return nil }
    sink.record(.dns(record))
    return response.bytes
  }
}
