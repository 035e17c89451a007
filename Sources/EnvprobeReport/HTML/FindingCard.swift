import EnvprobeModel

/// What the template shows of one finding.
struct FindingCard {
  struct Chip {
    var name: String
    /// What stands before it: nothing, `and` within a set, `or` between sets.
    var joint: String
  }

  struct Stretch {
    var line: SideBySide
    /// The letter of the behaviour on the right; empty where it is not known.
    var letter: String
    /// Both sides large, for what is easily overlooked.
    var specimens: [Specimen]
  }

  struct Specimen {
    var before: String
    var after: String
  }

  struct Side {
    var letter: String
    /// Which of the colours it has.
    var tone: Int
    var boxes: [Box]
    var profiles: [String]
    var value: String
  }

  /// Levels every combination of which shows a behaviour.
  struct Box {
    var levels: [LevelList]
  }

  struct LevelList {
    var factor: String
    var values: [LevelValue]
  }

  struct LevelValue {
    var text: String
    var isUnset: Bool
  }

  struct RunLink {
    var id: String
    var anchor: String
  }

  var number: Int
  var id: String
  var title: String
  var badge: String
  var badgeClass: String
  var meaning: String
  var channel: String
  var place: String
  var kind: String
  var causes: [Chip]
  var hasNoCause: Bool
  var stretches: [Stretch]
  var moreStretches: String?
  var sides: [Side]
  var moreSides: String?
  var showsValues: Bool
  var commands: [String]
  var hasCommands: Bool
  var note: String?
  /// What the place tells of the levels, where that is more than one of two.
  var carries: String?
  var evidence: [RunLink]
  var hasEvidence: Bool
  var moreEvidence: String?
  /// The words for the list of locations, where there are more than the one that is shown.
  var locations: String?
  /// The profiles whose runs show the two sides with the least else between them.
  var left: String?
  var right: String?
  /// For the filters: names separated by spaces.
  var channels: String
  var factors: String

  private static let shownStretches = 4
  private static let shownSides = 8
  private static let shownRuns = 12

  /// `excerpt` is how many scalars of context and of values are shown.
  init(_ finding: Finding, number: Int, in report: Report, excerpt: Int) {
    let words = FindingText(finding)
    self.number = number
    id = finding.id
    title = words.title
    let acceptance = report.acceptance(of: finding)
    (badge, badgeClass, meaning) =
      acceptance == nil ? Self.badge(finding) : ("accepted", "expected", "the baseline accepts it")
    channel = finding.channel.rawValue
    place = finding.location
    kind = finding.kind.rawValue
    causes = finding.causes.enumerated().flatMap { offset, set in
      set.enumerated().map { Chip(name: $0.element.name, joint: $0.offset > 0 ? "and" : offset > 0 ? "or" : "") }
    }
    hasNoCause = causes.isEmpty
    let behaviour = Behaviour(finding)
    let lines = SideBySide.lines(finding, context: excerpt)
    stretches = lines.prefix(Self.shownStretches).enumerated().map { index, line in
      Stretch(
        line: line, letter: Self.letter(of: line, in: behaviour),
        specimens: index == 0 ? Self.specimens(finding.differences) : [])
    }
    let hidden = lines.count - stretches.count
    moreStretches = hidden > 0 ? Quantity.count(hidden, "more stretch", plural: "more stretches") : nil
    sides = behaviour.values.prefix(Self.shownSides).enumerated().map { index, value in
      Side(
        letter: Behaviour.letter(index), tone: index % 8,
        boxes: behaviour.parts(index).map { Box(levels: Self.levels($0)) },
        profiles: behaviour.profiles(index, in: report), value: MarkedHTML.value(value, limit: 3 * excerpt))
    }
    let hiddenSides = behaviour.values.count - sides.count
    moreSides = hiddenSides > 0 ? Quantity.count(hiddenSides, "more behaviour") : nil
    // Two sides and a difference between them say it all; three values, or no difference to mark, want to be seen.
    showsValues = finding.differences.isEmpty || behaviour.values.count > 2
    commands = finding.reproduce.map(CommandLine.text)
    hasCommands = !commands.isEmpty
    let accepted = acceptance.map { $0.sentence.prefix(1).uppercased() + $0.sentence.dropFirst() }
    let notes = [accepted, finding.predicate, finding.note].compactMap { $0 }
    note = notes.isEmpty ? nil : notes.joined(separator: "; ")
    carries = finding.capacity.flatMap { $0.symbols > 2 ? "Carries \(FindingText.text($0))." : nil }
    evidence = finding.evidence.prefix(Self.shownRuns).map { RunLink(id: $0, anchor: Anchor.run($0)) }
    hasEvidence = !evidence.isEmpty
    let hiddenRuns = finding.evidence.count - evidence.count
    moreEvidence = hiddenRuns > 0 ? "and \(Quantity.grouped(hiddenRuns)) more" : nil
    locations = finding.locations.count > 1 ? Quantity.count(finding.locations.count, "place") : nil
    let pair = Self.closestPair(behaviour, in: report)
    (left, right) = (pair?.0, pair?.1)
    channels = Set(finding.locations.map(\.channel)).union([finding.channel]).sorted().map(\.rawValue)
      .joined(separator: " ")
    factors = Set(finding.causes.flatMap { $0 }).sorted().map(\.name).joined(separator: " ")
  }

