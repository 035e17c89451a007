/// Bytes as lower-case hex digits, two each: the form of every digest in bundles, manifests and reports.
public enum Hexadecimal {
  private static let digits = Array("0123456789abcdef".utf8)

  public static func digits(of bytes: some Sequence<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    for byte in bytes {
      result.append(digits[Int(byte >> 4)])
      result.append(digits[Int(byte & 15)])
    }
    return result
  }

  public static func encode(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: digits(of: bytes), as: UTF8.self)
  }
}
