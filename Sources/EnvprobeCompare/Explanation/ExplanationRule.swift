import EnvprobeModel

/// A way in which what a program does follows from its profile, so that a difference is expected: an *echo*.
///
/// Every rule is one value of ``all``. The documentation, the tests and `envprobe explain` are made from them: each comes
/// with an example that it accounts for and one that it does not.
public struct ExplanationRule: Sendable {
  /// What a program prints, as a function of where it runs.
  public typealias Example = @Sendable (RunManifest) -> String

  /// What came of trying a rule on the two sides of a difference.
  public enum Outcome: Hashable, Sendable {
    /// With it, both sides are the same.
    case accounts(replaced: [String])
    /// It replaces something, and the rest still differs.
    case notEnough(replaced: [String])
    /// Neither side holds anything of its kind.
    case nothingFound
    /// It weighs all runs against each other, and would have removed the difference.
    case comparesAllRuns
  }

  /// Stable: it may be written in a report.
  public let name: String
  /// What it accounts for; a clause for help texts and the reference page.
  public let summary: String
  /// Something that differs from place to place, and that the rule accounts for.
  public let expected: Example
  /// Something that looks alike and is a finding.
  public let unexplained: Example
  /// Whether it replaces text in one run; the others weigh all runs.
  let rewrites: Bool

  init(
    _ name: String, _ summary: String, rewrites: Bool = true, expected: @escaping Example,
    unexplained: @escaping Example
  ) {
    self.name = name
    self.summary = summary
    self.rewrites = rewrites
    self.expected = expected
    self.unexplained = unexplained
  }

  /// Tries the rule on two texts as two runs wrote them.
  public func outcome(before: String, _ beforeRun: RunManifest, after: String, _ afterRun: RunManifest) -> Outcome {
    guard rewrites else { return .comparesAllRuns }
    let (a, first) = rewritten(before, in: beforeRun)
    let (b, second) = rewritten(after, in: afterRun)
    if first.isEmpty, second.isEmpty { return .nothingFound }
    let replaced = Set(first + second).sorted()
    return Text(a) == Text(b) ? .accounts(replaced: replaced) : .notEnough(replaced: replaced)
  }

  /// A text with everything replaced that this rule alone explains, and the placeholders.
  private func rewritten(_ text: String, in run: RunManifest) -> (text: String, placeholders: [String]) {
    var substitute = Substitution(manifest: run, duration: run.exit?.wall ?? 0, rules: [name])
    let result = substitute(text)
    return (result, substitute.used.keys.sorted())
  }
}

extension ExplanationRule {
  public static let all: [ExplanationRule] =
    encodings + [digest, word, offset, zone, time, format, profileWord, content]

  /// The rule with a name, `nil` where there is none.
  public static func named(_ name: String) -> ExplanationRule? { all.first { $0.name == name } }

  /// One for each way of writing a value of the profile.
  private static let encodings = EchoEncoding.all.map { encoding in
    ExplanationRule(
      encoding.name, encoding.summary,
      expected: { "device=\(encoding.write(encoding.sample($0)).first ?? "") ok" },
      // The same letters backwards: as long, as regular, and nobody's value.
      unexplained: { "device=\(encoding.write(String(encoding.sample($0).reversed())).first ?? "") ok" })
  }

  private static let digest = ExplanationRule(
    "digest", "the MD5, SHA-1, SHA-256 or SHA-512 of a value of the profile, or the first eight digits or more of it",
    expected: { "device=\(Self.sha256($0.assignment.timezone!).prefix(12))" },
    unexplained: { "device=\(Self.sha256("\($0.assignment.timezone!) and salt").prefix(12))" })

  private static let word = ExplanationRule(
    "word", "a value of less than three bytes, and country and language, where they are all of a field",
    expected: { $0.assignment.network!.country },
    unexplained: { $0.assignment.network!.country == "CN" ? "XY" : "XX" })

  private static let offset = ExplanationRule(
    "utc-offset", "the zone's offset from UTC: as ±hh:mm, UTC±h, in minutes or seconds",
    expected: { "offset \($0.surroundings.utcOffset / 60) minutes" },
    unexplained: { "offset \($0.surroundings.utcOffset / 60 + 15) minutes" })

  private static let zone = ExplanationRule(
    "zone-name", "the zone's abbreviation, and its name in the run's language",
    expected: { "it is 12 o'clock \($0.surroundings.zoneAbbreviation)" },
    unexplained: { "it is 12 o'clock \($0.surroundings.zoneAbbreviation == "CST" ? "WXYZ" : "ZYXW")" })

  private static let time = ExplanationRule(
    "local-time",
    "a date or time of the run's clock, in its zone or in UTC; the format stays, so that a changed separator "
      + "is seen",
    expected: { "Today is \(Self.date($0, separator: "-"))." },
    unexplained: { "Today is \(Self.date($0, separator: $0.assignment.network!.country == "CN" ? "/" : "-"))." })

  private static let format = ExplanationRule(
    "locale-format",
    "a date or number in the format that each run's locale has for the same purpose, in its own catalogues "
      + "or in CLDR", rewrites: false,
    expected: { "Total: \($0.assignment.locale!.lang.hasPrefix("de") ? "1.234,5" : "1,234.5") bytes" },
    unexplained: { "Total: \($0.assignment.network!.country == "CN" ? "1.234,5" : "1,234.5") bytes" })

  private static let profileWord = ExplanationRule(
    "profile-word",
    "a short word that in every run is that of the run's own profile: country, language, hour, weekday, "
      + "month, day, year", rewrites: false,
    expected: { "Shipping to \($0.assignment.network!.country) only" },
    unexplained: { "Shipping to \($0.assignment.network!.country == "CN" ? "US" : "DE") only" })

  private static let content = ExplanationRule(
    "content-digest", "a digest that changes exactly when the content of the requests does", rewrites: false,
    expected: { "last request \(Self.sha256(Self.requestBody($0)))" },
    unexplained: { "last request \(Self.sha256(Self.requestBody($0) + $0.assignment.network!.country))" })
}
