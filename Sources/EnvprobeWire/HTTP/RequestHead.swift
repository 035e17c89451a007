import EnvprobeModel

/// The head of an HTTP request: what was sent, and where in it the parts are.
struct RequestHead: Hashable, Sendable {
  var method: String
  var target: String
  /// `HTTP/1.1`, `HTTP/2`…
  var version: String
  var headers: [HTTPHeader]
  /// The bytes as they came, the empty line included; empty where the protocol has no such bytes.
  var bytes: [UInt8] = []
  /// Where in `bytes` the target is.
  var targetRange = 0..<0
  /// Where in `bytes` the value of each of `headers` is.
  var valueRanges: [Range<Int>] = []

  /// The values of a field, in order.
  func values(of name: String) -> [String] { headers.filter { $0.name.equalsIgnoringCase(name) }.map(\.value) }

  /// The first value of a field.
  func value(of name: String) -> String? { headers.first { $0.name.equalsIgnoringCase(name) }?.value }

  /// Whether a comma-separated field lists a token.
  func lists(_ token: String, in name: String) -> Bool {
    headers.contains { header in
      header.name.equalsIgnoringCase(name)
        && header.value.utf8.split(separator: UInt8(ascii: ",")).contains { element in
          String(Substring(element)).trimmingWhitespace.equalsIgnoringCase(token)
        }
    }
  }

  /// Whether the connection goes on after the response (RFC 9112, section 9.3).
  var keepsAlive: Bool {
    if lists("close", in: "connection") { return false }
    return version != "HTTP/1.0" || lists("keep-alive", in: "connection")
  }

  /// The path of the target, without query.
  var path: String {
    var rest = Substring(target)
    if let scheme = rest.firstRange(of: "://") {
      rest = rest[scheme.upperBound...]
      rest = rest[(rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex)...]
    }
    let path = rest.prefix { $0 != "?" && $0 != "#" }
    return path.isEmpty ? "/" : String(path)
  }

  /// The query of the target as pairs, percent-decoded.
  var query: [(name: String, value: String)] {
    guard let mark = target.firstIndex(of: "?") else { return [] }
    return target[target.index(after: mark)...].split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (parts[0].percentDecoded, parts.count > 1 ? parts[1].percentDecoded : "")
    }
  }
}

/// A host with a port as in a target or a Host field.
struct Authority: Hashable, Sendable {
  var host: String
  var port: Int?

  /// `host`, `host:port`, `[v6]:port`, with a user part dropped; `nil` where it is neither.
  init?(_ text: some StringProtocol) {
    var rest = Substring(text)
    if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
    var portText: Substring?
    if rest.first == "[" {
      guard let end = rest.firstIndex(of: "]") else { return nil }
      host = String(rest[rest.index(after: rest.startIndex)..<end])
      let tail = rest[rest.index(after: end)...]
      guard tail.isEmpty || tail.first == ":" else { return nil }
      portText = tail.isEmpty ? nil : tail.dropFirst()
    } else {
      let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      host = String(parts[0])
      portText = parts.count > 1 ? parts[1] : nil
    }
    guard !host.isEmpty, !host.contains(where: { $0 == " " || $0 == "/" }) else { return nil }
    if let portText, !portText.isEmpty {
      guard let number = Int(portText), 0...65535 ~= number else { return nil }
      port = number
    }
  }
}
