import EnvprobeModel

/// What a finding of one channel and kind is called and how it is explained: `http/changed`.
struct SARIFRule: Hashable, Comparable {
  var channel: Channel
  var kind: Finding.Kind

  var id: String { "\(channel.rawValue)/\(kind.rawValue)" }

  /// In the order of the channels, so that the rules stand alike in every report.
  static func < (a: SARIFRule, b: SARIFRule) -> Bool { (a.channel, a.kind.rawValue) < (b.channel, b.kind.rawValue) }

  var value: SARIFLog.Rule {
    let words = "\(channel.summary)"
    let full =
      "\(sentence) The difference is neither noise between equal runs nor explained by the values of the profiles. "
      + "The channel covers \(words)."
    let help =
      "Each result names the minimal set of factors that is sufficient and necessary for the difference, what was seen "
      + "on both sides, and commands that show both again. A result says what differs, not why somebody made it so: "
      + "look at the difference, reproduce it, and ask whoever makes the program. A difference that is known and "
      + "accepted belongs into the baseline."
    return SARIFLog.Rule(
      id: id, name: Self.capitalized(channel.rawValue) + Self.capitalized(kind.rawValue),
      shortDescription: .init(text: sentence), fullDescription: .init(text: full),
      help: .init(text: help, markdown: "**\(sentence)**\n\n\(help)"), defaultConfiguration: .init(level: "warning"),
      properties: .init(tags: ["environment", channel.rawValue], precision: "very-high"))
  }

  private var sentence: String {
    switch kind {
    case .changed: "What is seen on the channel \(channel.rawValue) depends on the environment."
    case .appears: "Something appears on the channel \(channel.rawValue) in some environments only."
    case .disappears: "Something is missing from the channel \(channel.rawValue) in some environments."
    }
  }

  private static func capitalized(_ word: String) -> String { word.prefix(1).uppercased() + word.dropFirst() }
}
