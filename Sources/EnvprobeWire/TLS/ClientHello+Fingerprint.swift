import Crypto
import EnvprobeModel

extension ClientHello {
  /// Values reserved so that servers learn to ignore what they do not know (RFC 8701).
  private static func isReserved(_ value: UInt16) -> Bool { value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff }

  private static func known(_ values: [UInt16]) -> [UInt16] { values.filter { !isReserved($0) } }

  /// The versions offered, in order, such as `TLS 1.3`.
  var versionNames: [String] {
    let offered = Self.known(supportedVersions)
    return (offered.isEmpty ? [legacyVersion] : offered).map { version in
      switch version {
      case 0x0300: "SSL 3.0"
      case 0x0301...0x0304: "TLS 1.\(version & 0xff - 1)"
      default: "0x" + Hexadecimal.encode([UInt8(version >> 8), UInt8(version & 0xff)])
      }
    }
  }

  var alpnNames: [String] { alpn.map { String(decoding: $0, as: UTF8.self) } }

  /// The text that JA3 hashes: version, suites, extensions, groups, point formats
  /// (https://github.com/salesforce/ja3).
  var ja3Text: String {
    func list(_ values: [UInt16]) -> String { Self.known(values).map(String.init).joined(separator: "-") }
    let formats = pointFormats.map(String.init).joined(separator: "-")
    return "\(legacyVersion),\(list(cipherSuites)),\(list(extensions)),\(list(groups)),\(formats)"
  }

  var ja3: String { Hexadecimal.encode(Insecure.MD5.hash(data: Array(ja3Text.utf8))) }

  /// The fingerprint JA4 of a hello over TCP (https://github.com/FoxIO-LLC/ja4, technical details).
  var ja4: String {
    let suites = Self.known(cipherSuites)
    let types = Self.known(extensions)
    let version =
      switch Self.known(supportedVersions).max() ?? legacyVersion {
      case 0x0304: "13"
      case 0x0303: "12"
      case 0x0302: "11"
      case 0x0301: "10"
      case 0x0300: "s3"
      default: "00"
      }
    func two(_ count: Int) -> String { (count < 10 ? "0" : "") + String(min(count, 99)) }
    func four(_ value: UInt16) -> String { Hexadecimal.encode([UInt8(value >> 8), UInt8(value & 0xff)]) }
    func hash(_ text: String) -> String { String(Hexadecimal.encode(SHA256.hash(data: Array(text.utf8))).prefix(12)) }
    let hashedSuites = suites.isEmpty ? "000000000000" : hash(suites.map(four).sorted().joined(separator: ","))
    var material = types.filter { $0 != 0 && $0 != 16 }.map(four).sorted().joined(separator: ",")
    if !signatureAlgorithms.isEmpty {
      material += "_" + Self.known(signatureAlgorithms).map(four).joined(separator: ",")
    }
    let hashedTypes = types.isEmpty ? "000000000000" : hash(material)
    return "t\(version)\(extensions.contains(0) ? "d" : "i")\(two(suites.count))\(two(types.count))\(alpnMark)"
      + "_\(hashedSuites)_\(hashedTypes)"
  }

  /// The first and last character of the first protocol offered; of its hexadecimal form where they are not
  /// alphanumeric.
  private var alpnMark: String {
    guard let first = alpn.first, let head = first.first, let tail = first.last else { return "00" }
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      0x30...0x39 ~= byte || 0x41...0x5a ~= byte || 0x61...0x7a ~= byte
    }
    if isAlphanumeric(head), isAlphanumeric(tail) { return String(decoding: [head, tail], as: UTF8.self) }
    let digits = Hexadecimal.encode(first)
    return String(digits.first!) + String(digits.last!)
  }
}
