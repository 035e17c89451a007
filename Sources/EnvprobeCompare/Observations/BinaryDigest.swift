import Crypto

/// SHA-256 in hex.
struct BinaryDigest {
  private var hasher = SHA256()

  mutating func update(_ bytes: [UInt8]) { hasher.update(data: bytes) }

  var hex: String {
    hasher.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
