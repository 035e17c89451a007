import EnvprobeModel
import FoundationEssentials

/// Values for the page's script, as JSON in a block that browsers do not execute.
///
/// Everything that could end the block, or that a reader of the source would not see, is written as `\uXXXX`: `<`, `>`,
/// `&`, and all that ``VisibleText`` replaces.
enum DataBlock {
  static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    // Numbers that are none were the only thing here that can fail to encode.
    return escape(String(decoding: try! encoder.encode(value), as: UTF8.self), markup: true)
  }

  /// JSON in which nothing is hidden, and with `markup` nothing that HTML gives a meaning to.
  ///
  /// Every character that is replaced can only stand inside a string of JSON, where the replacement means the same.
  static func escape(_ json: String, markup: Bool) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(json.utf8.count + json.utf8.count / 16)
    for scalar in json.unicodeScalars {
      switch scalar.value {
      case 0x3C where markup, 0x3E where markup, 0x26 where markup, 0x7F: append(unit: UInt16(scalar.value), &result)
      case 0x0A, 0x20..<0x7F: result.append(UInt8(scalar.value))
      case _ where VisibleText.replacement(for: scalar) != nil:
        for unit in UTF16.encode(scalar)! { append(unit: unit, &result) }
      default: result.append(contentsOf: UTF8.encode(scalar)!)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static let digits = Array("0123456789abcdef".utf8)

  private static func append(unit: UInt16, _ result: inout [UInt8]) {
    result.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
    for shift in [12, 8, 4, 0] { result.append(digits[Int(unit >> shift) & 15]) }
  }
}
