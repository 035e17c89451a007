/// A text as words of letters and digits, and every other character by itself.
struct Tokens: Hashable, Sendable {
  var tokens: [Text]

  /// - Parameter keepingPlaceholders: Whether `<…>` is one token.
  init(_ text: String, keepingPlaceholders: Bool = false) {
    var tokens: [Text] = []
    var word = String.UnicodeScalarView()
    let scalars = text.unicodeScalars
    var position = scalars.startIndex
    while position < scalars.endIndex {
      let scalar = scalars[position]
      if keepingPlaceholders, scalar == "<", let end = Self.placeholderEnd(scalars, position) {
        if !word.isEmpty { tokens.append(Text(String(word))) }
        word = .init()
        tokens.append(Text(String(scalars[position..<end])))
        position = end
        continue
      }
      position = scalars.index(after: position)
      if Self.isWord(scalar) {
        word.append(scalar)
      } else {
        if !word.isEmpty { tokens.append(Text(String(word))) }
        word = .init()
        tokens.append(Text(String(scalar)))
      }
    }
    if !word.isEmpty { tokens.append(Text(String(word))) }
    self.tokens = tokens
  }

  private static func placeholderEnd(
    _ scalars: String.UnicodeScalarView, _ start: String.Index
  ) -> String.Index? {
    var position = scalars.index(after: start)
    guard position < scalars.endIndex, scalars[position].properties.isAlphabetic else { return nil }
    var length = 0
    while position < scalars.endIndex, length < 80 {
      let scalar = scalars[position]
      position = scalars.index(after: position)
      if scalar == ">" { return position }
      if scalar == "<" { return nil }
      length += 1
    }
    return nil
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return EnvprobeCompare.isWord(UInt8(scalar.value)) }
    return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
  }

  func text(_ range: Range<Int>) -> String { tokens[range].reduce(into: "") { $0 += $1.string } }

  /// How much of two texts is the same, from 0 to 1: twice the tokens in common over the tokens of both, order aside
  /// (Dice's coefficient). White space does not count.
  func similarity(to other: Tokens) -> Double {
    var counts: [Text: Int] = [:]
    var total = 0
    for token in tokens where token.string != " " {
      counts[token, default: 0] += 1
      total += 1
    }
    var common = 0
    for token in other.tokens where token.string != " " {
      total += 1
      if let left = counts[token], left > 0 {
        counts[token] = left - 1
        common += 1
      }
    }
    return total == 0 ? 1 : Double(2 * common) / Double(total)
  }
}
