/// A line cut into what could vary from run to run and what stands between: by it, noise is masked piece by piece.
///
/// Lines of one ``signature`` are instances of one line whose ids, numbers and nonces differ.
struct TokenShape: Sendable {
  struct Piece: Sendable {
    var text: Text
    /// What replaces the piece where it is noise; `nil` where it never is: ordinary words, punctuation.
    var mask: String?
  }

  var pieces: [Piece]

  init(_ line: String) {
    var line = line
    pieces = line.withUTF8 { Self.cut($0) }
  }

  var signature: Text {
    var signature = ""
    for piece in pieces { signature += piece.mask ?? piece.text.string }
    return Text(signature)
  }

  /// The line with the pieces at `positions` masked.
  func masked(at positions: Set<Int>) -> Text {
    var result = ""
    for (index, piece) in pieces.enumerated() {
      if let mask = piece.mask, positions.contains(index) { result += mask } else { result += piece.text.string }
    }
    return Text(result)
  }

  private static func cut(_ bytes: UnsafeBufferPointer<UInt8>) -> [Piece] {
    var pieces: [Piece] = []
    var literal = 0
    func text(_ range: Range<Int>) -> Text { Text(String(decoding: bytes[range], as: UTF8.self)) }
    var position = 0
    func push(_ end: Int, _ mask: String) {
      if literal < position { pieces.append(.init(text: text(literal..<position), mask: nil)) }
      pieces.append(.init(text: text(position..<end), mask: mask))
      literal = end
    }
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "<"), let close = closing(bytes, after: position) {
        position = close + 1
        continue
      }
      guard isWord(bytes[position]) else {
        position += 1
        continue
      }
      if let length = uuidLength(bytes, at: position) {
        // The version is a matter of how ids are made, not of chance.
        push(position + length, "<uuid\(Character(Unicode.Scalar(bytes[position + 14])))>")
        position += length
        continue
      }
      if let end = base64End(bytes, from: position) {
        push(end, "<base64:\(end - position)>")
        position = end
        continue
      }
      var end = position
      var digits = 0
      while end < bytes.count, isWord(bytes[end]) {
        if (48...57).contains(bytes[end]) { digits += 1 }
        end += 1
      }
      let length = end - position
      if digits > 0 || length >= 20 {
        push(end, length >= 8 ? "<id\(length)>" : digits == length ? "<number>" : "<id>")
      }
      position = end
    }
    if literal < bytes.count { pieces.append(.init(text: text(literal..<bytes.count), mask: nil)) }
    return pieces
  }

  /// The end of a placeholder's name.
  private static func closing(_ bytes: UnsafeBufferPointer<UInt8>, after open: Int) -> Int? {
    var position = open + 1
    while position < bytes.count, position - open < 64 {
      if bytes[position] == UInt8(ascii: ">") { return position }
      if bytes[position] == UInt8(ascii: "<") { return nil }
      position += 1
    }
    return nil
  }

  /// 36 where a UUID in its usual form (RFC 9562) stands at `position`.
  static func uuidLength(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Int? {
    guard position + 36 <= bytes.count, position + 36 == bytes.count || !isWord(bytes[position + 36]) else {
      return nil
    }
    for offset in 0..<36 {
      let byte = bytes[position + offset]
      switch offset {
      case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return nil }
      default:
        guard (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte) else { return nil }
      }
    }
    return 36
  }

  /// The end of a run of base64 that holds small and capital letters and digits; such a run contains `+ / = _ -`,
  /// at which words would end.
  private static func base64End(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var end = start
    var (lower, upper, digits) = (0, 0, 0)
    loop: while end < bytes.count {
      switch bytes[end] {
      case 97...122: lower += 1
      case 65...90: upper += 1
      case 48...57: digits += 1
      case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"): break
      default: break loop
      }
      end += 1
    }
    while end < bytes.count, bytes[end] == UInt8(ascii: "=") { end += 1 }
    return end - start >= 20 && lower > 1 && upper > 1 && digits > 1 ? end : nil
  }
}
