/// Where a stream of bytes leads, as far as its layers have said.
struct Route: Hashable, Sendable {
  /// `http` or `https`: what the scheme of a request on it is.
  var scheme = "http"
  /// A name where one is known, else an address.
  var host: String
  var port: Int
  /// The layers from the connection inwards: `tls`, `connect`, `socks4`, `socks5`.
  var via: [String] = []

  /// The route within a tunnel.
  func tunnelled(by kind: String, host: String, port: Int) -> Route {
    Route(scheme: "http", host: host, port: port, via: via + [kind])
  }

  /// The route within TLS.
  func secured(serverName: String?) -> Route {
    Route(scheme: "https", host: serverName ?? host, port: port, via: via + ["tls"])
  }

  /// The route of one request: an absolute target makes the server a proxy, and a Host field names the host.
  func addressed(by head: RequestHead) -> Route {
    var route = self
    if let separator = head.target.firstIndex(of: ":"), head.target[separator...].hasPrefix("://") {
      let scheme = head.target[..<separator].lowercased()
      let authority = head.target[separator...].dropFirst(3).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
      if scheme == "http" || scheme == "https" || scheme == "ftp", let authority = Authority(authority) {
        route.scheme = scheme
        route.host = authority.host
        route.port = authority.port ?? (scheme == "https" ? 443 : scheme == "ftp" ? 21 : 80)
        route.via.append("proxy")
        return route
      }
    }
    let field = head.value(of: head.version.hasPrefix("HTTP/1") ? "host" : ":authority") ?? head.value(of: "host")
    if let field, let authority = Authority(field) { route.host = authority.host.lowercased() }
    return route
  }
}
