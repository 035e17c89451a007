/// An alert that a client sent in the clear (RFC 8446, section 6).
///
/// OpenSSL's clients refuse a certificate under TLS 1.3 before they have switched their keys: the server's TLS cannot
/// read such an alert as the encrypted one it expects, and reports garbage instead.
struct TLSAlert: Hashable, Sendable {
  var description: UInt8

  /// Alerts by which a client says that it does not trust a certificate, with the names of the RFC.
  private static let refusals: [UInt8: String] = [
    42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
    46: "certificate_unknown", 48: "unknown_ca", 113: "bad_certificate_status_response",
  ]

  /// The alert's name where it refuses the certificate.
  var refusal: String? { Self.refusals[description] }

  /// The alert among whole records; an encrypted one is longer than two bytes and is not taken for one.
  init?(records: some RandomAccessCollection<UInt8>) {
    var rest = Array(records.prefix(4096))[...]
    while rest.count >= 5 {
      let start = rest.startIndex
      let length = Int(rest[start + 3]) << 8 | Int(rest[start + 4])
      guard 0x14...0x17 ~= rest[start], rest[start + 1] == 3, rest.count >= 5 + length else { return nil }
      if rest[start] == 0x15, length == 2 {
        description = rest[start + 6]
        return
      }
      rest = rest.dropFirst(5 + length)
    }
    return nil
  }
}
