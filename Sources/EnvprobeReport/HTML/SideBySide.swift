import EnvprobeModel

/// Both sides of one or more differences as HTML: the whole values of the finding's main place with every difference
/// between them marked at once, where the values are known and hold them, else one difference at a time.
struct SideBySide {
  var before: String
  var after: String
  var namesBefore: [String]
  var namesAfter: [String]
  /// The side after as it is, for telling whose it is.
  var text: String

  /// `context` is how many bytes around what differs are shown.
  static func lines(_ finding: Finding, context: Int) -> [SideBySide] {
    let main = finding.locations.first { $0.channel == finding.channel && $0.location == finding.location }
    return MarkedText.lines(finding.differences, before: main?.before, after: main?.after, room: .max).map { line in
      SideBySide(
        before: html(line.before, context: context), after: html(line.after, context: context),
        namesBefore: cut(line.names.before), namesAfter: cut(line.names.after),
        text: String(decoding: line.after.bytes, as: UTF8.self))
    }
  }

  private static func cut(_ names: [String]) -> [String] {
    names.count > 6 ? names.prefix(5) + ["and \(names.count - 5) more"] : names
  }

  private static func html(_ side: MarkedText.Side, context: Int) -> String {
    var html = MarkedHTML()
    var done = 0
    func text(_ range: Range<Int>) -> String { String(decoding: side.bytes[range], as: UTF8.self) }
    /// The nearest place at which no character is cut apart.
    func whole(_ offset: Int) -> Int {
      var offset = max(0, min(side.bytes.count, offset))
      while offset < side.bytes.count, side.bytes[offset] & 0xC0 == 0x80 { offset += 1 }
      return offset
    }
    for mark in side.marks {
      let start = max(done, whole(mark.lowerBound - context))
      let end = max(done, min(start, done == 0 ? 0 : whole(done + context)))
      html.append(plain: text(done..<end))
      if end < start { html.appendCut() }
      html.append(plain: text(start..<mark.lowerBound))
      html.append(marked: text(mark.lowerBound..<whole(min(mark.upperBound, mark.lowerBound + 4 * context))))
      if mark.count > 4 * context { html.appendCut() }
      done = mark.upperBound
    }
    let end = whole(min(side.bytes.count, done + context))
    html.append(plain: text(done..<end))
    if end < side.bytes.count { html.appendCut() }
    return html.html
  }
}
