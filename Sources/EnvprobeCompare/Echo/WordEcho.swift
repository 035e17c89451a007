import EnvprobeModel

/// Short words that follow from a profile: its country, its language, the hour, the day of the week.
///
/// `CN`, `en` or `12` stand in many texts that have nothing to do with the profile, so they are not replaced wherever they
/// are seen. But where a place differs between arms, and in every arm has just the word of that arm's own profile, the
/// word is what explains it.
struct WordEcho: Sendable {
  /// The name of the word, as explanations show it.
  var name: String
  /// What the word is in a run; `nil` where the run's profile has none.
  var word: @Sendable (RunObservations) -> String?

  static let all: [WordEcho] = [
    .init(name: "country") { $0.country },
    .init(name: "country|lower") { $0.country?.lowercased() },
    .init(name: "language") { $0.language },
    .init(name: "language|upper") { $0.language?.uppercased() },
    time("H") { two($0.second / 3600) },
    time("-H") { "\($0.second / 3600)" },
    time("I") { two(($0.second / 3600 + 11) % 12 + 1) },
    time("p") { $0.second < 43_200 ? "AM" : "PM" },
    time("A") { LocaleCalendar.posix.weekdays[$0.date.weekday] },
    time("a") { String(LocaleCalendar.posix.weekdays[$0.date.weekday].prefix(3)) },
    time("u") { "\(($0.date.weekday + 6) % 7 + 1)" },
    time("B") { LocaleCalendar.posix.months[$0.date.month - 1] },
    time("b") { String(LocaleCalendar.posix.months[$0.date.month - 1].prefix(3)) },
    time("m") { two($0.date.month) },
    time("-m") { "\($0.date.month)" },
    time("d") { two($0.date.day) },
    time("-d") { "\($0.date.day)" },
    time("Y") { "\($0.date.year)" },
  ]

  private struct Moment {
    var date: CivilTime.Date
    /// Of the day.
    var second: Int
  }

  private static func time(_ format: String, _ word: @escaping @Sendable (Moment) -> String) -> WordEcho {
    .init(name: "local-date:\(format)") { run in
      guard let start = run.start else { return nil }
      let local = start + run.utcOffset
      let day = (Double(local) / 86_400).rounded(.down)
      return word(Moment(date: .init(dayNumber: Int(day)), second: local - Int(day) * 86_400))
    }
  }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  /// The word that an aspect is nothing but, in every arm that shows it.
  static func explaining(_ aspect: Aspect) -> WordEcho? {
    let arms = aspect.classes.indices.filter { aspect.classes[$0] != nil }
    let texts = arms.map { aspect.differing(inArm: $0) }
    guard texts.allSatisfy({ $0 != nil && !$0!.isEmpty && $0!.utf8.count <= 12 }) else { return nil }
    return all.first { echo in
      zip(arms, texts).allSatisfy { arm, text in
        guard let run = aspect.slot.subject.arms[arm], let word = echo.word(run) else { return false }
        return Text(run.unsubstituted(text!)) == Text(word)
      }
    }
  }
}

extension RunObservations {
  fileprivate var country: String? { assignment.network?.country ?? locale?.dropFirst().first }

  fileprivate var language: String? { locale?.first }

  private var locale: [String]? {
    assignment.locale?.lang.prefix { $0 != "." && $0 != "@" }.split(separator: "_").map(String.init)
  }
}

extension Aspect {
  /// The one stretch in which an arm's value differs from others; `nil` where there are several, or nothing is there.
  fileprivate func differing(inArm arm: Int) -> String? {
    guard let variant = slot.variants[arm] else { return nil }
    switch kind {
    case .presence, .count: return nil
    case .value: return variant.string
    case .columns(let columns, let group):
      let texts = Set(group.map { Text(columns.text(of: variant, column: $0)) })
      return texts.count == 1 ? texts.first!.string : nil
    }
  }
}
