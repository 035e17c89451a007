import EnvprobeModel

/// Both sides of a text with the stretches that differ, found again in the whole values where those are known.
///
/// A difference brings only a little of the text around it. With the whole values there is as much context as there
/// is room for, and stretches that stand close together are shown in one line.
struct MarkedText: Hashable, Sendable {
  /// One side: the bytes, and where they differ from the other side's.
  struct Side: Hashable, Sendable {
    var bytes: [UInt8]
    var marks: [Range<Int>]

    func text(_ range: Range<Int>) -> String { VisibleText.escape(String(decoding: bytes[range], as: UTF8.self)) }
  }

  var before: Side
  var after: Side
  /// The names of the characters that differ, without repetition.
  var names: (before: [String], after: [String])

  static func == (a: MarkedText, b: MarkedText) -> Bool { a.before == b.before && a.after == b.after }
  func hash(into hasher: inout Hasher) {
    hasher.combine(before)
    hasher.combine(after)
  }

  /// One for each line pair to show, in their order.
  static func lines(_ differences: [Finding.Difference], before: String?, after: String?, room: Int) -> [MarkedText] {
    guard let before, let after,
      let first = places(of: differences, in: before),
      let second = counterpart(of: first, differences, in: after)
    else { return differences.map(MarkedText.init) }
    var lines: [MarkedText] = []
    for (index, difference) in differences.enumerated() {
      if var last = lines.last,
        max(first.span(from: last.before.marks[0], to: index), second.span(from: last.after.marks[0], to: index))
          <= room
      {
        last.before.marks.append(first.marks[index])
        last.after.marks.append(second.marks[index])
        last.name(difference)
        lines[lines.count - 1] = last
      } else {
        var line = MarkedText(
          before: Side(bytes: first.bytes, marks: [first.marks[index]]),
          after: Side(bytes: second.bytes, marks: [second.marks[index]]), names: ([], []))
        line.name(difference)
        lines.append(line)
      }
    }
    return lines
  }

  private init(before: Side, after: Side, names: (before: [String], after: [String])) {
    self.before = before
    self.after = after
    self.names = names
  }

  /// A difference alone, with the text that it brings.
  init(_ difference: Finding.Difference) {
    func side(_ text: String) -> Side {
      let prefix = Array(difference.prefix.utf8)
      let start = prefix.count
      return Side(bytes: prefix + text.utf8 + difference.suffix.utf8, marks: [start..<(start + text.utf8.count)])
    }
    self.init(before: side(difference.before), after: side(difference.after), names: ([], []))
    name(difference)
  }

  /// Letters and digits of everyday text need no names; whatever looks like something else does.
  private mutating func name(_ difference: Finding.Difference) {
    let sides = [difference.before, difference.after]
    // A space among words is everyday text as well; one that comes or goes alone would not be seen.
    let isPlain =
      sides.allSatisfy { $0.utf8.allSatisfy(\.isPlainLetterOrDigit) }
      && !sides.contains { !$0.isEmpty && $0.utf8.allSatisfy { $0 == UInt8(ascii: " ") } }
    let isLong = max(difference.codepoints.before.count, difference.codepoints.after.count) > 4
    if isPlain || isLong { return }
    let points = difference.codepoints
    let before = points.before.isEmpty ? ["(nothing)"] : points.before.map(VisibleText.escape)
    let after = points.after.isEmpty ? ["(nothing)"] : points.after.map(VisibleText.escape)
    for point in before where !names.before.contains(point) { names.before.append(point) }
    for point in after where !names.after.contains(point) { names.after.append(point) }
  }

  /// Where the stretches of the first side stand in its text, each after the one before it; `nil` where one is not found.
  private static func places(of differences: [Finding.Difference], in text: String) -> Side? {
    let bytes = Array(text.utf8)
    var marks: [Range<Int>] = []
    for difference in differences {
      let prefix = Array(difference.prefix.utf8)
      let needle = prefix + difference.before.utf8 + difference.suffix.utf8
      let earliest = max(0, (marks.last?.upperBound ?? 0) - prefix.count)
      guard let start = firstPlace(of: needle, in: bytes, from: earliest) else { return nil }
      let mark = start + prefix.count
      marks.append(mark..<(mark + difference.before.utf8.count))
    }
    return Side(bytes: bytes, marks: marks)
  }

  private static func firstPlace(of needle: [UInt8], in bytes: [UInt8], from earliest: Int) -> Int? {
    guard let head = needle.first, earliest + needle.count <= bytes.count else { return nil }
    return bytes.withUnsafeBufferPointer { bytes in
      for start in earliest...(bytes.count - needle.count) where bytes[start] == head {
        if bytes[start..<(start + needle.count)].elementsEqual(needle) { return start }
      }
      return nil
    }
  }

  /// The same stretches on the other side: between them both texts are equal. `nil` where they are not.
  private static func counterpart(of first: Side, _ differences: [Finding.Difference], in text: String) -> Side? {
    let bytes = Array(text.utf8)
    var marks: [Range<Int>] = []
    var (end, otherEnd) = (0, 0)
    for (mark, difference) in zip(first.marks, differences) {
      let between = first.bytes[end..<mark.lowerBound]
      let start = otherEnd + between.count
      let stretch = Array(difference.after.utf8)
      guard start + stretch.count <= bytes.count, bytes[otherEnd..<start].elementsEqual(between),
        bytes[start..<(start + stretch.count)].elementsEqual(stretch)
      else { return nil }
      marks.append(start..<(start + stretch.count))
      (end, otherEnd) = (mark.upperBound, start + stretch.count)
    }
    return Side(bytes: bytes, marks: marks)
  }
}

extension MarkedText.Side {
  /// Cells from the beginning of one mark to the end of another.
  fileprivate func span(from first: Range<Int>, to index: Int) -> Int {
    DisplayWidth.of(text(first.lowerBound..<marks[index].upperBound))
  }

  /// The marked stretches with as much of the text around them as there is room for.
  ///
  /// Without colour, and where nothing is left to colour, brackets stand around what differs.
  func styled(width: Int, style: StyledText.Style, color: Bool) -> StyledText {
    let middle = marks.enumerated().reduce(into: StyledText()) { result, mark in
      let (index, range) = mark
      if index > 0 { result += StyledText(text(marks[index - 1].upperBound..<range.lowerBound)) }
      let room = max(8, width * 2 / 3)
      let shown = DisplayWidth.truncate(text(range), to: room)
      result += StyledText(!color || range.isEmpty ? "⟦\(shown)⟧" : shown, style)
    }
    let around = max(0, width - middle.width)
    // No more than a line is shown: of a body of a megabyte the rest need not even be looked at.
    let (start, end) = (marks[0].lowerBound, marks[marks.count - 1].upperBound)
    let prefix = text(max(0, start - 4 * width)..<start)
    let suffix = text(end..<min(bytes.count, end + 4 * width))
    // The text before the difference says more about the place than what follows it.
    let after = min(DisplayWidth.of(suffix), max(around / 3, around - DisplayWidth.of(prefix)))
    let before = around - after
    return StyledText(before == 0 ? "" : DisplayWidth.truncateStart(prefix, to: before)) + middle
      + StyledText(after == 0 ? "" : DisplayWidth.truncate(suffix, to: after))
  }
}

extension UInt8 {
  fileprivate var isPlainLetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: " "):
      true
    default: false
    }
  }
}
