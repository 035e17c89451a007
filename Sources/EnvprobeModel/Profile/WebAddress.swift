/// The parts of a URL that a profile may hold. It is kept as written, so this reads it only to judge it.
public struct WebAddress: Hashable, Sendable {
  public var scheme: String
  var credentials: String?
  public var host: String
  /// As written; `nil` where it is the scheme's own.
  public var port: Int?
  /// From the first slash on, with query and fragment; empty where there is none.
  var path: String

  /// `nil` where the text is no `scheme://host`.
  public init?(_ text: String) {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let separator = text.firstRange(of: "://") else {
      return nil
    }
    scheme = String(text[..<separator.lowerBound])
    let rest = text[separator.upperBound...]
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    path = String(rest[end...])
    var authority = rest[..<end]
    if let at = authority.lastIndex(of: "@") {
      credentials = String(authority[..<at])
      authority = authority[authority.index(after: at)...]
    }
    if authority.hasPrefix("["), let close = authority.firstIndex(of: "]") {
      host = String(authority[authority.index(after: authority.startIndex)..<close])
      authority = authority[authority.index(after: close)...]
      guard authority.isEmpty || authority.hasPrefix(":"), isIPAddress(host) else { return nil }
    } else {
      host = String(authority.prefix { $0 != ":" })
      authority = authority.dropFirst(host.count)
      guard isIPAddress(host) || hostNameComplaint(host) == nil else { return nil }
    }
    if authority.hasPrefix(":") {
      guard let number = Int(authority.dropFirst()), (1...65535).contains(number) else { return nil }
      port = number
    }
  }

  /// Whether it names the machine itself.
  public var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

  /// The port that a connection goes to; `nil` where the scheme has none of its own.
  public var effectivePort: Int? {
    switch (port, scheme.lowercased()) {
    case (let port?, _): port
    case (nil, "https"), (nil, "wss"): 443
    case (nil, "http"), (nil, "ws"): 80
    case (nil, let scheme): scheme.hasPrefix("socks") ? 1080 : nil
    }
  }
}
