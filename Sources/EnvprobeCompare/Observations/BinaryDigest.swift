import Crypto
import EnvprobeModel

/// SHA-256 in hex.
struct BinaryDigest {
  private var hasher = SHA256()

  mutating func update(_ bytes: [UInt8]) { hasher.update(data: bytes) }

  var hex: String {
    Hexadecimal.encode(hasher.finalize())
  }
}
