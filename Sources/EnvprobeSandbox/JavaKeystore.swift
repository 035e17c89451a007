import Crypto
import EnvprobeModel
import Synchronization

/// A file of trusted certificates for Java, in the format that every version reads whatever its own default is (JKS;
/// sun.security.provider.JavaKeyStore).
struct JavaKeystore {
  /// Of the usual password, which is no secret: the files that come with Java have the same.
  private static let password = "changeit"
  /// When every entry says it was made (milliseconds since 1970): the same in all runs.
  private static let created: UInt64 = 1_700_000_000_000

  /// Made last, as all runs of a matrix want the same.
  private static let latest = Mutex<(pem: [UInt8], bytes: [UInt8])?>(nil)

  /// The file with the certificates of a text in PEM.
  static func bytes(trusting pem: [UInt8]) -> [UInt8] {
    if let latest = latest.withLock({ $0 }), latest.pem == pem { return latest.bytes }
    let made = encode(certificates(in: pem))
    latest.withLock { $0 = (pem, made) }
    return made
  }

  /// The certificates of a text in PEM, DER.
  static func certificates(in pem: [UInt8]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var body: [UInt8]?
    for line in pem.split(separator: UInt8(ascii: "\n")) {
      if line.starts(with: "-----BEGIN CERTIFICATE-----".utf8) {
        body = []
      } else if line.starts(with: "-----END CERTIFICATE-----".utf8) {
        if let text = body, let bytes = Base64.decode(String(decoding: text, as: UTF8.self)) { result.append(bytes) }
        body = nil
      } else {
        body?.append(contentsOf: line.filter { $0 > 32 })
      }
    }
    return result
  }

  static func encode(_ certificates: [[UInt8]]) -> [UInt8] {
    func big(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
    func text(_ text: String) -> [UInt8] { big(UInt16(text.utf8.count)) + Array(text.utf8) }
    // Magic number and version; then each: a trusted certificate, its alias, its date, its type and bytes.
    var file = big(UInt32(0xfeed_feed)) + big(UInt32(2)) + big(UInt32(certificates.count))
    for (index, certificate) in certificates.enumerated() {
      file += big(UInt32(2)) + text("ca\(index + 1)") + big(created) + text("X.509")
      file += big(UInt32(certificate.count)) + certificate
    }
    var hash = Insecure.SHA1()
    hash.update(data: password.utf16.flatMap { big($0) })
    hash.update(data: Array("Mighty Aphrodite".utf8))
    hash.update(data: file)
    return file + hash.finalize()
  }
}
