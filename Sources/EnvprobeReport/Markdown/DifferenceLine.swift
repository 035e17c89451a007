import EnvprobeModel

/// Both sides of a finding's differences as a line of text each, with some of what stands around them.
struct DifferenceLine {
  var before: String
  var after: String
  var namesBefore: [String]
  var namesAfter: [String]

  /// `context` is in bytes; `brackets` stand around what differs where nothing else marks it.
  static func lines(_ finding: Finding, context: Int, brackets: (String, String) = ("", "")) -> [DifferenceLine] {
    let main = finding.locations.first { $0.channel == finding.channel && $0.location == finding.location }
    let lines = MarkedText.lines(
      finding.differences, before: main?.before, after: main?.after, room: 2 * context)
    return lines.map { line in
      DifferenceLine(
        before: text(line.before, context, brackets), after: text(line.after, context, brackets),
        namesBefore: line.names.before, namesAfter: line.names.after)
    }
  }

  private static func text(_ side: MarkedText.Side, _ context: Int, _ brackets: (String, String)) -> String {
    guard let first = side.marks.first, let last = side.marks.last else { return "" }
    let start = boundary(first.lowerBound - context, in: side.bytes)
    let end = boundary(last.upperBound + context, in: side.bytes)
    var result = start > 0 ? "…" : ""
    var done = start
    func append(_ range: Range<Int>) { result += String(decoding: side.bytes[range], as: UTF8.self) }
    for mark in side.marks {
      append(done..<mark.lowerBound)
      result += brackets.0
      // What is new altogether may be long.
      let shown = boundary(min(mark.upperBound, mark.lowerBound + 4 * context), in: side.bytes)
      append(mark.lowerBound..<min(shown, mark.upperBound))
      result += (shown < mark.upperBound ? "…" : "") + brackets.1
      done = mark.upperBound
    }
    append(done..<end)
    return VisibleText.escape(end < side.bytes.count ? result + "…" : result)
  }

  /// The next place at which no character is cut apart.
  private static func boundary(_ offset: Int, in bytes: [UInt8]) -> Int {
    var offset = max(0, min(bytes.count, offset))
    while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
    return offset
  }
}
