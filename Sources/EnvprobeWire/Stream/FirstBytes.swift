/// Tells protocols apart by what a client says first.
enum FirstBytes: Hashable, Sendable {
  /// Too few to tell.
  case undecided
  case tls
  case http1
  /// HTTP/2 with prior knowledge, or after ALPN.
  case http2
  case socks4
  case socks5
  /// Nothing that is taken apart.
  case other

  /// The client's connection preface (RFC 9113, section 3.4).
  static let http2Preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// The longest first line that may still turn out to be a request's, in bytes.
  static let lineLimit = 64 * 1024

  init(_ bytes: some RandomAccessCollection<UInt8>) {
    guard let first = bytes.first else {
      self = .undecided
      return
    }
    let second = bytes.dropFirst().first
    switch first {
    case 0x16: self = second.map { $0 == 3 ? .tls : .other } ?? .undecided
    case 4: self = second.map { 1...2 ~= $0 ? .socks4 : .other } ?? .undecided
    case 5: self = Self.readSOCKS5(bytes)
    default: self = Self.readText(bytes)
    }
  }

  /// A greeting names its methods and then waits, so that whatever has more bytes is none.
  private static func readSOCKS5(_ bytes: some RandomAccessCollection<UInt8>) -> FirstBytes {
    guard let count = bytes.dropFirst().first else { return .undecided }
    guard count > 0, bytes.count <= 2 + Int(count) else { return .other }
    return bytes.count == 2 + Int(count) ? .socks5 : .undecided
  }

  private static func readText(_ bytes: some RandomAccessCollection<UInt8>) -> FirstBytes {
    if http2Preface.starts(with: bytes.prefix(http2Preface.count)) {
      return bytes.count >= http2Preface.count ? .http2 : .undecided
    }
    let line = bytes.drop { $0 == 10 || $0 == 13 }
    let method = line.prefix { isTokenCharacter($0) }
    let rest = line.dropFirst(method.count)
    if let separator = rest.first {
      guard separator == 32, !method.isEmpty else { return .other }
    } else {
      return method.count <= 64 ? .undecided : .other
    }
    guard let end = rest.firstIndex(of: 10) else { return rest.count <= lineLimit ? .undecided : .other }
    var tail = Array(rest[..<end].suffix(10))
    if tail.last == 13 { tail.removeLast() }
    return tail.suffix(9).starts(with: Array(" HTTP/1.".utf8)) ? .http1 : .other
  }

  /// RFC 9110, section 5.6.2.
  private static func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
