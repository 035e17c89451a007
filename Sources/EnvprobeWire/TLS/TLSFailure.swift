import NIOSSL

/// Why a TLS connection came to nothing.
enum TLSFailure: Hashable, Sendable {
  /// The client does not accept the certificate; with the alert's name.
  case refused(alert: String)
  /// The two ends have no version, suite or other parameter in common, or the client spoke something else.
  case incompatible(String)
  /// The client went away before the handshake was done, without saying why.
  case abandoned
  /// The handshake was done, and no application data followed.
  case unused

  /// Alerts by which a client says that it does not trust a certificate (RFC 8446, section 6.2), as the TLS library
  /// spells them.
  private static let refusals = [
    "BAD_CERTIFICATE", "UNSUPPORTED_CERTIFICATE", "CERTIFICATE_REVOKED", "CERTIFICATE_EXPIRED", "CERTIFICATE_UNKNOWN",
    "UNKNOWN_CA", "BAD_CERTIFICATE_HASH_VALUE", "BAD_CERTIFICATE_STATUS_RESPONSE",
  ]

  /// From what the TLS handler reported; `nil` where it is no failure of TLS.
  init?(_ error: any Error) {
    let stack: NIOBoringSSLErrorStack
    switch error {
    case NIOSSLError.handshakeFailed(.sslError(let errors)), BoringSSLError.sslError(let errors): stack = errors
    case NIOSSLError.handshakeFailed(let other):
      self = .incompatible("\(other)")
      return
    default:
      return nil
    }
    self.init(reasons: stack.map(\.description))
  }

  /// From the texts of the TLS library, each of which ends in the name of its reason.
  init(reasons: [String]) {
    for reason in reasons {
      let name = reason.split(whereSeparator: { $0 == ":" || $0 == " " }).first { $0.contains("_ALERT_") }
      guard let name else { continue }
      let alert = name.drop { $0 != "_" }.dropFirst("_ALERT_".count)
      if Self.refusals.contains(String(alert)) {
        self = .refused(alert: alert.lowercased())
        return
      }
    }
    if reasons.contains(where: { $0.contains("EOF during handshake") }) {
      self = .abandoned
    } else {
      self = .incompatible(reasons.map(Self.name).joined(separator: ", "))
    }
  }

  /// The last part of `Error: 1 error:2:SSL routines:OPENSSL_internal:NO_SHARED_CIPHER at FILE:1`.
  private static func name(of reason: String) -> String {
    let end = reason.firstRange(of: " at ")?.lowerBound ?? reason.endIndex
    return reason[..<end].split(separator: ":").last.map(String.init) ?? reason
  }

  /// For the trace.
  var description: String {
    switch self {
    case .refused(let alert): "the client refused the certificate: \(alert)"
    case .incompatible(let reason): "handshake failed: \(reason)"
    case .abandoned: "the client left during the handshake"
    case .unused: "no application data followed the handshake"
    }
  }
}
