import EnvprobeModel

/// The text of a body as the page has it: cut to a size, and in hex where it is no text.
struct BodyBlock: Encodable {
  var sha256: String
  var size: Int
  var text: String?
  var hex: String?
  var cut: Bool

  private static let hexLength = 512

  init(sha256: String, bytes: [UInt8], limit: Int) {
    self.sha256 = sha256
    size = bytes.count
    // A cut may go through a character; that does not make the body binary.
    let kept = bytes.prefix(limit)
    if let text = Self.text(kept, isCut: bytes.count > limit) {
      self.text = text
      cut = bytes.count > limit
    } else {
      let digits = Array("0123456789abcdef".utf8)
      let head = kept.prefix(Self.hexLength)
      hex = String(decoding: head.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
      cut = bytes.count > Self.hexLength
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>, isCut: Bool) -> String? {
    for missing in 0..<(isCut ? min(4, bytes.count) : 1) {
      if let text = String(validating: bytes.dropLast(missing), as: UTF8.self) { return text }
    }
    return nil
  }
}
