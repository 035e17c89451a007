import Crypto
import EnvprobeModel

/// The subject of a certificate, as OpenSSL looks it up in a folder: by the hash of its canonical form.
struct CertificateSubject {
  /// Eight hex digits, as `openssl x509 -subject_hash` prints them.
  var hash: String

  /// `nil` where the text holds no certificate.
  init?(pem: String) {
    guard let begin = pem.firstRange(of: "-----BEGIN CERTIFICATE-----"),
      let end = pem[begin.upperBound...].firstRange(of: "-----END CERTIFICATE-----")
    else { return nil }
    let body = pem[begin.upperBound..<end.lowerBound].filter { !$0.isWhitespace }
    guard let der = Base64.decode(String(body)), let name = Self.subject(der[...]) else { return nil }
    guard let canonical = Self.canonical(name) else { return nil }
    let digest = Array(Insecure.SHA1.hash(data: canonical).prefix(4))
    hash = digest.reversed().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// The contents of the subject's SEQUENCE. RFC 5280, section 4.1.
  private static func subject(_ der: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var outer = DER(der)
    guard let certificate = outer.next(0x30) else { return nil }
    var inner = DER(certificate)
    guard let signed = inner.next(0x30) else { return nil }
    var fields = DER(signed)
    if fields.bytes.first == 0xa0 { _ = fields.next(0xa0) }  // version
    guard fields.next(0x02) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil else {
      return nil
    }
    return fields.next(0x30)
  }

  /// OpenSSL's `x509_name_canon`: strings in UTF-8, in lower case, with single spaces; without the outer SEQUENCE.
  private static func canonical(_ name: ArraySlice<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    var sets = DER(name)
    while !sets.bytes.isEmpty {
      guard let set = sets.next(0x31) else { return nil }
      var entries: [UInt8] = []
      var attributes = DER(set)
      while !attributes.bytes.isEmpty {
        guard let attribute = attributes.next(0x30) else { return nil }
        var parts = DER(attribute)
        guard let type = parts.next(0x06), let tag = parts.bytes.first, let value = parts.next(tag) else { return nil }
        var body = DER.encode(0x06, Array(type))
        if let text = text(value, tag: tag) {
          body += DER.encode(0x0c, Array(folded(text).utf8))
        } else {
          body += DER.encode(tag, Array(value))
        }
        entries += DER.encode(0x30, body)
      }
      result += DER.encode(0x31, entries)
    }
    return result
  }

  /// UTF8String, PrintableString, T61String, IA5String, VisibleString, UniversalString and BMPString.
  private static func text(_ value: ArraySlice<UInt8>, tag: UInt8) -> String? {
    switch tag {
    case 0x0c, 0x13, 0x16, 0x1a: return String(decoding: value, as: UTF8.self)
    case 0x14: return String(String.UnicodeScalarView(value.map { Unicode.Scalar($0) }))
    case 0x1e, 0x1c:
      let width = tag == 0x1e ? 2 : 4
      guard value.count % width == 0 else { return nil }
      var units = value
      var scalars = String.UnicodeScalarView()
      while !units.isEmpty {
        guard let scalar = Unicode.Scalar(units.prefix(width).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }) else {
          return nil
        }
        scalars.append(scalar)
        units = units.dropFirst(width)
      }
      return String(scalars)
    default: return nil
    }
  }

  private static func folded(_ text: String) -> String {
    let isSpace = { (scalar: Unicode.Scalar) in scalar == " " || (9...13).contains(scalar.value) }
    let words = text.unicodeScalars.split(whereSeparator: isSpace)
    return words.map { word in
      String(
        String.UnicodeScalarView(
          word.map { (65...90).contains($0.value) ? Unicode.Scalar($0.value + 32)! : $0 }))
    }.joined(separator: " ")
  }
}

/// Just enough of the Distinguished Encoding Rules: elements with one-byte tags, one after the other.
private struct DER {
  var bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// The contents of the next element, `nil` where it has another tag or is cut off.
  mutating func next(_ tag: UInt8) -> ArraySlice<UInt8>? {
    guard bytes.count >= 2, bytes.first == tag else { return nil }
    var rest = bytes.dropFirst()
    var length = Int(rest.removeFirst())
    if length & 0x80 != 0 {
      let count = length & 0x7f
      guard (1...4).contains(count), rest.count >= count else { return nil }
      length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(count)
    }
    guard rest.count >= length else { return nil }
    bytes = rest.dropFirst(length)
    return rest.prefix(length)
  }

  static func encode(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
    if contents.count < 0x80 { return [tag, UInt8(contents.count)] + contents }
    var size: [UInt8] = []
    var rest = contents.count
    while rest > 0 {
      size.insert(UInt8(rest & 0xff), at: 0)
      rest >>= 8
    }
    return [tag, 0x80 | UInt8(size.count)] + size + contents
  }
}
