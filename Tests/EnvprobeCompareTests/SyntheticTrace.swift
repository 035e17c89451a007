import EnvprobeModel

@testable import EnvprobeCompare

/// Traces made of values, for runs that never took place.
struct SyntheticTrace {
  var assignment: Assignment
  var repetition: Int
  /// Chance that differs from run to run, and is the same whenever the test runs.
  var chance: SplitMix
  var events: [Event.Payload] = []
  var blobs: [String: [UInt8]] = [:]
  var gaps: [Gap] = []
  var exit = Exit(status: 0, wall: 1.5)
  var place: SyntheticPlace
  /// Seconds since 1970.
  var start: Int
  private var exchanges = 0
  /// Seconds that pass before an event, by its position; 1 ms where nothing is said.
  private var pauses: [Int: Double] = [:]

  init(_ place: SyntheticPlace, repetition: Int, seed: UInt64 = 0) {
    self.place = place
    assignment = place.assignment
    self.repetition = repetition
    var hasher = SplitMix(
      seed: seed &* 977 &+ UInt64(repetition) &+ place.name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    _ = hasher.next()
    chance = hasher
    // Runs follow each other.
    start = 1_782_792_000 + repetition * 7 + Int(seed % 1000) * 60
  }

  mutating func store(_ bytes: [UInt8]) -> Blob {
    var digest = BinaryDigest()
    digest.update(bytes)
    let sha256 = digest.hex
    blobs[sha256] = bytes
    return Blob(sha256: sha256, size: bytes.count)
  }

  /// The base URL that the program would use.
  var endpoint: String { assignment.endpoint ?? "https://api.anthropic.com" }

  mutating func request(
    _ method: String = "POST", _ url: String, headers: [(String, String)] = [], body: String? = nil,
    bytes: [UInt8]? = nil
  ) {
    exchanges += 1
    let parts = URLParts(url)!
    let target = String(url.dropFirst(url.firstRange(of: parts.authority)!.upperBound.utf16Offset(in: url)))
    let content = bytes ?? body.map { Array($0.utf8) }
    let blob = content.map { store($0) }
    var all = [HTTPHeader(name: "Host", value: parts.authority)]
    all += headers.map { HTTPHeader(name: $0.0, value: $0.1) }
    if let content { all.append(HTTPHeader(name: "Content-Length", value: "\(content.count)")) }
    connect(parts)
    events.append(
      .request(
        HTTPRequest(
          exchange: exchanges, connection: exchanges, scheme: parts.scheme, host: parts.host, port: parts.port,
          via: (assignment.proxy == nil ? [] : ["connect"]) + (parts.scheme == "https" ? ["tls"] : []),
          method: method, target: target.isEmpty ? "/" : target, version: "HTTP/1.1", headers: all, body: blob)))
  }

  /// Straight, or over the proxy that is configured.
  private mutating func connect(_ parts: URLParts) {
    let proxy = assignment.proxy.flatMap { $0.https ?? $0.http }.flatMap { URLParts($0) }
    let peer = proxy ?? parts
    let address = "198.18.0.\(peer.host.utf8.count)"
    events.append(
      .dns(
        DNSQuery(
          name: peer.host, type: "A", transport: .udp, server: assignment.resolver?.nameservers.first ?? "127.0.0.53",
          answers: [address], status: "NOERROR")))
    events.append(
      .connection(
        Connection(id: exchanges, transport: .tcp, address: address, port: peer.port, name: peer.host)))
    if proxy != nil {
      events.append(.tunnel(ProxyTunnel(connection: exchanges, kind: .connect, host: parts.host, port: parts.port)))
    }
  }

  mutating func print(_ text: String, to stream: Output.Stream = .stdout) {
    events.append(.output(Output(stream: stream, bytes: ByteString(text.utf8))))
  }

  mutating func write(_ path: String, _ text: String, root: FileChange.Root = .home) {
    let blob = store(Array(text.utf8))
    events.append(
      .file(
        FileChange(
          root: root, path: ByteString(path.utf8), change: .created, kind: .file, mode: 0o644, size: blob.size,
          content: blob, sha256: blob.sha256)))
  }

  /// Waits before whatever comes next.
  mutating func wait(_ seconds: Double) { pauses[events.count, default: 0] += seconds }

  mutating func execute(_ arguments: [String], environment: [String] = []) {
    events.append(
      .exec(
        ExecCall(
          path: .complete(ByteString(arguments[0].utf8)),
          arguments: .complete(arguments.map { ByteString($0.utf8) }),
          environment: .complete(environment.map { ByteString($0.utf8) }), exists: true)))
  }

  mutating func askForVariable(
    _ name: String, program: String = "/usr/bin/tool", module: String = "/usr/bin/tool"
  ) {
    events.append(.instrumentation(.init(level: .precise, reason: "", executable: program)))
    events.append(
      .environmentRead(
        .init(
          name: .complete(ByteString(name.utf8)), isSet: true, reader: .init(module: module, symbol: nil, offset: 4),
          count: 1, firstTime: 0.1)))
  }

  var trace: Trace {
    let surroundings = Surroundings(
      environment: place.environment, home: place.home, workingDirectory: place.home + "/work", user: place.user,
      hostname: place.hostname, utcOffset: place.utcOffset, zoneAbbreviation: place.abbreviation)
    let moment = CivilTime.Date(dayNumber: start / 86_400)
    let second = start % 86_400
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let started =
      "\(moment.year)-\(two(moment.month))-\(two(moment.day))T"
      + "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
    let manifest = RunManifest(
      tool: "test", subject: Subject(argv: ["subject"], executable: .init(path: "/bin/subject", sha256: "0")),
      profile: place.name, assignment: assignment, repetition: repetition, started: started,
      surroundings: surroundings, exit: exit, complete: gaps.isEmpty, gaps: gaps)
    var time = 0.0
    return Trace(
      id: "\(place.name)-\(repetition)", manifest: manifest,
      events: events.enumerated().map {
        time += 0.001 + (pauses[$0.offset] ?? 0)
        return Event(sequence: $0.offset, time: time, pid: 2, payload: $0.element)
      },
      blobs: blobs)
  }

  // MARK: What programs print

  var localDate: CivilTime.Date { .init(dayNumber: (start + place.utcOffset) / 86_400) }

  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  func date(_ separator: String = "-") -> String {
    "\(localDate.year)\(separator)\(two(localDate.month))\(separator)\(two(localDate.day))"
  }

  var localTime: String {
    let second = (start + place.utcOffset) % 86_400
    return "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
  }

  mutating func uuid() -> String {
    var digits = Array(hex(32))
    digits[12] = "4"
    digits[16] = "a"
    let text = String(digits)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { range in String(Array(text)[range]) }.joined(separator: "-")
  }

  mutating func hex(_ count: Int) -> String {
    (0..<count).map { _ in String(chance.next() % 16, radix: 16) }.joined()
  }
}

/// Where a run pretends to be.
struct SyntheticPlace {
  var name: String
  var assignment: Assignment
  var utcOffset: Int
  var abbreviation: String
  var country: String

