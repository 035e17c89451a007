import EnvprobeModel

/// A finding in words: what depends on what, where, both sides, and how to see it again.
struct FindingText {
  static let unset = "(unset)"

  let finding: Finding

  init(_ finding: Finding) { self.finding = finding }

  // MARK: - Words

  /// `apostrophe in a request body depends on endpoint`
  var title: String {
    let words = PlaceWords(finding.channel, finding.location)
    let subject =
      switch (finding.kind, finding.differences.first?.kind) {
      case (.appears, _), (.disappears, _): "whether \(words.presence)"
      case (.changed, nil), (.changed, "text"): words.noun
      case (.changed, let kind?): "\(PlaceWords.kind(kind)) in \(words.noun)"
      }
    return "\(subject) depends on \(causes)"
  }

  /// `endpoint`, `endpoint and timezone together`, `timezone or locale`
  var causes: String {
    let sets = finding.causes.map { set in
      Quantity.list(set.map { VisibleText.escape($0.name) }) + (set.count > 1 ? " together" : "")
    }
    return sets.isEmpty ? "the profile, by a cause that no experiment singled out" : Quantity.list(sets, "or")
  }

  /// `http  POST api.example.com/v1/messages body.system`
  var place: String { "\(finding.channel.rawValue)  \(VisibleText.escape(finding.location))" }

  /// `endpoint (unset) or https://gw.example.com; timezone Asia/Tokyo`
  static func levels(_ part: Finding.Part) -> String {
    let factors = part.levels.keys.sorted { a, b in
      guard let first = Factor(name: a), let second = Factor(name: b) else { return a < b }
      return first < second
    }
    return factors.map { name in
      let levels = part.levels[name]!.map { $0.map(VisibleText.escape) ?? unset }
      return "\(VisibleText.escape(name)) \(Quantity.list(levels, "or"))"
    }.joined(separator: "; ")
  }

  /// The first of some items, and how many more there are.
  static func cut(_ items: [String], to limit: Int) -> [String] {
    items.count <= limit ? items : items.prefix(limit - 1) + ["\(items.count - limit + 1) more"]
  }

  // MARK: - Lines

  private static let indent = 3
  private static let labelWidth = 11

  func write(number: Int, on page: inout TextPage) {
    let label = StyledText("\(number)", .strong).padded(to: Self.indent)
    let badge = StyledText(finding.class.rawValue, finding.class == .presence ? .faint : .caution)
    page.paragraph(title, first: label, style: .strong, right: badge)
    writePlaces(on: &page)
    writeSides(on: &page)
    writeLevels(on: &page)
    if let note = finding.note { field("note", VisibleText.escape(note), on: &page) }
    writeCommands(on: &page)
  }

  private func field(_ label: String, _ text: String, on page: inout TextPage, style: StyledText.Style = .plain) {
    page.field(label, text, indent: Self.indent, labelWidth: Self.labelWidth, style: style)
  }

  private func writePlaces(on page: inout TextPage) {
    field("where", place, on: &page)
    let others = finding.locations.filter { $0.channel != finding.channel || $0.location != finding.location }
    if others.isEmpty { return }
    if page.options.verbosity == .verbose {
      for other in others { field("", "\(other.channel.rawValue)  \(VisibleText.escape(other.location))", on: &page) }
    } else {
      let channels = Dictionary(grouping: others, by: \.channel).sorted { $0.key < $1.key }
      let counts = channels.map { "\(Quantity.grouped($0.value.count)) in \($0.key.rawValue)" }
      field(
        "", "and \(Quantity.count(others.count, "more place")): \(counts.joined(separator: ", "))", on: &page,
        style: .faint)
    }
  }

