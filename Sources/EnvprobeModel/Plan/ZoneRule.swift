/// A rule of the form of POSIX `TZ`, such as `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule: Hashable, Sendable {
  /// A day of the year, and a time of that day in seconds, which may lie outside of it.
  struct Change: Hashable, Sendable {
    enum Day: Hashable, Sendable {
      /// 1…365; 29 February is never counted.
      case julian(Int)
      /// 0…365; 29 February is counted.
      case zeroBased(Int)
      /// The `week`th (5: last) `weekday` (0: Sunday) of a month.
      case weekday(month: Int, week: Int, weekday: Int)
    }
    var day: Day
    var time: Int
  }

  var standard: ZoneFile.Moment
  var daylight: ZoneFile.Moment?
  var start: Change?
  var end: Change?

  init?(_ text: String) {
    var scanner = Scanner(rest: text.utf8[...])
    guard let name = scanner.name(), let west = scanner.time() else { return nil }
    standard = .init(offset: -west, abbreviation: name)
    guard !scanner.rest.isEmpty else { return }
    guard let summerName = scanner.name() else { return nil }
    let summerWest = scanner.time() ?? west - 3600
    daylight = .init(offset: -summerWest, abbreviation: summerName, isDaylight: true)
    guard scanner.skip(","), let start = scanner.change(), scanner.skip(","), let end = scanner.change(),
      scanner.rest.isEmpty
    else { return nil }
    self.start = start
    self.end = end
  }

  func moment(at instant: Int64) -> ZoneFile.Moment {
    guard let daylight, let start, let end else { return standard }
    let year = CivilDay(instant: instant + Int64(standard.offset)).year
    let begins = start.instant(year: year) - Int64(standard.offset)
    let ends = end.instant(year: year) - Int64(daylight.offset)
    let isDaylight =
      begins < ends ? (begins..<ends).contains(instant) : !(ends..<begins).contains(instant)
    return isDaylight ? daylight : standard
  }
}

extension ZoneRule.Change {
  /// The local time of the change in a year, in seconds since 1970 as if it were UTC.
  func instant(year: Int) -> Int64 {
    let newYear = CivilDay.number(year: year, month: 1, day: 1)
    let number: Int
    switch day {
    case .julian(let day): number = newYear + day - 1 + (CivilDay.isLeap(year) && day >= 60 ? 1 : 0)
    case .zeroBased(let day): number = newYear + day
    case .weekday(let month, let week, let weekday):
      let first = CivilDay.number(year: year, month: month, day: 1)
      // 1 January 1970 was a Thursday.
      let firstWeekday = ((first + 4) % 7 + 7) % 7
      var day = first + (weekday - firstWeekday + 7) % 7 + 7 * (week - 1)
      let length = CivilDay.length(ofMonth: month, year: year)
      while day >= first + length { day -= 7 }
      number = day
    }
    return Int64(number) * 86400 + Int64(time)
  }
}

/// Days of the proleptic Gregorian calendar, numbered from 1 January 1970.
private struct CivilDay {
  var year: Int

  /// The day of an instant. Algorithm: Howard Hinnant, `chrono`-compatible low-level date algorithms.
  init(instant: Int64) {
    let days = Int((instant >= 0 ? instant : instant - 86399) / 86400) + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    // Years begin in March here.
    year = yearOfEra + era * 400 + (dayOfYear >= 306 ? 1 : 0)
  }

  static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  static func number(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

private struct Scanner {
  var rest: Substring.UTF8View

  mutating func skip(_ text: String) -> Bool {
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  /// Three or more letters, or anything in angle brackets.
  mutating func name() -> String? {
    if skip("<") {
      let name = rest.prefix { $0 != UInt8(ascii: ">") }
      rest = rest.dropFirst(name.count)
      return skip(">") && !name.isEmpty ? String(Substring(name)) : nil
    }
    let name = rest.prefix { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
    rest = rest.dropFirst(name.count)
    return name.count >= 3 ? String(Substring(name)) : nil
  }

  mutating func number() -> Int? {
    let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    rest = rest.dropFirst(digits.count)
    return Int(Substring(digits))
  }

  /// `[+-]hh[:mm[:ss]]` in seconds.
  mutating func time() -> Int? {
    let sign = skip("-") ? -1 : 1
    if sign == 1 { _ = skip("+") }
    guard let hours = number(), hours <= 167 else { return nil }
    var seconds = hours * 3600
    for unit in [60, 1] where skip(":") {
      guard let value = number(), value < 60 else { return nil }
      seconds += value * unit
    }
    return sign * seconds
  }

  mutating func change() -> ZoneRule.Change? {
    let day: ZoneRule.Change.Day
    if skip("M") {
      guard let month = number(), (1...12).contains(month), skip("."), let week = number(), (1...5).contains(week),
        skip("."), let weekday = number(), (0...6).contains(weekday)
      else { return nil }
      day = .weekday(month: month, week: week, weekday: weekday)
    } else if skip("J") {
      guard let number = number(), (1...365).contains(number) else { return nil }
      day = .julian(number)
    } else {
      guard let number = number(), (0...365).contains(number) else { return nil }
      day = .zeroBased(number)
    }
    guard skip("/") else { return .init(day: day, time: 2 * 3600) }
    guard let time = time() else { return nil }
    return .init(day: day, time: time)
  }
}
