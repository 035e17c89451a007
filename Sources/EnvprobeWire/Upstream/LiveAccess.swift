import EnvprobeModel

/// What of the real network a run may reach, and by which way.
public struct LiveAccess: Sendable {
  /// Hosts that may be reached: `api.example.com`, `*.example.com`, `127.0.0.1:8080`. All else is refused.
  public var allowedHosts: [String]
  /// The way out of this machine.
  public var proxies: ProxySettings
  /// A file of certificates to trust instead of the system's, in PEM.
  public var trustFile: String?

  public init(allowedHosts: [String], proxies: ProxySettings = ProxySettings(), trustFile: String? = nil) {
    self.allowedHosts = allowedHosts
    self.proxies = proxies
    self.trustFile = trustFile
  }

  func allows(_ host: String, port: Int) -> Bool {
    let host = host.lowercased()
    return allowedHosts.contains { pattern in
      let glob = Glob(pattern.lowercased())
      return glob.matches(host) || glob.matches("\(host):\(port)")
    }
  }
}

/// A machine's proxies as the usual variables name them: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, in
/// lower or upper case.
public struct ProxySettings: Hashable, Sendable {
  struct Proxy: Hashable, Sendable {
    var host: String
    var port: Int
    /// The value of a Proxy-Authorization field.
    var authorization: String?
  }

  private var byScheme: [String: Proxy] = [:]
  private var exceptions: [String] = []
  /// A variable that names a kind of proxy that cannot be used.
  public private(set) var unusable: String?

  /// No proxy.
  public init() {}

  public init(environment: [String: String]) {
    for scheme in ["http", "https"] {
      let names = ["\(scheme)_proxy", "\(scheme.uppercased())_PROXY", "all_proxy", "ALL_PROXY"]
      guard let name = names.first(where: { environment[$0]?.isEmpty == false }) else { continue }
      guard let proxy = Proxy(environment[name]!) else {
        unusable = unusable ?? name
        continue
      }
      byScheme[scheme] = proxy
    }
    exceptions = (environment["no_proxy"] ?? environment["NO_PROXY"] ?? "").split { $0 == "," || $0 == " " }
      .map { $0.lowercased() }
  }

  /// The proxy for a host; `nil` where the way is direct.
  func proxy(scheme: String, host: String) -> Proxy? {
    let host = host.lowercased()
    let isExcepted = exceptions.contains { entry in
      let name = entry.drop { $0 == "." || $0 == "*" }
      return entry == "*" || host == name || (!name.isEmpty && host.hasSuffix(".\(name)"))
    }
    return isExcepted ? nil : byScheme[scheme]
  }
}

extension ProxySettings.Proxy {
  /// `http://user:password@host:port`, the scheme optional; `nil` where it is another kind of proxy.
  init?(_ text: String) {
    var rest = text[...]
    if let mark = rest.firstRange(of: "://") {
      guard rest[..<mark.lowerBound].lowercased() == "http" else { return nil }
      rest = rest[mark.upperBound...]
    }
    rest = rest.prefix { $0 != "/" && $0 != "?" }
    guard let authority = Authority(rest) else { return nil }
    host = authority.host
    port = authority.port ?? 80
    if let at = rest.lastIndex(of: "@") {
      authorization = "Basic " + Base64.encode(Array(String(rest[..<at]).percentDecoded.utf8))
    }
  }
}
