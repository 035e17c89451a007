import Yams

/// Reads the levels of factors out of YAML nodes and collects what is wrong with them.
struct LevelReader {
  /// The file or the option that the text comes from.
  let source: String
  /// Whether the nodes' places mean anything to the user: not so for the value of an option.
  let hasPlaces: Bool
  private(set) var problems: [ProfileError.Problem] = []

  init(source: String, hasPlaces: Bool = true) {
    self.source = source
    self.hasPlaces = hasPlaces
  }

  /// The entries of a map whose keys are known ones.
  struct Entries {
    fileprivate(set) var nodes: [String: Node] = [:]
    /// A mistyped key is most likely the one that is missing: then nothing is said of what the map lacks.
    fileprivate(set) var hasUnknownKey = false

    subscript(key: String) -> Node? { nodes[key] }
  }

  mutating func report(_ text: String, at node: Node?) {
    let mark = hasPlaces ? node?.mark : nil
    problems.append(.init(source: source, line: mark?.line, column: mark?.column, text: text))
  }

  /// The level that a node gives to a factor; `nil` where a problem was reported.
  mutating func level(of factor: Factor, from node: Node) -> Level? {
    switch factor {
    case .timezone: scalar(node, "timezone", .timezone).map(Level.timezone)
    case .locale: locale(node).map(Level.locale)
    case .hostname: scalar(node, "hostname", .hostName).map(Level.hostname)
    case .proxy: proxy(node).map(Level.proxy)
    case .endpoint: scalar(node, "endpoint", .endpoint).map { .endpoint(withoutTrailingSlash($0)) }
    case .resolver: resolver(node).map(Level.resolver)
    case .mirrors: mirrors(node).map(Level.mirrors)
    case .identity: identity(node).map(Level.identity)
    case .network: network(node).map(Level.network)
    case .clock: scalar(node, "clock", .instant).map(Level.clock)
    case .variable(let name): scalar(node, Factor.variablePrefix + name, .variableValue).map(Level.variable)
    }
  }

  /// A scalar that passes its rule.
  mutating func scalar(_ node: Node, _ key: String, _ rule: ValueRule) -> String? {
    guard case .scalar(let scalar) = node else {
      report("'\(key)' is text, not \(node.kind)", at: node)
      return nil
    }
    guard let complaint = rule.complaint(scalar.string) else { return scalar.string }
    report(complaint, at: node)
    return nil
  }

  /// The entries of a map by key, with a problem for each key that is not a known one.
  mutating func entries(_ node: Node, _ key: String, known: [String], example: String) -> Entries? {
    guard case .mapping(let mapping) = node else {
      report("'\(key)' is a map, not \(node.kind); write \(example)", at: node)
      return nil
    }
    var result = Entries()
    for (name, value) in mapping {
      guard case .scalar(let text) = name else {
        report("a key is text, not \(name.kind)", at: name)
        continue
      }
      if known.contains(text.string) {
        result.nodes[text.string] = value
      } else {
        result.hasUnknownKey = true
        report(unknownName("key", text.string, known: known), at: name)
      }
    }
    return result
  }

  private mutating func list(_ node: Node, _ key: String, _ rule: ValueRule, example: String) -> [String]? {
    guard case .sequence(let sequence) = node else {
      report("'\(key)' is a list, not \(node.kind); write [\(example)]", at: node)
      return nil
    }
    let items = sequence.map { scalar($0, key, rule) }
    return items.contains(nil) ? nil : items.compactMap { $0 }
  }

  private mutating func locale(_ node: Node) -> LocaleSetting? {
    if case .scalar = node { return scalar(node, "locale", .locale).map { LocaleSetting(lang: $0) } }
    let known = LocaleSetting.variableNames
    guard let entries = entries(node, "locale", known: known, example: "{LANG: zh_CN.UTF-8, LC_TIME: en_US.UTF-8}")
    else { return nil }
    var variables: [String: String] = [:]
    for (name, value) in entries.nodes.sorted(by: { $0.value.isBefore($1.value) }) {
      variables[name] = scalar(value, name, name == "LANGUAGE" ? .languageList : .locale)
    }
    guard let lang = variables.removeValue(forKey: "LANG") else {
      if entries["LANG"] == nil, !entries.hasUnknownKey {
        report("'locale' lacks LANG, the locale of what is not set apart", at: node)
      }
      return nil
    }
    return LocaleSetting(lang: lang, overrides: variables)
  }

