import EnvprobeModel

/// What one run's part of the gateway needs to know.
///
/// Everything that differs between profiles is a level of the profile; the rest is the same for every run of a matrix.
public struct SessionConfiguration: Sendable {
  /// Makes a bound socket inside the program's network namespace and returns its descriptor, which the gateway then
  /// owns. `address` is the one to bind to, so that answers come from where questions were sent.
  public typealias MakeSocket =
    @Sendable (_ transport: Connection.Transport, _ address: String, _ port: Int) throws(GatewayError) -> CInt

  /// One end of a connection: an IP address in text form, and a port.
  public struct End: Hashable, Sendable {
    public var address: String
    public var port: Int
  }

  /// Says which socket inside has `local` for its own end and `remote` for the other, by its `SO_COOKIE`; `nil` where
  /// that is not known.
  public typealias IdentifySocket =
    @Sendable (_ transport: Connection.Transport, _ local: End, _ remote: End) -> UInt64?

  public var sink: any EventSink
  /// `nil` is ``Scenario/hello``.
  public var scenario: Scenario?
  public var origin: AnswerOrigin
  /// Values of variables that must not be recorded, by the variables' names.
  public var secrets: [String: String]
  /// What IP-echo and geo-IP services answer. Its `address` is the machine's own: the gateway does not answer there.
  public var network: NetworkSetting?
  /// Addresses of the profile's name servers. Any other address answers questions too; these do even where they are
  /// on loopback.
  public var nameservers: [String]
  /// The profile's search domains: below them exists only what ``knownHosts`` lists.
  public var searchDomains: [String]
  /// Every host that the profile names: of its endpoint, proxies and mirrors.
  public var knownHosts: [String]
  /// Ports on loopback where the profile says that something listens: a proxy on 127.0.0.1, say. All other ports there
  /// are the program's own affair.
  public var loopbackPorts: Set<Int>
  public var limits: Limits
  /// Whether the secrets of TLS and the bytes below it are recorded: with them everything can be read, credentials
  /// that are redacted elsewhere included.
  public var keepsTLSSecrets = false
  /// The time inside, in seconds since 1970-01-01T00:00:00Z; for the Date field.
  public var now: @Sendable () -> Int
  public var makeSocket: MakeSocket
  public var identifySocket: IdentifySocket

  /// How much is kept; what is beyond is let go and recorded as a gap.
  public struct Limits: Hashable, Sendable {
    /// Bytes of one body, as sent.
    public var body = 64 << 20
    /// Bytes of one body without its content coding.
    public var decodedBody = 64 << 20
    /// Bytes of one connection in a protocol that is not taken apart, each way.
    public var raw = 16 << 20
    /// Addresses and ports that are listened to at a time.
    public var sockets = 4096

    public init() {}
  }

  public init(
    sink: any EventSink, scenario: Scenario? = nil, origin: AnswerOrigin = .scenario, secrets: [String: String] = [:],
    network: NetworkSetting? = nil, nameservers: [String] = [],
    searchDomains: [String] = [], knownHosts: [String] = [], loopbackPorts: Set<Int> = [], limits: Limits = Limits(),
    now: @escaping @Sendable () -> Int = SessionConfiguration.realTime,
    identifySocket: @escaping IdentifySocket = { _, _, _ in nil }, makeSocket: @escaping MakeSocket
  ) {
    self.sink = sink
    self.scenario = scenario
    self.origin = origin
    self.secrets = secrets
    self.network = network
    self.nameservers = nameservers
    self.searchDomains = searchDomains
    self.knownHosts = knownHosts
    self.loopbackPorts = loopbackPorts
    self.limits = limits
    self.now = now
    self.makeSocket = makeSocket
    self.identifySocket = identifySocket
  }

  /// The host's own clock.
  public static let realTime: @Sendable () -> Int = { Clock.realtime() }
}
