import EnvprobeModel

/// The names and digits with which one source (the C library, or the CLDR) writes dates in one locale.
struct LocaleVocabulary: Sendable {
  /// By the letter of the field, see ``DateFormat/Field``: the names, from Sunday or January.
  let names: [String: [[UInt8]]]
  /// The same, to be found in a text.
  let table: NameTable
  /// The halves of the day; empty where there are none.
  var halves: [[UInt8]]
  var zero: Unicode.Scalar = "0" {
    didSet { zeroBytes = Array(String(Character(zero)).utf8) }
  }
  private(set) var zeroBytes = plainZero
  static let plainZero = Array("0".utf8)
  /// What `%Od` and its like write, by number; empty where they write digits.
  var numerals: [String] = []
  var eras: [Era] = []
  /// `persian` or `buddhist` where the calendar is not the Gregorian one.
  var calendar: String?
  /// Names of the run's zone: `EST` or `GMT+8`; `Eastern Standard Time`; `GMT+08:00`.
  var zoneAbbreviation = ""
  var shortZoneName: String?
  var zoneName: String?
  var offset = ""
  var longOffset: String?

  /// The letters whose names are not those of English: a format says so (`*B`), as English names in such a place are
  /// another format.
  let foreign: Set<String>

  init(names: [String: [String]], halves: [String]) {
    self.names = names.mapValues { $0.map { Array($0.utf8) } }
    self.halves = halves.map { Array($0.utf8) }
    let english = [
      "B": LocaleCalendar.posix.months, "b": LocaleCalendar.posix.abbreviatedMonths,
      "A": LocaleCalendar.posix.weekdays, "a": LocaleCalendar.posix.abbreviatedWeekdays,
    ]
    foreign = Set(names.filter { english[$0.key.replacing("'", with: "")] != $0.value }.keys)
    table = NameTable(self.names, foreign: foreign)
  }

  init(_ calendar: LocaleCalendar) {
    self.init(
      names: [
        "B": calendar.months, "b": calendar.abbreviatedMonths, "A": calendar.weekdays,
        "a": calendar.abbreviatedWeekdays, "B'": calendar.standaloneMonths,
      ], halves: calendar.halves)
    numerals = calendar.digits
    eras = calendar.eras.compactMap { Era($0) }
  }

  init(_ formats: LocaleFormats) {
    var names: [String: [String]] = [:]
    for letter in ["B", "b", "A", "a"] {
      names[letter] = formats.names(letter)
      let standalone = formats.names(letter + "'")
      names[letter + "'"] = standalone.isEmpty ? names[letter]! : standalone
    }
    self.init(names: names, halves: formats.halves)
    setZero(formats.zero)
    calendar = formats.calendar
  }

  /// Observers do not run in initialisers.
  private mutating func setZero(_ zero: Unicode.Scalar) { self.zero = zero }

  /// Whether the names are those of English.
  var isEnglish: Bool { foreign.isEmpty }

  // MARK: Writing

  func number(_ value: Int, _ padding: DateFormat.Padding, isAlternative: Bool) -> String {
    if isAlternative, value < numerals.count { return numerals[value] }
    let plain = value < 10 && padding != .none ? (padding == .zero ? "0" : " ") + "\(value)" : "\(value)"
    guard isAlternative, zero != "0" else { return plain }
    var result = String.UnicodeScalarView()
    for scalar in plain.unicodeScalars {
      let isDigit = (48...57).contains(scalar.value)
      result.append(isDigit ? Unicode.Scalar(zero.value + scalar.value - 48) ?? scalar : scalar)
    }
    return String(result)
  }

  /// The date in the calendar that this source writes, for the numbers of years, months and days.
  func civil(_ date: CivilTime.Date) -> CivilTime.Date {
    switch calendar {
    case "buddhist": CivilTime.Date(year: date.year + 543, month: date.month, day: date.day)
    case "persian": CivilTime.persian(date)
    default: date
    }
  }
}

/// One era of a calendar that counts its years anew: `+:2:2020/01/01:+*:令和:%EC%Ey年`.
struct Era: Hashable, Sendable {
  var firstYear: Int
  var start: CivilTime.Date
  var end: CivilTime.Date?
  var name: String
  /// What `%EY` is, a format of strftime(3).
  var format: String

  init?(_ text: String) {
    let fields = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard fields.count == 6, fields[0] == "+", let first = Int(fields[1]), let start = Self.date(fields[2]) else {
      return nil
    }
    firstYear = first
    self.start = start
    end = Self.date(fields[3])
    name = String(fields[4])
    format = String(fields[5])
  }

  private static func date(_ text: Substring) -> CivilTime.Date? {
    let numbers = text.split(separator: "/").compactMap { Int($0) }
    return numbers.count == 3 ? CivilTime.Date(year: numbers[0], month: numbers[1], day: numbers[2]) : nil
  }

  func contains(_ date: CivilTime.Date) -> Bool {
    start.dayNumber <= date.dayNumber && end.map { date.dayNumber <= $0.dayNumber } ?? true
  }

  func year(of date: CivilTime.Date) -> Int { date.year - start.year + firstYear }
}

extension CivilTime {
  /// The date of the Persian calendar, by the rule of 33 years that ICU uses for the years 1206 to 1498.
  static func persian(_ date: Date) -> Date {
    let day = date.dayNumber
    // 1 Farvardin of year 1 is 19 March 622 in the Julian calendar.
    func newYear(_ year: Int) -> Int { -492_268 + 365 * (year - 1) + (8 * year + 21) / 33 }
    var year = date.year - 621
    if newYear(year) > day { year -= 1 }
    let dayOfYear = day - newYear(year)
    let month = dayOfYear < 186 ? dayOfYear / 31 : 6 + (dayOfYear - 186) / 30
    let start = month < 6 ? 31 * month : 186 + 30 * (month - 6)
    return Date(year: year, month: month + 1, day: dayOfYear - start + 1)
  }
}
