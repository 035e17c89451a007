import Crypto
import FoundationEssentials
import SwiftASN1
import Synchronization
import X509

/// The certification authority of one matrix: made for it, trusted only inside its sandboxes, and never stored with
/// its key.
public final class CertificateAuthority: Sendable {
  /// The certificate, PEM.
  public let pem: String
  /// When this authority's certificates are valid.
  public let validity: Range<Date>

  private let certificate: Certificate
  private let key: Certificate.PrivateKey
  /// One key for all leaves: a client sees no more of it than that it can sign.
  let leafKeyPEM: String
  private let leafKey: Certificate.PrivateKey
  private let serial = Mutex<UInt64>(UInt64.random(in: 1..<1 << 62))

  /// Makes a key and a self-signed certificate (P-256).
  ///
  /// - Parameter validity: must contain every instant that a program under audit can take for now.
  public init(validity: Range<Date> = CertificateAuthority.defaultValidity()) throws(GatewayError) {
    self.validity = validity
    let leafKey = P256.Signing.PrivateKey()
    leafKeyPEM = leafKey.pemRepresentation
    self.leafKey = Certificate.PrivateKey(leafKey)
    let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    self.key = key
    do {
      // Ordinary-looking: a program that reads the trust store must find nothing that says what it is for.
      let name = try DistinguishedName {
        CountryName("US")
        OrganizationName("Global Trust Services")
        CommonName("Global Root CA R4")
      }
      certificate = try Certificate(
        version: .v3, serialNumber: .init(), publicKey: key.publicKey, notValidBefore: validity.lowerBound,
        notValidAfter: validity.upperBound, issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
        extensions: try Certificate.Extensions {
          Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
          Critical(KeyUsage(keyCertSign: true, cRLSign: true))
          SubjectKeyIdentifier(hash: key.publicKey)
        }, issuerPrivateKey: key)
      pem = try certificate.serializeAsPEM().pemString + "\n"
    } catch {
      throw GatewayError(.makeCertificate, subject: "certification authority", reason: "\(error)")
    }
  }

  /// From ten years before an instant to ten years after.
  public static func defaultValidity(around instant: Date = Date()) -> Range<Date> {
    let decade = 3652.0 * 86400
    return instant.addingTimeInterval(-decade)..<instant.addingTimeInterval(decade)
  }

  /// A certificate for a host name or an IP address, DER.
  func leaf(for host: String) throws(GatewayError) -> [UInt8] {
    let address = IPAddress(host)
    let name: GeneralName =
      address.map { .ipAddress(ASN1OctetString(contentBytes: $0.bytes[...])) } ?? .dnsName(host)
    do {
      let leaf = try Certificate(
        version: .v3, serialNumber: nextSerialNumber(), publicKey: leafKey.publicKey,
        notValidBefore: validity.lowerBound, notValidAfter: validity.upperBound, issuer: certificate.subject,
        // A common name has at most 64 characters (RFC 5280, appendix A.1).
        subject: try DistinguishedName { CommonName(String(host.prefix(64))) },
        signatureAlgorithm: .ecdsaWithSHA256,
        extensions: try Certificate.Extensions {
          Critical(BasicConstraints.notCertificateAuthority)
          Critical(KeyUsage(digitalSignature: true))
          try ExtendedKeyUsage([.serverAuth, .clientAuth])
          SubjectAlternativeNames([name])
          SubjectKeyIdentifier(hash: leafKey.publicKey)
          AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: key.publicKey).keyIdentifier)
        }, issuerPrivateKey: key)
      var serializer = DER.Serializer()
      try serializer.serialize(leaf)
      return serializer.serializedBytes
    } catch {
      throw GatewayError(.makeCertificate, subject: host, reason: "\(error)")
    }
  }

  private func nextSerialNumber() -> Certificate.SerialNumber {
    Certificate.SerialNumber(
      serial.withLock { serial in
        serial += 1
        return serial
      })
  }
}
