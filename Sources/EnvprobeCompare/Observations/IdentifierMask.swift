/// Names of places without what differs from run to run.
///
/// A place must be the same in two runs for its values to be compared, so ids in paths are masked by their shape alone.
/// The unmasked name is an observation of its own, where noise is then told from difference by what repeats show.
enum IdentifierMask {
  /// UUIDs, and words of digits and letters that look made up: hex of 8 or more, numbers of 5 or more digits, mixed
  /// ones of 16 or more. Placeholders (`<…>`) stay.
  static func template(_ name: String) -> String {
    var name = name
    return name.withUTF8 { bytes in
      var result: [UInt8] = []
      result.reserveCapacity(bytes.count)
      var position = 0
      while position < bytes.count {
        if bytes[position] == UInt8(ascii: "<"),
          let close = bytes[position...].firstIndex(of: UInt8(ascii: ">"))
        {
          result += bytes[position...close]
          position = close + 1
          continue
        }
        guard isWord(bytes[position]) else {
          result.append(bytes[position])
          position += 1
          continue
        }
        if let uuid = TokenShape.uuidLength(bytes, at: position) {
          result += Array("<uuid>".utf8)
          position += uuid
          continue
        }
        var end = position
        while end < bytes.count, isWord(bytes[end]) { end += 1 }
        if let mask = mask(bytes[position..<end]) {
          result += Array(mask.utf8)
        } else {
          result += bytes[position..<end]
        }
        position = end
      }
      return String(decoding: result, as: UTF8.self)
    }
  }

  private static func mask(_ word: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
    var digits = 0
    var hex = 0
    var upper = 0
    for byte in word {
      if (48...57).contains(byte) {
        digits += 1
        hex += 1
      } else if (97...102).contains(byte) {
        hex += 1
      } else if (65...70).contains(byte) {
        hex += 1
        upper += 1
      } else if byte < 97 {
        upper += 1
      }
    }
    if digits == word.count { return digits >= 5 ? "<number>" : nil }
    if hex == word.count, word.count >= 8, digits > 0 { return "<hex>" }
    let lower = word.count - digits - upper
    return word.count >= 16 && digits > 0 && lower + upper > 0 ? "<id>" : nil
  }
}