  private mutating func proxy(_ node: Node) -> ProxySetting? {
    if case .scalar = node { return scalar(node, "proxy", .proxy).map { ProxySetting(url: withoutTrailingSlash($0)) } }
    let example = "{http: http://proxy.example.com:8080, no_proxy: [localhost]}"
    guard let entries = entries(node, "proxy", known: ["http", "https", "all", "no_proxy"], example: example) else {
      return nil
    }
    func url(_ key: String, _ reader: inout LevelReader) -> String? {
      entries[key].flatMap { reader.scalar($0, "proxy.\(key)", .proxy) }.map(withoutTrailingSlash)
    }
    let setting = ProxySetting(
      http: url("http", &self), https: url("https", &self), all: url("all", &self),
      noProxy: entries["no_proxy"].flatMap { list($0, "proxy.no_proxy", .proxyException, example: "localhost") } ?? [])
    if entries["http"] == nil, entries["https"] == nil, entries["all"] == nil {
      if !entries.hasUnknownKey {
        report("'proxy' names no proxy; write at least one of http, https and all", at: node)
      }
      return nil
    }
    return setting
  }

  private mutating func resolver(_ node: Node) -> ResolverSetting? {
    let example = "{nameservers: [223.5.5.5], search: [corp.example.cn]}"
    guard let entries = entries(node, "resolver", known: ["nameservers", "search"], example: example) else {
      return nil
    }
    let search = entries["search"].map { list($0, "resolver.search", .domain, example: "corp.example.com") } ?? []
    guard let servers = entries["nameservers"] else {
      if !entries.hasUnknownKey { report("'resolver' lacks 'nameservers'", at: node) }
      return nil
    }
    guard let nameservers = list(servers, "resolver.nameservers", .address, example: "223.5.5.5"), let search else {
      return nil
    }
    // MAXNS of <resolv.h>: the C library reads no more than three.
    guard (1...3).contains(nameservers.count) else {
      report("'resolver.nameservers' holds one to three addresses, not \(nameservers.count)", at: servers)
      return nil
    }
    return ResolverSetting(nameservers: nameservers, search: search)
  }

  private mutating func mirrors(_ node: Node) -> [String: String]? {
    let known = Mirror.all.map(\.name)
    guard let entries = entries(node, "mirrors", known: known, example: "{npm: https://npm.example.com}") else {
      return nil
    }
    guard !entries.nodes.isEmpty else {
      if !entries.hasUnknownKey {
        report("'mirrors' names no mirror (known: \(known.joined(separator: ", ")))", at: node)
      }
      return nil
    }
    var result: [String: String] = [:]
    for mirror in Mirror.all {
      if let value = entries[mirror.name] {
        result[mirror.name] = scalar(value, "mirrors.\(mirror.name)", .mirror(mirror))
      }
    }
    return result
  }

  private mutating func identity(_ node: Node) -> IdentitySetting? {
    let example = "{user: wei, name: Wei Lin, email: wei@corp.example.cn}"
    guard let entries = entries(node, "identity", known: ["user", "name", "email"], example: example) else {
      return nil
    }
    let user = required("user", of: "identity", in: entries, .user, at: node)
    let name = required("name", of: "identity", in: entries, .personName, at: node)
    let email = required("email", of: "identity", in: entries, .email, at: node)
    guard let user, let name, let email else { return nil }
    return IdentitySetting(user: user, name: name, email: email)
  }

  private mutating func network(_ node: Node) -> NetworkSetting? {
    let example = "{address: 10.32.4.17, public_address: 203.0.113.7, country: CN}"
    let known = ["address", "public_address", "country"]
    guard let entries = entries(node, "network", known: known, example: example) else { return nil }
    let address = required("address", of: "network", in: entries, .interfaceAddress, at: node)
    let publicAddress = required("public_address", of: "network", in: entries, .address, at: node)
    let country = required("country", of: "network", in: entries, .country, at: node)
    guard let address, let publicAddress, let country else { return nil }
    return NetworkSetting(address: address, publicAddress: publicAddress, country: country)
  }

  private mutating func required(
    _ key: String, of parent: String, in entries: Entries, _ rule: ValueRule, at node: Node
  ) -> String? {
    guard let value = entries[key] else {
      if !entries.hasUnknownKey { report("'\(parent)' lacks '\(key)'", at: node) }
      return nil
    }
    return scalar(value, "\(parent).\(key)", rule)
  }
}

/// Programs append paths to base URLs; two forms of one URL must not count as two levels.
private func withoutTrailingSlash(_ url: String) -> String {
  var url = url
  while url.hasSuffix("/"), !url.hasSuffix("://") { url.removeLast() }
  return url
}

extension Node {
  /// What it is, for messages.
  var kind: String {
    switch self {
    case .scalar: isNothing ? "nothing" : "text"
    case .mapping: "a map"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  /// Whether it is an empty value, `~` or `null`, unquoted.
  var isNothing: Bool {
    guard case .scalar(let scalar) = self else { return false }
    return scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  func isBefore(_ other: Node) -> Bool {
    guard let a = mark, let b = other.mark else { return false }
    return (a.line, a.column) < (b.line, b.column)
  }
}