  private static func badge(_ finding: Finding) -> (String, String, String) {
    switch (finding.verdict, finding.class) {
    case (.expected, _): ("expected", "expected", "the profiles explain it")
    case (.inconclusive, _): ("inconclusive", "inconclusive", "the evidence does not settle it")
    case (_, .geographic): ("geographic", "geographic", "two set values of a factor behave differently")
    case (_, .presence): ("presence", "presence", "only unset against set differs")
    case (_, .undetermined): ("undetermined", "undetermined", "no neutral value of the factor was there to tell")
    }
  }

  /// With two behaviours it is the second; of several, the one that has what the line shows.
  private static func letter(of line: SideBySide, in behaviour: Behaviour) -> String {
    if behaviour.values.count <= 2 { return "B" }
    let having = behaviour.values.indices.filter { behaviour.values[$0]?.contains(line.text) == true }
    return having.count == 1 ? Behaviour.letter(having[0]) : ""
  }

  /// Characters that look alike, that are small or that are not seen at all; the same pair once. Letters and digits of
  /// everyday words need no enlarging.
  private static func specimens(_ differences: [Finding.Difference]) -> [Specimen] {
    var known: Set<[String]> = []
    return differences.filter { difference in
      let sides = [difference.before, difference.after].map { Array($0.unicodeScalars) }
      let isEveryday = sides.joined().allSatisfy { scalar in
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      }
      return sides.allSatisfy { $0.count <= 2 } && !isEveryday
        && known.insert([difference.before, difference.after]).inserted
    }.prefix(4).map { difference in
      let html = [difference.before, difference.after].map { side in
        var text = MarkedHTML()
        text.append(marked: side)
        return text.html
      }
      return Specimen(before: html[0], after: html[1])
    }
  }

  private static func closestPair(_ behaviour: Behaviour, in report: Report) -> (String, String)? {
    let baseline = report.baselineProfile.flatMap { behaviour.number(of: $0.factors) } ?? 0
    let numbered = report.profiles.compactMap { profile in behaviour.number(of: profile.factors).map { ($0, profile) } }
    var best: (distance: Int, left: String, right: String)?
    for (_, left) in numbered where behaviour.number(of: left.factors) == baseline {
      for (number, right) in numbered where number != baseline {
        // Set against set is a closer pair than unset against set.
        let distance = left.factors.differingFactors(from: right.factors).reduce(0) { sum, factor in
          sum + (left.factors[factor] == nil || right.factors[factor] == nil ? 3 : 2)
        }
        if distance < best?.distance ?? .max { best = (distance, left.name, right.name) }
      }
    }
    return best.map { ($0.left, $0.right) }
  }

  /// Of a sweep's hundreds of levels the first are shown.
  private static let shownLevels = 40

  static func levels(_ part: Finding.Part) -> [LevelList] {
    part.levels.keys.sorted { a, b in
      guard let first = Factor(name: a), let second = Factor(name: b) else { return a < b }
      return first < second
    }.map { name in
      let all = part.levels[name]!
      var values = all.prefix(shownLevels).map { LevelValue(text: $0 ?? "unset", isUnset: $0 == nil) }
      if all.count > values.count {
        values.append(LevelValue(text: "\(Quantity.grouped(all.count - values.count)) more", isUnset: true))
      }
      return LevelList(factor: name, values: values)
    }
  }
}

/// Names of places on the page.
enum Anchor {
  static func run(_ id: String) -> String { "run-" + id }
  static func finding(_ id: String) -> String { "finding-" + id }
}
