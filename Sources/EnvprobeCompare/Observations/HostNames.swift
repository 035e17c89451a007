import EnvprobeModel

/// What the hosts of a run's traffic stand for: the configured endpoint, a mirror, the proxy, or themselves.
///
/// The endpoint's host is `<endpoint-host>` whatever it is called; where no endpoint is set, the official hosts stand
/// for it. Likewise the mirrors.
struct HostNames: Sendable {
  /// What a host of the traffic is, for naming places.
  struct Role: Sendable, Hashable {
    var placeholder: String
    /// The path below which the service lives, without a trailing slash.
    var basePath = ""
    var scheme: String
    var port: Int
    /// Whether it is what the profile asked for, or what stands for it where the profile asks for nothing.
    var isConfigured = true
  }

  private static let proxy = "<proxy-host>"
  private var roles: [String: Role] = [:]
  /// Names by the synthetic address that they were resolved to.
  private var names: [String: String] = [:]

  init(_ trace: Trace) {
    let assignment = trace.manifest.assignment
    for mirror in Mirror.all {
      let placeholder = "<mirror-host:\(mirror.name)>"
      let url = assignment.mirrors?[mirror.name]
      add(url: url, official: [mirror.officialHost], placeholder)
    }
    add(url: assignment.endpoint, official: EndpointVariable.officialHosts, "<endpoint-host>")
    if let proxy = assignment.proxy {
      for url in [proxy.http, proxy.https, proxy.all].compactMap({ $0 }) {
        if let parts = URLParts(url) {
          roles[parts.host] = Role(placeholder: Self.proxy, scheme: parts.scheme, port: parts.port)
        }
      }
    }
    for case .dns(let query) in trace.events.lazy.map(\.payload) {
      for answer in query.answers { names[answer] = query.name }
    }
  }

  private mutating func add(url: String?, official: [String], _ placeholder: String) {
    let parts = url.flatMap { URLParts($0) }
    for host in official {
      roles[host] = Role(placeholder: placeholder, scheme: "https", port: 443, isConfigured: parts == nil)
    }
    if let parts {
      roles[parts.host] = Role(
        placeholder: placeholder, basePath: parts.path, scheme: parts.scheme, port: parts.port)
    }
  }

  /// The name behind an address, or the text itself.
  func name(_ host: String) -> String { names[host] ?? host }

  func role(of host: String) -> Role? { roles[name(host).lowercased()] }

  /// The placeholder of a host that the profile configured, or that stands for an unset one.
  func placeholder(for host: String) -> String? {
    guard let role = role(of: host), role.isConfigured else { return nil }
    // Case is the program's own choice and must survive.
    let written = name(host)
    return Text(written) == Text(written.lowercased()) ? role.placeholder : nil
  }

  /// Whether it is the proxy that the profile configures.
  func isProxy(_ host: String, port: Int? = nil) -> Bool {
    guard let role = role(of: host), role.placeholder == Self.proxy else { return false }
    return port.map { $0 == role.port } ?? true
  }

  /// `host:port` as a value: the port of a configured host is part of what was configured.
  func authority(_ host: String, _ port: Int, _ substitute: inout Substitution) -> String {
    if let role = role(of: host), role.isConfigured {
      return port == role.port ? "\(role.placeholder):<port>" : "\(role.placeholder):\(port)"
    }
    return "\(substitute(name(host))):\(port)"
  }
}
