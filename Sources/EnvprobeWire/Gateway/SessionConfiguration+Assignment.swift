import EnvprobeModel

extension SessionConfiguration {
  /// The configuration for a run under an assignment: everything that the profile says about the network, and nothing
  /// else that could differ between runs.
  public init(
    assignment: Assignment, sink: any EventSink, scenario: Scenario? = nil, origin: AnswerOrigin = .scenario,
    secrets: [String: String] = [:], limits: Limits = Limits(),
    now: @escaping @Sendable () -> Int = SessionConfiguration.realTime,
    identifySocket: @escaping IdentifySocket = { _, _, _ in nil }, makeSocket: @escaping MakeSocket
  ) {
    let authorities = assignment.levels.values.flatMap(Self.authorities)
    let own = assignment.network?.address ?? Plan.Default.address
    let resolver = assignment.resolver ?? Plan.Default.resolver
    self.init(
      sink: sink, scenario: scenario, origin: origin, secrets: secrets, network: assignment.network,
      nameservers: resolver.nameservers,
      searchDomains: resolver.search,
      knownHosts: Set(authorities.map { $0.host.lowercased() }).sorted(),
      loopbackPorts: Set(
        authorities.filter { $0.host == "localhost" || $0.host == own || IPAddress($0.host)?.isLoopback == true }
          .compactMap(\.port)), limits: limits, now: now, identifySocket: identifySocket,
      makeSocket: makeSocket)
  }

  /// The hosts that a level names, with the ports a connection to them goes to.
  private static func authorities(in level: Level) -> [Authority] {
    switch level {
    case .endpoint(let url): authorities(in: url)
    case .proxy(let proxy): proxy.variables.filter { $0.key != "NO_PROXY" }.values.flatMap(authorities)
    case .mirrors(let mirrors): mirrors.values.flatMap(authorities)
    // A variable may hold anything: an address, a list of them, a connection string.
    case .variable(let text): authorities(in: text)
    case .timezone, .locale, .hostname, .resolver, .identity, .network, .clock: []
    }
  }

  static func authorities(in text: String) -> [Authority] {
    text.split { " \t\n,;'\"|<>".contains($0) }.compactMap { word in
      var word = word
      // `NAME=value` within a list.
      if let equals = word.firstIndex(of: "="), word[..<equals].allSatisfy({ $0.isLetter || $0 == "_" }) {
        word = word[word.index(after: equals)...]
      }
      if let address = WebAddress(String(word)) {
        var authority = Authority(address.host.contains(":") ? "[\(address.host)]" : address.host)
        authority?.port = address.effectivePort
        return authority
      }
      let authority = Authority(word.prefix { !"/?#".contains($0) })
      // A mere word is no host; one with a dot or a port may be.
      return authority.flatMap { $0.port != nil || $0.host.dropFirst().dropLast().contains(".") ? $0 : nil }
    }
  }
}