  var user: String { assignment.identity?.user ?? "user" }
  var home: String { "/home/\(user)" }
  var hostname: String { assignment.hostname ?? "localhost" }
  var environment: [EnvironmentVariable] {
    var variables = [
      EnvironmentVariable(name: "HOME", value: home, factor: .identity),
      EnvironmentVariable(name: "PATH", value: "/usr/bin:/bin"),
    ]
    if let zone = assignment.timezone { variables.append(.init(name: "TZ", value: zone, factor: .timezone)) }
    if let locale = assignment.locale { variables.append(.init(name: "LANG", value: locale.lang, factor: .locale)) }
    return variables
  }

  init(
    _ name: String, zone: String, offset: Int, abbreviation: String, country: String, locale: String,
    endpoint: String? = nil, proxy: String? = nil
  ) {
    self.name = name
    utcOffset = offset
    self.abbreviation = abbreviation
    self.country = country
    var levels: [Factor: Level] = [
      .timezone: .timezone(zone),
      .locale: .locale(LocaleSetting(lang: locale)),
      .hostname: .hostname("dev-\(name).lan.example.net"),
      .identity: .identity(
        IdentitySetting(user: "u\(name)", name: "Person \(name)", email: "u\(name)@lan.example.net")),
      .network: .network(
        NetworkSetting(
          address: "10.0.\(name.utf8.first!).17", publicAddress: "203.0.113.\(name.utf8.first!)", country: country)),
      .resolver: .resolver(ResolverSetting(nameservers: ["10.9.\(name.utf8.first!).1"], search: ["lan.example.net"])),
    ]
    if let endpoint { levels[.endpoint] = .endpoint(endpoint) }
    if let proxy { levels[.proxy] = .proxy(ProxySetting(url: proxy)) }
    assignment = Assignment(levels)
  }

