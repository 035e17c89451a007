import Crypto
import EnvprobeModel

/// Hashes of the run's own values: a program that sends the first digits of one tells nothing that the value does not.
struct DigestEcho: Sendable {
  /// Fewer digits could be a coincidence.
  static let shortest = 8

  private struct Digest: Sendable {
    var hex: [UInt8]
    var label: String
  }
  /// By the first eight digits.
  private var digests: [UInt32: [Digest]] = [:]

  init(_ values: [EchoValue]) {
    for value in values where value.isHashed {
      var texts = [value.value, value.value + "\n", value.value.lowercased()]
      if value.value.contains("://") { texts.append(value.value + "/") }
      for (index, text) in texts.enumerated() where index == 0 || text != value.value {
        let bytes = Array(text.utf8)
        add("md5", value.name, Array(Insecure.MD5.hash(data: bytes)))
        add("sha1", value.name, Array(Insecure.SHA1.hash(data: bytes)))
        add("sha256", value.name, Array(SHA256.hash(data: bytes)))
        add("sha512", value.name, Array(SHA512.hash(data: bytes)))
      }
    }
  }

  private mutating func add(_ algorithm: String, _ name: String, _ digest: [UInt8]) {
    let hex = Hexadecimal.digits(of: digest)
    digests[Self.key(hex[..<8])!, default: []].append(.init(hex: hex, label: "\(algorithm)(\(name))"))
  }

  private static func key(_ digits: some Collection<UInt8>) -> UInt32? {
    var key: UInt32 = 0
    for digit in digits {
      switch digit {
      case 48...57: key = key << 4 | UInt32(digit - 48)
      case 97...102: key = key << 4 | UInt32(digit - 87)
      case 65...70: key = key << 4 | UInt32(digit - 55)
      default: return nil
      }
    }
    return key
  }

  /// The placeholder for a whole word of hex digits, `<sha256(endpoint)[0:12]>`; `nil` where it is no hash of a value.
  func placeholder(for word: UnsafeBufferPointer<UInt8>.SubSequence) -> String? {
    guard word.count >= Self.shortest, word.count <= 128, let key = Self.key(word.prefix(8)),
      let candidates = digests[key]
    else { return nil }
    let upper = word.contains { (65...70).contains($0) }
    let lower = word.contains { (97...102).contains($0) }
    guard !(upper && lower) else { return nil }
    for digest in candidates where word.count <= digest.hex.count {
      if zip(word, digest.hex).allSatisfy({ $0 == $1 || ((65...70).contains($0) && $0 + 32 == $1) }) {
        let range = word.count == digest.hex.count ? "" : "[0:\(word.count)]"
        return "<\(digest.label)\(range)\(upper ? "|upper" : "")>"
      }
    }
    return nil
  }
}
