import EnvprobeModel

/// A value of the run's own environment that may turn up in what the program does, and the name it is known by.
struct EchoValue: Hashable, Sendable {
  var name: String
  var value: String
  /// Whether it stands for itself only where it is a whole observation: short values turn up anywhere by chance.
  var wholeOnly = false
  /// Whether hashes of it are looked for.
  var isHashed = true

  /// Every value that the manifest tells of, the most telling name first.
  static func all(of manifest: RunManifest) -> [EchoValue] {
    var values: [EchoValue] = []
    func add(_ name: String, _ value: String?, _ wholeOnly: Bool = false, _ hashed: Bool = true) {
      guard let value, !value.isEmpty else { return }
      let short = value.utf8.count < 3
      values.append(.init(name: name, value: value, wholeOnly: wholeOnly || short, isHashed: hashed && !short))
    }
    let assignment = manifest.assignment
    let surroundings = manifest.surroundings

    add("timezone", assignment.timezone)
    // ICU has kept some names that the time zone database has replaced.
    for alias in assignment.timezone.map(LocaleFormats.aliases(of:)) ?? [] { add("timezone", alias) }
    endpoint(assignment.endpoint, add: add)
    if let proxy = assignment.proxy {
      for url in [proxy.https, proxy.http, proxy.all].compactMap({ $0 }) {
        add("proxy", url)
        if let parts = URLParts(url) {
          add("proxy-host", parts.authority)
          add("proxy-host", parts.host)
        }
      }
    }
    for (name, url) in (assignment.mirrors ?? [:]).sorted(by: { $0.key < $1.key }) {
      add("mirror:\(name)", url)
      if let parts = URLParts(url) {
        add("mirror-host:\(name)", parts.authority)
        add("mirror-host:\(name)", parts.host)
      }
    }
    for host in [assignment.hostname, surroundings.hostname].compactMap({ $0 }) {
      add("hostname", host)
      if let dot = host.firstIndex(of: ".") {
        add("hostname-short", String(host[..<dot]))
        add("hostname-domain", String(host[host.index(after: dot)...]))
      }
    }
    if let identity = assignment.identity {
      add("email", identity.email)
      add("name", identity.name)
    }
    add("cwd", surroundings.workingDirectory)
    add("cwd-dashed", dashed(surroundings.workingDirectory))
    add("home", surroundings.home)
    add("home-dashed", dashed(surroundings.home))
    add("user", assignment.identity?.user)
    add("user", surroundings.user)
    if let resolver = assignment.resolver {
      for (index, address) in resolver.nameservers.enumerated() { add("nameserver-\(index + 1)", address) }
      for (index, domain) in resolver.search.enumerated() { add("search-\(index + 1)", domain) }
    }
    if let network = assignment.network {
      add("address", network.address)
      add("public-address", network.publicAddress)
      add("country", network.country, true)
    }
    if let locale = assignment.locale { localeForms(locale, add: add) }
    add("clock", assignment.clock, false, false)
    // `true`, `1`, `dark`: such values are words like others.
    for (name, value) in assignment.variables.sorted(by: { $0.key < $1.key }) {
      add("env.\(name)", value, value.utf8.count < 6)
    }
    // What else was set because of a factor: variables derived from its level.
    for variable in surroundings.environment where variable.factor != nil {
      add("env \(variable.name)", variable.value, variable.value.utf8.count < 6)
    }
    var seen: Set<Text> = []
    return values.filter { seen.insert(Text($0.value)).inserted }
  }

  /// The endpoint and its parts; the official one where none is set.
  private static func endpoint(_ endpoint: String?, add: (String, String?, Bool, Bool) -> Void) {
    if let endpoint {
      add("endpoint", endpoint, false, true)
      if let parts = URLParts(endpoint) {
        add("endpoint-host", parts.authority, false, true)
        add("endpoint-host", parts.host, false, true)
        // A short path is a word like others.
        add("endpoint-path", parts.path, parts.path.utf8.count < 8, false)
      }
    } else {
      for host in EndpointVariable.officialHosts {
        add("endpoint", "https://\(host)", false, true)
        add("endpoint-host", host, false, true)
      }
    }
  }

  private static func localeForms(_ locale: LocaleSetting, add: (String, String?, Bool, Bool) -> Void) {
    for (name, value) in [("", locale.lang)]
      + locale.overrides.sorted(by: { $0.key < $1.key }).map({
        ("-" + $0.key.lowercased(), $0.value)
      })
    {
      guard !["C", "POSIX", "C.UTF-8"].contains(value) else { continue }
      add("locale\(name)", value, false, true)
      let base = String(value.prefix { $0 != "." && $0 != "@" })
      add("locale\(name):ll_CC", base, false, true)
      add("locale\(name):ll-CC", base.replacing("_", with: "-"), false, true)
      let parts = base.split(separator: "_")
      guard name.isEmpty else { continue }
      add("language", parts.first.map(String.init), true, false)
      // As in `Accept-Language: zh-CN,zh;q=0.9`.
      if parts.count == 2 {
        add("language;", ",\(parts[0]);", false, false)
        add("country", String(parts[1]), true, false)
      }
    }
  }

  /// A path as tools name a folder after it: `/home/user/work` becomes `-home-user-work`.
  private static func dashed(_ path: String) -> String? {
    path.utf8.count < 4 ? nil : String(path.map { $0 == "/" || $0 == "." ? "-" : $0 })
  }

  /// The value in every encoding that is looked for, with the placeholder for each and the rule that knows it.
  var forms: [(text: String, placeholder: String, rule: String)] {
    var forms: [(text: String, placeholder: String, rule: String)] = []
    for encoding in EchoEncoding.all {
      for (text, form) in encoding.forms(value) where !forms.contains(where: { Text($0.text) == Text(text) }) {
        forms.append((text, form.map { "<\(name)|\($0)>" } ?? "<\(name)>", encoding.name))
      }
    }
    return forms
  }
}

extension EndpointVariable {
  /// The hosts that stand for an unset endpoint, each once.
  static let officialHosts: [String] = {
    var seen: Set<String> = []
    return all.map(\.officialHost).filter { seen.insert($0).inserted }
  }()
}

/// The parts of a URL of the form `scheme://[user@]host[:port][/path]`.
struct URLParts: Hashable, Sendable {
  var scheme: String
  /// In lower case, without brackets.
  var host: String
  /// As written, or the scheme's default.
  var port: Int
  /// `host` or `host:port`, as written.
  var authority: String
  /// Without a trailing slash; empty where there is none.
  var path: String

  init?(_ url: String) {
    guard let mark = url.firstRange(of: "://") else { return nil }
    scheme = url[..<mark.lowerBound].lowercased()
    let rest = url[mark.upperBound...]
    let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    var written = rest[..<end]
    if let at = written.lastIndex(of: "@") { written = written[written.index(after: at)...] }
    authority = String(written)
    let portStart = written.lastIndex(of: ":").flatMap { colon in
      written[colon...].contains("]") ? nil : colon
    }
    port =
      portStart.flatMap { Int(written[written.index(after: $0)...]) } ?? (scheme == "http" || scheme == "ws" ? 80 : 443)
    host = written[..<(portStart ?? written.endIndex)].lowercased().filter { $0 != "[" && $0 != "]" }
    var path = rest[end...].prefix { $0 != "?" && $0 != "#" }
    while path.last == "/" { path.removeLast() }
    self.path = String(path)
    guard !host.isEmpty else { return nil }
  }
}
