/// What differs between arms only because each writes a date, a time or a number as its locale does.
///
/// Every placeholder of a date keeps the format that was seen, `<local-date:d.m.Y>`, and a run knows under which names its
/// locale's catalogues have that format: `%x`, `yMd`. Where the same line shows different formats in different arms, and
/// there is one name under which each arm's own locale has just the format seen there, the name replaces them:
/// `<local-date:%x>`. A format that has not that name in that locale stays, and with it the difference; so does one of
/// the program's own, as an exchanged separator is.
struct FormatEcho: Sendable {
  private struct Rule: Sendable {
    /// One for each date in the line.
    var names: [String]
    /// How many of the lines of a run it stands for.
    var count: Int
  }

  /// Lines that are alike but for the formats in them.
  private struct Cluster: Sendable {
    var frames: Set<Text>
    let tokens: Tokens
    let size: Int
    var rules: [Rule] = []
  }

  private var clusters: [Cluster] = []
  /// How many of a line every run has: they are no matter of the locale.
  private var floors: [Text: Int] = [:]
  /// Lines with numbers, as they are in no locale.
  private var numbers: Set<Text> = []

  // MARK: Learning

  mutating func learn(from table: inout FeatureTable, _ runs: [RunObservations]) {
    var members: [[(value: Text, pieces: Pieces)]] = []
    for value in table.counts.keys.sorted() {
      guard let pieces = Pieces(value.string) else { continue }
      let cluster = clusterIndex(of: pieces)
      while members.count < clusters.count { members.append([]) }
      members[cluster].append((value, pieces))
    }
    for index in clusters.indices {
      let lines = members[index]
      for line in lines { floors[line.value] = table.counts[line.value]!.min() ?? 0 }
      // In each run, what it has beyond that.
      var rest: [[Int]] = runs.indices.map { run in
        lines.map { table.counts[$0.value]![run] - floors[$0.value]! }
      }
      while clusters[index].rules.count < 16, let rule = Self.rule(lines, &rest, runs) {
        clusters[index].rules.append(rule)
      }
    }
    clusters.removeAll { $0.rules.isEmpty }
    if !clusters.isEmpty { rewrite(&table) { applyFormats($0, readings: runs[$1].readings) } }
    learnNumbers(&table, runs)
  }

  private func rewrite(_ table: inout FeatureTable, _ change: ([Text: Int], Int) -> [Text: Int]) {
    var rewritten = FeatureTable(runCount: table.runCount, armRanges: table.armRanges)
    for run in 0..<table.runCount {
      var values: [Text: Int] = [:]
      for (value, row) in table.counts where row[run] > 0 { values[value] = row[run] }
      for (value, count) in change(values, run) { rewritten.add(value, count, run: run) }
    }
    table = rewritten
  }

  /// The names that account for most of what is left, and takes what they account for away.
  private static func rule(
    _ lines: [(value: Text, pieces: Pieces)], _ rest: inout [[Int]], _ runs: [RunObservations]
  ) -> Rule? {
    var best: (names: [String], matches: [(run: Int, line: Int)])?
    var tried: Set<Int> = []
    for run in runs.indices {
      for anchor in lines.indices where rest[run][anchor] > 0 && tried.insert(anchor).inserted {
        let names = lines[anchor].pieces.placeholders.indices.map { position in
          (runs[run].readings[lines[anchor].pieces.placeholders[position]] ?? []).map { name in
            (name, score(name, position, lines, rest, runs))
          }.max { ($0.1, $1.0) < ($1.1, $0.0) }?.0
        }
        guard !names.contains(nil) else { continue }
        let tuple = names.compactMap { $0 }
        let matches = runs.indices.compactMap { run -> (run: Int, line: Int)? in
          lines.indices.first { rest[run][$0] > 0 && lines[$0].pieces.have(tuple, runs[run].readings) }
            .map { (run, $0) }
        }
        if matches.count > best?.matches.count ?? 1,
          Set(matches.map { lines[$0.line].pieces.placeholders }).count > 1
        {
          best = (tuple, matches)
        }
      }
    }
    guard let best else { return nil }
    let count = best.matches.map { rest[$0.run][$0.line] }.min()!
    for match in best.matches { rest[match.run][match.line] -= count }
    return Rule(names: best.names, count: count)
  }

  /// How many runs have a line in which a date goes by this name.
  private static func score(
    _ name: String, _ position: Int, _ lines: [(value: Text, pieces: Pieces)], _ rest: [[Int]],
    _ runs: [RunObservations]
  ) -> Int {
    runs.indices.count { run in
      lines.indices.contains { line in
        rest[run][line] > 0
          && runs[run].readings[lines[line].pieces.placeholders[position]]?.contains(name) ?? false
      }
    }
  }

  private mutating func clusterIndex(of pieces: Pieces) -> Int {
    if let known = nearest(pieces) {
      clusters[known].frames.insert(pieces.frame)
      return known
    }
    clusters.append(
      Cluster(frames: [pieces.frame], tokens: Tokens(pieces.frame.string), size: pieces.placeholders.count))
    return clusters.count - 1
  }

  private func nearest(_ pieces: Pieces) -> Int? {
    let same = clusters.indices.filter { clusters[$0].size == pieces.placeholders.count }
    if let exact = same.first(where: { clusters[$0].frames.contains(pieces.frame) }) { return exact }
    guard !same.isEmpty else { return nil }
    let tokens = Tokens(pieces.frame.string)
    return same.map { ($0, clusters[$0].tokens.similarity(to: tokens)) }
      .filter { $0.1 >= Slot.leastSimilarity }.max { $0.1 < $1.1 }?.0
  }

  // MARK: Applying

