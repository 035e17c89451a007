/// Lines of one signature as a pattern, with what their noisy pieces are drawn from: it recognises further draws that,
/// by chance, have the look of a number or of an ordinary word and so another signature.
struct DrawPattern: Sendable {
  /// What the characters of a noisy piece have been: the smallest alphabet in use that holds all of them.
  enum Alphabet: Int, Sendable, Comparable {
    case decimal, hexadecimal, upperHexadecimal, lowerAlphanumeric, alphanumeric

    static func < (a: Alphabet, b: Alphabet) -> Bool { a.rawValue < b.rawValue }

    static let all: [Alphabet] = [.decimal, .hexadecimal, .upperHexadecimal, .lowerAlphanumeric, .alphanumeric]

    func contains(_ byte: UInt8) -> Bool {
      switch byte {
      case 48...57: true
      case 97...102: self == .hexadecimal || self >= .lowerAlphanumeric
      case 65...70: self == .upperHexadecimal || self == .alphanumeric
      case 103...122: self >= .lowerAlphanumeric
      case 71...90: self == .alphanumeric
      default: false
      }
    }
  }

  private struct Draw: Sendable {
    var mask: String
    /// `nil` where the pieces hold more than letters and digits: such a one is only known by its signature.
    var alphabet: Alphabet?
    var lengths: ClosedRange<Int>
  }

  private enum Element: Sendable {
    case literal([UInt8])
    /// A piece with the look of an id or a number that does not vary between repeats.
    case piece
    case draw(Draw)
  }

  let signature: Text
  private let elements: [Element]

  /// - Parameter varying: the pieces that are drawn by chance, by their position in the line.
  init(signature: Text, lines: [TokenShape], varying: Set<Int>) {
    self.signature = signature
    elements = lines[0].pieces.indices.map { position in
      guard let mask = lines[0].pieces[position].mask else {
        return .literal(Array(lines[0].pieces[position].text.string.utf8))
      }
      guard varying.contains(position) else { return .piece }
      let texts = lines.map { Array($0.pieces[position].text.string.utf8) }
      let lengths = texts.map(\.count)
      return .draw(
        Draw(
          mask: mask,
          alphabet: Alphabet.all.first { alphabet in texts.allSatisfy { $0.allSatisfy(alphabet.contains) } },
          lengths: lengths.min()!...lengths.max()!))
    }
  }

  /// Patterns that may have the draws of others among theirs come first.
  var generality: Int {
    elements.reduce(0) { sum, element in
      if case .draw(let draw) = element { sum + (draw.alphabet?.rawValue ?? 0) } else { sum }
    }
  }

  /// The line with its draws masked; `nil` where the line is none of this pattern.
  func masked(_ line: String) -> Text? {
    let bytes = Array(line.utf8)
    var result: [UInt8] = []
    var position = 0
    for element in elements {
      switch element {
      case .literal(let text):
        guard bytes[position...].starts(with: text) else { return nil }
        result += text
        position += text.count
      case .piece:
        let end = wordEnd(bytes, from: position)
        guard end > position else { return nil }
        result += bytes[position..<end]
        position = end
      case .draw(let draw):
        guard let end = self.end(of: draw, in: bytes, from: position) else { return nil }
        result += Array(draw.mask.utf8)
        position = end
      }
    }
    return position == bytes.count ? Text(String(decoding: result, as: UTF8.self)) : nil
  }

  private func end(of draw: Draw, in bytes: [UInt8], from start: Int) -> Int? {
    guard let alphabet = draw.alphabet else {
      // Ids with punctuation inside keep their look: what was masked once has the same shape again.
      guard let piece = TokenShape(String(decoding: bytes[start...], as: UTF8.self)).pieces.first,
        piece.mask == draw.mask
      else { return nil }
      return start + piece.text.string.utf8.count
    }
    let end = wordEnd(bytes, from: start)
    let isVariable = draw.lengths.count > 1
    guard end > start, isVariable || draw.lengths.contains(end - start),
      bytes[start..<end].allSatisfy(alphabet.contains)
    else { return nil }
    // A long word without any digit is hardly a draw from letters and digits.
    let hasDigit = bytes[start..<end].contains { (48...57).contains($0) }
    return hasDigit || end - start <= Self.longestWord ? end : nil
  }

  /// Of longer draws from small letters and digits, less than two in a hundred have no digit.
  private static let longestWord = 12

  private func wordEnd(_ bytes: [UInt8], from start: Int) -> Int {
    var end = start
    while end < bytes.count, isWord(bytes[end]) { end += 1 }
    return end
  }
}
