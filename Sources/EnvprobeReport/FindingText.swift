import EnvprobeModel

extension Finding {
  /// `apostrophe in a request body depends on endpoint`
  public var title: String { FindingText(self).title }
}

/// A finding in words: what depends on what, where, both sides, and how to see it again.
struct FindingText {
  static let unset = "(unset)"

  let finding: Finding

  init(_ finding: Finding) { self.finding = finding }

  // MARK: - Words

  /// Of more levels than this the first are named; the report in JSON has them all.
  private static let manyLevels = 20

  /// A finding with more places than this is not about any one of them.
  private static let manyPlaces = 20

  /// `apostrophe in a request body depends on endpoint`
  var title: String {
    if finding.locations.count > Self.manyPlaces {
      let channels = Set(finding.locations.map(\.channel)).sorted().map(\.rawValue)
      return "\(Quantity.grouped(finding.locations.count)) places in \(Quantity.list(channels)) depend on \(causes)"
    }
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
      let levels = cut(part.levels[name]!.map { $0.map(VisibleText.escape) ?? unset }, to: manyLevels)
      return "\(VisibleText.escape(name)) \(Quantity.list(levels, "or"))"
    }.joined(separator: "; ")
  }

  /// The first of some items, and how many more there are.
  static func cut(_ items: [String], to limit: Int) -> [String] {
    items.count <= limit ? items : items.prefix(limit - 1) + ["\(items.count - limit + 1) more"]
  }

  /// `3 values, 1.6 bits: 1.6 bits from endpoint, 1 bit from timezone`
  static func text(_ capacity: Finding.Capacity) -> String {
    func bits(_ bits: Double) -> String {
      let tenths = Int((bits * 10).rounded())
      let number = tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
      return number == "1" ? "1 bit" : "\(number) bits"
    }
    let shares = capacity.bitsByFactor.filter { $0.value > 0 }.sorted { $0.key < $1.key }
      .map { "\(bits($0.value)) from \(VisibleText.escape($0.key))" }
    let whole = "\(capacity.symbols) values, \(bits(capacity.bits))"
    return shares.isEmpty ? whole : "\(whole): \(shares.joined(separator: ", "))"
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
    if let predicate = finding.predicate { field("which", VisibleText.escape(predicate), on: &page) }
    // That a place with two values tells which of the two it is needs no words.
    if let capacity = finding.capacity, capacity.symbols > 2 { field("carries", Self.text(capacity), on: &page) }
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
    let main = mainLocation
    let lines = MarkedText.lines(
      finding.differences, before: main?.before, after: main?.after, room: room * 3 / 5)
    let shown = page.options.verbosity == .verbose ? lines[...] : lines.prefix(3)
    for line in shown {
      let names = [line.names.before, line.names.after].map { $0.joined(separator: ", ") }
      let column = min(names.map(DisplayWidth.of).max()!, room / 2)
      let width = min(room - column - (column > 0 ? 2 : 0), 76)
      let excerpts = [
        line.before.styled(width: width, style: .markedRemoved, color: page.options.color),
        line.after.styled(width: width, style: .markedAdded, color: page.options.color),
      ]
      let used = excerpts.map(\.width).max()!
      for (sign, (excerpt, name)) in zip(["-", "+"], zip(excerpts, names)) {
        let named = StyledText(DisplayWidth.truncate(name, to: column), .faint)
        writeSide(sign, excerpt.padded(to: used) + "  " + named, on: &page)
      }
    }
    if shown.count < lines.count {
      let more = lines.count - shown.count
      field("", "and \(Quantity.count(more, "more stretch", plural: "more stretches"))", on: &page, style: .faint)
    }
  }

  private func writeSide(_ sign: String, _ text: StyledText, on page: inout TextPage) {
    let style: StyledText.Style = sign == "-" ? .removed : .added
    page.line(StyledText(String(repeating: " ", count: Self.indent)) + StyledText(sign, style) + "  " + text)
  }

  private var sidesWithoutDifference: (before: String?, after: String?) {
    if let main = mainLocation { return (main.before, main.after) }
    return (finding.partition.first?.value, finding.partition.dropFirst().first?.value)
  }

  private var mainLocation: Finding.Location? {
    finding.locations.first { $0.channel == finding.channel && $0.location == finding.location }
  }

  /// Which levels see which side. Several combinations of levels may see the same: they bear the same sign.
  private func writeLevels(on page: inout TextPage) {
    var values: [String?] = []
    for part in finding.partition where !values.contains(part.value) { values.append(part.value) }
    // The first two are the sides shown above, unless the main place names them itself.
    if let main = mainLocation, values.contains(main.before), values.contains(main.after) {
      values = [main.before, main.after] + values.filter { $0 != main.before && $0 != main.after }
    }
    let groups = values.map { value in finding.partition.filter { $0.value == value } }
    // Of two sides the one that is everything but the other needs no list of its combinations.
    let rest = groups.count == 2 ? groups.indices.max { groups[$0].count < groups[$1].count } : nil
    for (index, group) in groups.enumerated() {
      let sign: StyledText =
        switch index {
        case 0: StyledText("-", .removed)
        case 1: StyledText("+", .added)
        default: " "
        }
      var texts = group.map(Self.levels)
      if index == rest, group.count > 2, page.options.verbosity < .verbose { texts = ["every other combination"] }
      if index > 1 {
        let value = values[index].map { DisplayWidth.truncate(VisibleText.escape($0), to: 60) } ?? "(nothing)"
        texts[texts.count - 1] += ": \(value)"
      }
      for text in texts {
        let first = StyledText(String(repeating: " ", count: Self.indent)) + sign + StyledText(" with", .faint)
        let column = Self.indent + Self.labelWidth
        page.paragraph(text, first: first.padded(to: column), indent: column)
      }
    }
  }

  private func writeCommands(on page: inout TextPage) {
    for (offset, command) in finding.reproduce.enumerated() {
      page.command(command, label: offset == 0 ? "reproduce" : "", indent: Self.indent, labelWidth: Self.labelWidth)
    }
  }
}