  static let us = SyntheticPlace(
    "us", zone: "America/New_York", offset: -14_400, abbreviation: "EDT", country: "US", locale: "en_US.UTF-8")
  static let de = SyntheticPlace(
    "de", zone: "Europe/Berlin", offset: 7_200, abbreviation: "CEST", country: "DE", locale: "de_DE.UTF-8")
  static let sg = SyntheticPlace(
    "sg", zone: "Asia/Singapore", offset: 28_800, abbreviation: "+08", country: "SG", locale: "en_SG.UTF-8")
  static let cn = SyntheticPlace(
    "cn", zone: "Asia/Shanghai", offset: 28_800, abbreviation: "CST", country: "CN", locale: "zh_CN.UTF-8")
  static let usGateway = SyntheticPlace(
    "ug", zone: "America/New_York", offset: -14_400, abbreviation: "EDT", country: "US", locale: "en_US.UTF-8",
    endpoint: "https://gw.example.com")
  static let sgGateway = SyntheticPlace(
    "sw", zone: "Asia/Singapore", offset: 28_800, abbreviation: "+08", country: "SG", locale: "en_SG.UTF-8",
    endpoint: "https://gw.example.com")
  static let cnGateway = SyntheticPlace(
    "cw", zone: "Asia/Shanghai", offset: 28_800, abbreviation: "CST", country: "CN", locale: "zh_CN.UTF-8",
    endpoint: "https://gw.example.com")
  static let cnCorp = SyntheticPlace(
    "cc", zone: "Asia/Shanghai", offset: 28_800, abbreviation: "CST", country: "CN", locale: "zh_CN.UTF-8",
    endpoint: "https://llm.bigcorp.cn:8443/api")
  static let usProxy = SyntheticPlace(
    "up", zone: "America/New_York", offset: -14_400, abbreviation: "EDT", country: "US", locale: "en_US.UTF-8",
    proxy: "http://proxy.example.net:8080")

  static let all = [us, usGateway, de, sg, sgGateway, cn, cnGateway, cnCorp, usProxy]
}

/// Sebastiano Vigna's SplitMix64: chance that can be played again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Runs of one behaviour in several places.
func arms(
  _ places: [SyntheticPlace], repeats: Int = 2, seed: UInt64 = 0, _ behave: (inout SyntheticTrace) -> Void
) -> [Arm] {
  places.map { place in
    Arm(
      assignment: place.assignment,
      runs: (1...repeats).map { repetition in
        var run = SyntheticTrace(place, repetition: repetition, seed: seed)
        behave(&run)
        return RunObservations(trace: run.trace)
      })
  }
}

/// What a comparison found, for messages and expectations.
func summary(_ comparison: Comparison) -> [String] {
  comparison.candidates.flatMap { candidate in
    candidate.aspects.map { aspect in
      "\(aspect.tier.rawValue) \(aspect.place.channel.rawValue) \(aspect.place.location) "
        + "\(candidate.classes.map { $0.map(String.init) ?? "-" }.joined()) "
        + aspect.values.map { $0 ?? "∅" }.joined(separator: " | ")
    }
  }
}
