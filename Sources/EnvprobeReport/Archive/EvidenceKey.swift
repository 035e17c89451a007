import Crypto
import EnvprobeModel
import FoundationEssentials

/// A private Ed25519 key (RFC 8032), as `openssl genpkey -algorithm ed25519` writes it: PKCS #8 in PEM.
public struct EvidenceSigningKey: Sendable {
  /// The version, the algorithm 1.3.101.112 and two octet strings (RFC 8410, section 7): all keys begin alike.
  private static let prefix: [UInt8] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20]

  private let key: Curve25519.Signing.PrivateKey

  public init(pem: String) throws(ArchiveError) {
    if pem.contains("ENCRYPTED PRIVATE KEY") {
      throw ArchiveError(
        .read, subject: "the key", reason: "it is under a passphrase; 'openssl pkey -in KEY' writes it without one")
    }
    guard let bytes = PEMBlock.contents(of: pem, label: "PRIVATE KEY"), bytes.starts(with: Self.prefix),
      bytes.count == Self.prefix.count + 32,
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes[Self.prefix.count...])
    else {
      throw ArchiveError(
        .read, subject: "the key",
        reason: "it is no private Ed25519 key in PEM; 'openssl genpkey -algorithm ed25519 -out KEY' makes one")
    }
    self.key = key
  }

  public var verifyingKey: EvidenceVerifyingKey { EvidenceVerifyingKey(key.publicKey) }

  /// 64 bytes.
  func signature(of bytes: [UInt8]) throws(ArchiveError) -> [UInt8] {
    do { return Array(try key.signature(for: bytes)) } catch {
      throw ArchiveError(.write, subject: "the signature", reason: "\(error)")
    }
  }
}

/// A public Ed25519 key, as `openssl pkey -pubout` writes it: SubjectPublicKeyInfo in PEM.
public struct EvidenceVerifyingKey: Sendable {
  /// The algorithm and a bit string (RFC 8410, section 4).
  private static let prefix: [UInt8] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0]

  private let key: Curve25519.Signing.PublicKey

  init(_ key: Curve25519.Signing.PublicKey) { self.key = key }

  public init(pem: String) throws(ArchiveError) {
    guard let bytes = PEMBlock.contents(of: pem, label: "PUBLIC KEY"), bytes.starts(with: Self.prefix),
      bytes.count == Self.prefix.count + 32,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes[Self.prefix.count...])
    else {
      throw ArchiveError(
        .read, subject: "the key",
        reason:
          "it is no public Ed25519 key in PEM; 'openssl pkey -in KEY -pubout -out KEY.pub' makes it of a private one")
    }
    self.key = key
  }

  /// SHA-256 over the key as it is encoded, in hex: by which people can tell keys apart.
  public var fingerprint: String { Hexadecimal.encode(SHA256.hash(data: Self.prefix + Array(key.rawRepresentation))) }

  func isSignature(_ signature: [UInt8], of bytes: [UInt8]) -> Bool { key.isValidSignature(signature, for: bytes) }
}

/// Text armour around bytes (RFC 7468).
private enum PEMBlock {
  static func contents(of text: String, label: String) -> [UInt8]? {
    let lines = text.split(whereSeparator: \.isNewline).map { $0.trimming(while: \.isWhitespace) }
    guard let start = lines.firstIndex(of: "-----BEGIN \(label)-----"),
      let end = lines[start...].firstIndex(of: "-----END \(label)-----")
    else { return nil }
    return Data(base64Encoded: lines[(start + 1)..<end].joined()).map(Array.init)
  }
}

extension Substring {
  fileprivate func trimming(while isBlank: (Character) -> Bool) -> String {
    var text = drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return String(text)
  }
}