  /// The values of a run with what its locale accounts for under the name that it has in all locales.
  func apply(_ values: [Text: Int], to run: RunObservations) -> [Text: Int] {
    applyNumbers(clusters.isEmpty ? values : applyFormats(values, readings: run.readings), marks: run.numberMarks)
  }

  private func applyFormats(_ values: [Text: Int], readings: [String: Set<String>]) -> [Text: Int] {
    var result = values
    var members: [Int: [(value: Text, pieces: Pieces)]] = [:]
    for value in values.keys {
      guard let pieces = Pieces(value.string), let cluster = nearest(pieces) else { continue }
      members[cluster, default: []].append((value, pieces))
    }
    for (cluster, lines) in members {
      let lines = lines.sorted { $0.value < $1.value }
      var rest = lines.map { values[$0.value]! - (floors[$0.value] ?? 0) }
      for rule in clusters[cluster].rules {
        guard let line = lines.indices.first(where: { rest[$0] > 0 && lines[$0].pieces.have(rule.names, readings) })
        else { continue }
        let count = min(rest[line], rule.count)
        rest[line] -= count
        result[lines[line].value]! -= count
        result[lines[line].pieces.named(rule.names), default: 0] += count
      }
    }
    return result.filter { $0.value > 0 }
  }

  // MARK: Numbers

  private mutating func learnNumbers(_ table: inout FeatureTable, _ runs: [RunObservations]) {
    guard Set(runs.map(\.numberMarks)).count > 1 else { return }
    var written: [Text: Set<Text>] = [:]
    for (value, row) in table.counts where !row.allSatisfy({ $0 == row[0] }) {
      for (run, count) in row.enumerated() where count > 0 {
        guard let plain = NumberMarks.plain(value, runs[run].numberMarks) else { continue }
        written[plain, default: []].insert(value)
      }
    }
    for (plain, values) in written where values.count > 1 { numbers.insert(plain) }
    if !numbers.isEmpty { rewrite(&table) { applyNumbers($0, marks: runs[$1].numberMarks) } }
  }

  private func applyNumbers(_ values: [Text: Int], marks: NumberMarks?) -> [Text: Int] {
    guard !numbers.isEmpty else { return values }
    var result: [Text: Int] = [:]
    for (value, count) in values {
      let plain = NumberMarks.plain(value, marks).flatMap { numbers.contains($0) ? $0 : nil }
      result[plain ?? value, default: 0] += count
    }
    return result
  }

  /// A line as what stands between its dates, and its dates.
  private struct Pieces: Sendable {
    private let texts: [String]
    let placeholders: [String]
    let frame: Text

    /// `nil` where the line has no date.
    init?(_ line: String) {
      guard line.utf8.contains(UInt8(ascii: "<")) else { return nil }
      var texts = [""]
      var placeholders: [String] = []
      var rest = line[...]
      while let open = rest.firstIndex(of: "<") {
        texts[texts.count - 1] += rest[..<open]
        rest = rest[open...]
        if rest.hasPrefix("<local-date:") || rest.hasPrefix("<instant:"), let close = rest.firstIndex(of: ">") {
          placeholders.append(String(rest[...close]))
          texts.append("")
          rest = rest[rest.index(after: close)...]
        } else {
          texts[texts.count - 1].append("<")
          rest = rest.dropFirst()
        }
      }
      guard !placeholders.isEmpty else { return nil }
      texts[texts.count - 1] += rest
      self.texts = texts
      self.placeholders = placeholders
      frame = Text(texts.joined(separator: "\u{1E}"))
    }

    func have(_ names: [String], _ readings: [String: Set<String>]) -> Bool {
      zip(placeholders, names).allSatisfy { readings[$0]?.contains($1) ?? false }
    }

    func named(_ names: [String]) -> Text {
      var result = texts[0]
      for (index, name) in names.enumerated() {
        result += placeholders[index].prefix { $0 != ":" } + ":\(FormatEcho.shown(name))>" + texts[index + 1]
      }
      return Text(result)
    }
  }

  /// `%x %X` for `%x{' }%X`.
  private static func shown(_ name: String) -> String {
    name.replacing("{'", with: "").replacing("{", with: " ").replacing("}", with: "")
  }
}

/// The marks with which a locale writes numbers.
struct NumberMarks: Hashable, Sendable {
  var decimal: Character
  var grouping: Character

  /// The text with its numbers as no locale has them, `<number:1'234.5>`; `nil` where no number has a mark.
  static func plain(_ text: Text, _ marks: NumberMarks?) -> Text? {
    guard let marks else { return nil }
    var result = ""
    var found = false
    let characters = Array(text.string)
    var position = 0
    func isDigit(_ index: Int) -> Bool {
      index < characters.count && characters[index].isASCII && characters[index].isNumber
    }
    while position < characters.count {
      guard isDigit(position), position == 0 || !isDigit(position - 1) else {
        result.append(characters[position])
        position += 1
        continue
      }
      var number = ""
      var end = position
      var marked = false
      while isDigit(end) {
        number.append(characters[end])
        end += 1
      }
      while end < characters.count, characters[end] == marks.grouping, isDigit(end + 1), isDigit(end + 2),
        isDigit(end + 3), !isDigit(end + 4)
      {
        number += "'" + String(characters[end + 1...end + 3])
        end += 4
        marked = true
      }
      if end < characters.count, characters[end] == marks.decimal, isDigit(end + 1) {
        number += "."
        end += 1
        marked = true
        while isDigit(end) {
          number.append(characters[end])
          end += 1
        }
      }
      found = found || marked
      result += marked ? "<number:\(number)>" : number
      position = end
    }
    return found ? Text(result) : nil
  }
}