  /// Both sides of each difference, a line each, the characters that differ marked and named.
  private func writeSides(on page: inout TextPage) {
    let room = page.options.width - Self.indent - 3
    if finding.differences.isEmpty {
      let sides = sidesWithoutDifference
      for (sign, value) in [("-", sides.before), ("+", sides.after)] {
        let side = value.map { StyledText(DisplayWidth.truncate(VisibleText.escape($0), to: room)) }
        writeSide(sign, side ?? StyledText("(nothing)", .faint), on: &page)
      }
      return
    }
    let shown = page.options.verbosity == .verbose ? finding.differences[...] : finding.differences.prefix(3)
    for difference in shown {
      let sides = [
        (sign: "-", text: difference.before, name: Self.name(difference.before, difference.codepoints.before)),
        (sign: "+", text: difference.after, name: Self.name(difference.after, difference.codepoints.after)),
      ]
      let column = min(sides.map { DisplayWidth.of($0.name) }.max()!, room / 2)
      let excerpts = sides.map { side in
        Excerpt(difference, marked: side.text, sign: side.sign)
          .styled(width: min(room - column - 2, 76), color: page.options.color)
      }
      let width = excerpts.map(\.width).max()!
      for (side, excerpt) in zip(sides, excerpts) {
        let name = StyledText(DisplayWidth.truncate(side.name, to: column), .faint)
        writeSide(side.sign, excerpt.padded(to: width) + "  " + name, on: &page)
      }
    }
    if shown.count < finding.differences.count {
      let more = finding.differences.count - shown.count
      field("", "and \(Quantity.count(more, "more stretch", plural: "more stretches"))", on: &page, style: .faint)
    }
  }

  private func writeSide(_ sign: String, _ text: StyledText, on page: inout TextPage) {
    let style: StyledText.Style = sign == "-" ? .removed : .added
    page.line(StyledText(String(repeating: " ", count: Self.indent)) + StyledText(sign, style) + "  " + text)
  }

  private var sidesWithoutDifference: (before: String?, after: String?) {
    let main = finding.locations.first { $0.channel == finding.channel && $0.location == finding.location }
    if let main { return (main.before, main.after) }
    return (finding.partition.first?.value, finding.partition.dropFirst().first?.value)
  }

  private static func name(_ text: String, _ points: [String]) -> String {
    if text.isEmpty { return "(nothing)" }
    // Longer stretches are words; naming their letters would only hide them.
    return points.count > 4 ? "" : points.map(VisibleText.escape).joined(separator: ", ")
  }

  /// Which levels see which side: the first part is the one that `before` comes from.
  private func writeLevels(on page: inout TextPage) {
    for (offset, part) in finding.partition.enumerated() {
      var text = Self.levels(part)
      if offset > 1 {
        text += part.value.map { ": \(DisplayWidth.truncate(VisibleText.escape($0), to: 60))" } ?? ": (nothing)"
      }
      let sign: StyledText =
        switch offset {
        case 0: StyledText("-", .removed)
        case 1: StyledText("+", .added)
        default: " "
        }
      let first = StyledText(String(repeating: " ", count: Self.indent)) + sign + StyledText(" with", .faint)
      let column = Self.indent + Self.labelWidth
      page.paragraph(text, first: first.padded(to: column), indent: column)
    }
  }

  private func writeCommands(on page: inout TextPage) {
    for (offset, command) in finding.reproduce.enumerated() {
      page.command(command, label: offset == 0 ? "reproduce" : "", indent: Self.indent, labelWidth: Self.labelWidth)
    }
  }
}

/// One side of a difference: the characters that differ, with as much of the text around them as there is room for.
struct Excerpt {
  let prefix: String
  let marked: String
  let suffix: String
  let sign: String

  init(_ difference: Finding.Difference, marked: String, sign: String) {
    prefix = VisibleText.escape(difference.prefix)
    self.marked = VisibleText.escape(marked)
    suffix = VisibleText.escape(difference.suffix)
    self.sign = sign
  }

  /// Without colour, and where nothing is left to colour, brackets stand around what differs.
  func styled(width: Int, color: Bool) -> StyledText {
    let hasBrackets = !color || marked.isEmpty
    let free = width - (hasBrackets ? 2 : 0)
    let mark = DisplayWidth.truncate(marked, to: max(8, free * 2 / 3))
    let around = max(0, free - DisplayWidth.of(mark))
    // The text before the difference says more about the place than what follows it.
    let after = min(DisplayWidth.of(suffix), max(around / 3, around - DisplayWidth.of(prefix)))
    let style: StyledText.Style = sign == "-" ? .markedRemoved : .markedAdded
    return StyledText(Self.end(of: prefix, width: around - after))
      + StyledText(hasBrackets ? "⟦\(mark)⟧" : mark, style)
      + StyledText(Self.beginning(of: suffix, width: after))
  }

  private static func end(of text: String, width: Int) -> String {
    width < 2 ? "" : DisplayWidth.truncateStart(text, to: width)
  }

  private static func beginning(of text: String, width: Int) -> String {
    width < 2 ? "" : DisplayWidth.truncate(text, to: width)
  }
}
