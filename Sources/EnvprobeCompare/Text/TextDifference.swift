import EnvprobeModel

/// Two texts, character by character.
public enum TextDifference {
  /// How many characters of the common text are shown on either side.
  static let context = 24

  /// The stretches in which two texts differ, in order, each with its class and code points. Empty for texts with equal
  /// bytes.
  ///
  /// Whole words are compared first, so that two different words are one difference and not the letters that they
  /// happen to lack in common; within a pair of words only what would escape the eye is taken apart.
  public static func differences(_ before: String, _ after: String) -> [Finding.Difference] {
    guard Text(before) != Text(after) else { return [] }
    let a = Array(before.unicodeScalars)
    let b = Array(after.unicodeScalars)
    return changes(before, after).map { change in
      let kind = isDateSeparator(a, b, change) ? .dateSeparator : kind(a, b, change)
      let start = max(0, change.before.lowerBound - context)
      let end = min(a.count, change.before.upperBound + context)
      return Finding.Difference(
        kind: kind.rawValue, before: string(a[change.before]), after: string(b[change.after]),
        prefix: string(a[start..<change.before.lowerBound]), suffix: string(a[change.before.upperBound..<end]),
        codepoints: .init(
          before: a[change.before].prefix(64).map(\.codePoint), after: b[change.after].prefix(64).map(\.codePoint)))
    }
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  private static func kind(
    _ a: [Unicode.Scalar], _ b: [Unicode.Scalar], _ change: Alignment.Change
  ) -> CharacterClass {
    CharacterClass(string(a[change.before]).unicodeScalars[...], string(b[change.after]).unicodeScalars[...])
  }

  /// In positions of scalars.
  private static func changes(_ before: String, _ after: String) -> [Alignment.Change] {
    let a = Tokens(before)
    let b = Tokens(after)
    func offsets(_ tokens: Tokens) -> [Int] {
      var offsets = [0]
      for token in tokens.tokens { offsets.append(offsets.last! + token.string.unicodeScalars.count) }
      return offsets
    }
    let aOffsets = offsets(a)
    let bOffsets = offsets(b)
    let aScalars = Array(before.unicodeScalars)
    let bScalars = Array(after.unicodeScalars)
    return Alignment(a.tokens, b.tokens).changes.flatMap { change in
      refined(
        Alignment.Change(
          before: aOffsets[change.before.lowerBound]..<aOffsets[change.before.upperBound],
          after: bOffsets[change.after.lowerBound]..<bOffsets[change.after.upperBound]),
        aScalars, bScalars)
    }
  }

  /// The differing characters of a stretch where each is of a kind of its own; else the stretch, as it is.
  private static func refined(
    _ change: Alignment.Change, _ a: [Unicode.Scalar], _ b: [Unicode.Scalar]
  ) -> [Alignment.Change] {
    guard !change.before.isEmpty, !change.after.isEmpty, change.before.count + change.after.count < 2000 else {
      return [change]
    }
    if kind(a, b, change) == .nfc { return graphemes(change, a, b) }
    let parts = Alignment(Array(a[change.before]), Array(b[change.after])).changes.map {
      Alignment.Change(
        before: $0.before.lowerBound + change.before.lowerBound..<$0.before.upperBound + change.before.lowerBound,
        after: $0.after.lowerBound + change.after.lowerBound..<$0.after.upperBound + change.after.lowerBound)
    }
    let telling = parts.allSatisfy { part in
      switch kind(a, b, part) {
      case .text, .digits: false
      default: true
      }
    }
    return telling ? parts : [change]
  }

  /// The characters, as people count them, that are written in two ways.
  private static func graphemes(
    _ change: Alignment.Change, _ a: [Unicode.Scalar], _ b: [Unicode.Scalar]
  ) -> [Alignment.Change] {
    let before = string(a[change.before]).map { Text(String($0)) }
    let after = string(b[change.after]).map { Text(String($0)) }
    func offset(_ characters: [Text], _ count: Int) -> Int {
      characters[..<count].reduce(0) { $0 + $1.string.unicodeScalars.count }
    }
    return Alignment(before, after).changes.map { part in
      let (a, b) = (change.before.lowerBound, change.after.lowerBound)
      return Alignment.Change(
        before: a + offset(before, part.before.lowerBound)..<a + offset(before, part.before.upperBound),
        after: b + offset(after, part.after.lowerBound)..<b + offset(after, part.after.upperBound))
    }
  }

  // MARK: Dates

  /// Whether one mark for another stands between the numbers of a date: in `2026-06-30`, or in the format that is left
  /// of one (`<local-date:Y-m-d>`).
  private static func isDateSeparator(
    _ a: [Unicode.Scalar], _ b: [Unicode.Scalar], _ change: Alignment.Change
  ) -> Bool {
    (isWithinDate(a, change.before) && isMark(b[change.after]))
      || (isWithinDate(b, change.after) && isMark(a[change.before]))
  }

  private static func isMark(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
    scalars.count <= 2
      && scalars.allSatisfy {
        !$0.properties.isAlphabetic && $0.properties.numericType == nil
          || "年月日".unicodeScalars.contains($0)
      }
  }

  private static func isWithinDate(_ text: [Unicode.Scalar], _ range: Range<Int>) -> Bool {
    guard !range.isEmpty, isMark(text[range]) else { return false }
    if let open = text[..<range.lowerBound].lastIndex(of: "<"),
      !text[open..<range.lowerBound].contains(">")
    {
      let name = string(text[open..<range.lowerBound])
      if name.hasPrefix("<local-date:") || name.hasPrefix("<instant:") { return true }
    }
    // Numbers of one, two or four digits on both sides, three in all, one of them a year or all of them short.
    func digits(before position: Int) -> Int {
      var start = position
      while start > 0, text[start - 1].properties.generalCategory == .decimalNumber { start -= 1 }
      return position - start
    }
    func digits(after position: Int) -> Int {
      var end = position
      while end < text.count, text[end].properties.generalCategory == .decimalNumber { end += 1 }
      return end - position
    }
    let left = digits(before: range.lowerBound)
    let right = digits(after: range.upperBound)
    guard [1, 2, 4].contains(left), [1, 2, 4].contains(right) else { return false }
    let before = range.lowerBound - left
    let after = range.upperBound + right
    let third =
      (before > 0 && isMark(text[before - 1..<before]) ? digits(before: before - 1) : 0)
    let next = after < text.count && isMark(text[after..<after + 1]) ? digits(after: after + 1) : 0
    let lengths = third > 0 ? [third, left, right] : next > 0 ? [left, right, next] : []
    return lengths.filter { $0 == 4 }.count == 1 && lengths.allSatisfy { [1, 2, 4].contains($0) }
  }
}
