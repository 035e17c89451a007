/// The parts of a URL that a profile may hold. It is kept as written, so this reads it only to judge it.
struct WebAddress: Hashable, Sendable {
  var scheme: String
  var credentials: String?
  var host: String
  var port: Int?
  /// From the first slash on, with query and fragment; empty where there is none.
  var path: String

  /// `nil` where the text is no `scheme://host`.
  init?(_ text: String) {
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
}
