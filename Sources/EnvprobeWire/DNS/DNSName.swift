/// A domain name as its labels, from the most specific one (RFC 1035, section 3.1).
struct DNSName: Hashable, Sendable {
  /// Labels are bytes: nothing keeps a program from asking for one that is no text.
  var labels: [[UInt8]]

  init(labels: [[UInt8]]) { self.labels = labels }

  /// A name in its usual notation, without escapes; empty labels, as of a trailing dot, are dropped.
  init(_ text: String) { labels = text.utf8.split(separator: UInt8(ascii: ".")).map(Array.init) }

  /// The usual notation without a trailing dot, case kept; dots within labels and bytes that are not printable ASCII
  /// are escaped as in RFC 1035, section 5.1.
  var text: String {
    labels.map { label in
      label.map { byte in
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
        case 0x21...0x7e: String(UnicodeScalar(byte))
        default: "\\" + String(1000 + Int(byte)).dropFirst()
        }
      }.joined()
    }.joined(separator: ".")
  }

  /// The name that two spellings have in common: DNS compares without regard to ASCII case.
  var folded: String { text.lowercased() }

  /// The address that a name below `in-addr.arpa` or `ip6.arpa` stands for.
  var reversedAddress: IPAddress? {
    let folded = labels.map { String(decoding: $0, as: UTF8.self).lowercased() }
    if folded.count == 6, folded.suffix(2) == ["in-addr", "arpa"] {
      return IPAddress(folded.prefix(4).reversed().joined(separator: "."))
    }
    if folded.count == 34, folded.suffix(2) == ["ip6", "arpa"] {
      let nibbles = folded.prefix(32).reversed().compactMap { $0.utf8.count == 1 ? UInt8($0, radix: 16) : nil }
      guard nibbles.count == 32 else { return nil }
      return IPAddress(bytes: stride(from: 0, to: 32, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] })
    }
    return nil
  }
}
