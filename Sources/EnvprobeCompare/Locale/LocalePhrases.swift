import EnvprobeModel
import Synchronization

/// Every way in which the locale of a run writes the dates and times of that run: what the C library's catalogue and the
/// CLDR give for it.
///
/// The days are known, as there is a window in which the run took place; so a date is a text that either stands there or
/// does not, and only the time of day is read.
struct LocalePhrases: Sendable {
  /// Formats of dates, of times, and of both in one.
  private(set) var dates = FormatIndex()
  private(set) var times = FormatIndex()
  private(set) var moments = FormatIndex()
  /// What may stand between a date and a time, with the names of the formats that put it there.
  private(set) var joints: [(text: [UInt8], names: Set<String>)] = []
  /// Names in the language of the locale, for formats that a program makes up itself; without those of English.
  private(set) var vocabularies: [LocaleVocabulary] = []
  /// Whether the names that a program finds in its locale are those of English.
  private(set) var isEnglish: Bool
  /// What the zone is called in full in the language of the locale.
  let zoneName: String?
  /// How the locale writes numbers.
  let numberMarks: NumberMarks?
  /// With what a phrase can begin.
  private(set) var starts = StartTable()

  /// The phrases of a run; runs under the same locale, zone and date have the same ones.
  static func of(_ surroundings: Surroundings, timezone: String?, windows: [ClockWindow]) -> LocalePhrases {
    var days: [CivilTime.Date] = []
    for window in windows { for day in window.days where !days.contains(day) { days.append(day) } }
    let key = Key(
      calendar: surroundings.calendar, language: surroundings.value(ofFirst: languageVariables) ?? "C",
      timezone: timezone ?? "UTC", utcOffset: surroundings.utcOffset, abbreviation: surroundings.zoneAbbreviation,
      isDaylight: surroundings.isDaylight ?? false, days: days)
    if let known = cache.withLock({ $0[key] }) { return known }
    let phrases = LocalePhrases(key)
    cache.withLock { cache in
      // A matrix has a handful; a sweep over all locales must not keep them all.
      if cache.count >= 32 { cache.removeAll() }
      cache[key] = phrases
    }
    return phrases
  }

  private struct Key: Hashable {
    var calendar: LocaleCalendar?
    var language: String
    var timezone: String
    var utcOffset: Int
    var abbreviation: String
    var isDaylight: Bool
    var days: [CivilTime.Date]
  }

  private static let cache = Mutex<[Key: LocalePhrases]>([:])

  /// ICU looks at the language of messages, not at that of times.
  private static let languageVariables = ["LC_ALL", "LC_MESSAGES", "LANG"]

  private init(_ key: Key) {
    let calendar = key.calendar ?? .posix
    var system = LocaleVocabulary(calendar)
    isEnglish = system.isEnglish
    system.zoneAbbreviation = key.abbreviation
    system.offset = Self.offset(key.utcOffset)
    let formats = LocaleFormats.of(key.language)
    let zone = formats?.zoneName(of: key.timezone, isDaylight: key.isDaylight)
    zoneName = zone?.long
    numberMarks = formats.flatMap { formats in
      formats.decimalMark.flatMap { decimal in
        formats.groupingMark.map { NumberMarks(decimal: decimal, grouping: $0) }
      }
    }

    for (name, format) in calendar.formats.sorted(by: { $0.key < $1.key }) {
      guard let format = DateFormat(strftime: format, calendar.formats) else { continue }
      add(format, [name], system, key.days)
      // Not every program says which zone a time is in.
      var zoneless = system
      zoneless.zoneAbbreviation = ""
      add(format, [name], zoneless, key.days)
    }
    if let formats {
      var cldr = LocaleVocabulary(formats)
      cldr.zoneAbbreviation = key.abbreviation
      cldr.zoneName = zone?.long
      let offset = Self.icuOffset(key.utcOffset)
      cldr.shortZoneName = zone?.short ?? formats.offsetFormat.replacing("{0}", with: offset.short)
      cldr.longOffset = formats.offsetFormat.replacing("{0}", with: offset.long)
      add(formats, cldr, key.days)
      if !cldr.isEnglish { vocabularies.append(cldr) }
    }
    if !system.isEnglish { vocabularies.insert(system, at: 0) }
    for index in [dates, times, moments] { starts.formUnion(index.table) }
    for vocabulary in vocabularies { starts.formUnion(vocabulary.table.starts) }
  }

  private mutating func add(_ formats: LocaleFormats, _ vocabulary: LocaleVocabulary, _ days: [CivilTime.Date]) {
    // Formats before CLDR 42 have a plain space where later ones have a narrow one.
    func versions(_ format: String) -> [(text: String, suffix: String)] {
      let plain = format.replacing("\u{202F}", with: " ").replacing("\u{2009}", with: " ")
      return [(format, ""), (plain, "~")]
    }
    for letter in ["D", "S", "T"] as [Character] {
      for (key, pattern) in formats.formats(letter) {
        for (text, suffix) in versions(pattern) {
          guard let format = DateFormat(pattern: text) else { continue }
          let kind = letter == "D" ? "date-" : letter == "T" ? "time-" : ""
          add(format, [kind + key + suffix], vocabulary, days)
        }
      }
    }
    var own = formats.formats("G")
    // Calendars without formats of their own have the generic calendar's.
    if vocabulary.calendar == "persian" { own = own.map { ($0.key, "{1}, {0}") } }
    let joints = own + [(key: "generic", format: "{1}, {0}"), (key: "plain", format: "{1} {0}")]
    for (key, format) in joints {
      guard format.hasPrefix("{1}"), format.hasSuffix("{0}") else { continue }
      let text = Array(format.dropFirst(3).dropLast(3).replacing("'", with: "").utf8)
      if let known = self.joints.firstIndex(where: { $0.text == text }) {
        self.joints[known].names.insert("joint-" + key)
      } else {
        self.joints.append((text, ["joint-" + key]))
      }
    }
  }

  private mutating func add(
    _ format: DateFormat, _ names: Set<String>, _ vocabulary: LocaleVocabulary, _ days: [CivilTime.Date]
  ) {
    if let time = CompiledFormat(format, day: nil, vocabulary) {
      times.add(time, names)
      return
    }
    for day in days {
      guard let compiled = CompiledFormat(format, day: day, vocabulary) else { continue }
      if compiled.isTimed { moments.add(compiled, names) } else { dates.add(compiled, names) }
    }
  }

  private static func offset(_ seconds: Int) -> String {
    let minutes = abs(seconds) / 60
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return (seconds < 0 ? "-" : "+") + two(minutes / 60) + two(minutes % 60)
  }

  private static func icuOffset(_ seconds: Int) -> (short: String, long: String) {
    guard seconds != 0 else { return ("", "") }
    let minutes = abs(seconds) / 60
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let sign = seconds < 0 ? "-" : "+"
    return (
      sign + "\(minutes / 60)" + (minutes % 60 == 0 ? "" : ":" + two(minutes % 60)),
      sign + two(minutes / 60) + ":" + two(minutes % 60)
    )
  }
}
