import Yams

extension Profile {
  /// The profile as a file of its own, with everything that it inherits. ``ProfileParser`` reads it back to the same
  /// assignment.
  public var yaml: String {
    var pairs: [(Node, Node)] = [(Node("schema"), Node(Self.currentSchema)), (Node("name"), Node(text: name))]
    if let description { pairs.append((Node("description"), Node(text: description))) }
    for factor in Factor.keyed {
      if let level = assignment[factor] { pairs.append((Node(factor.name), level.node)) }
    }
    let variables = assignment.variables.sorted { $0.key < $1.key }
    if !variables.isEmpty {
      pairs.append((Node(Self.variablesKey), Node(variables.map { (Node($0.key), Node(text: $0.value)) })))
    }
    do {
      return try serialize(node: Node(pairs), width: -1, allowUnicode: true)
    } catch {
      // The emitter fails for want of memory and for unbalanced events; a tree of text nodes makes no such events.
      fatalError("cannot write the profile '\(name)' as YAML: \(error)")
    }
  }
}

extension Node {
  /// A scalar that is read back as this text and as nothing else.
  fileprivate init(text: String) {
    let looksEmpty = Node(text, .implicit, .plain).isNothing
    let hasControl = text.unicodeScalars.contains(where: \.isControl)
    self.init(text, .implicit, looksEmpty || hasControl ? .doubleQuoted : .any)
  }

  fileprivate init(flow texts: [String]) { self.init(texts.map { Node(text: $0) }, .implicit, .flow) }

  fileprivate init(map pairs: [(String, String)]) {
    self.init(pairs.map { (Node($0.0), Node(text: $0.1)) }, .implicit, .block)
  }
}

extension Level {
  fileprivate var node: Node {
    switch self {
    case .timezone(let text), .hostname(let text), .endpoint(let text), .clock(let text), .variable(let text):
      return Node(text: text)
    case .locale(let locale):
      if locale.overrides.isEmpty { return Node(text: locale.lang) }
      return Node(map: [("LANG", locale.lang)] + locale.overrides.sorted { $0.key < $1.key })
    case .proxy(let proxy):
      if let http = proxy.http, proxy == ProxySetting(url: http) { return Node(text: http) }
      let urls = [("http", proxy.http), ("https", proxy.https), ("all", proxy.all)]
      var pairs = urls.compactMap { key, url in url.map { (Node(key), Node(text: $0)) } }
      if !proxy.noProxy.isEmpty { pairs.append((Node("no_proxy"), Node(flow: proxy.noProxy))) }
      return Node(pairs)
    case .resolver(let resolver):
      var pairs = [(Node("nameservers"), Node(flow: resolver.nameservers))]
      if !resolver.search.isEmpty { pairs.append((Node("search"), Node(flow: resolver.search))) }
      return Node(pairs)
    case .mirrors(let mirrors):
      return Node(map: Mirror.all.compactMap { mirror in mirrors[mirror.name].map { (mirror.name, $0) } })
    case .identity(let identity):
      return Node(map: [("user", identity.user), ("name", identity.name), ("email", identity.email)])
    case .network(let network):
      return Node(map: [
        ("address", network.address), ("public_address", network.publicAddress), ("country", network.country),
      ])
    }
  }
}
