/// Calendar arithmetic on the proleptic Gregorian calendar, after Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms".
enum CivilTime {
  struct Date: Hashable, Sendable {
    var year: Int
    /// 1 to 12.
    var month: Int
    /// 1 to 31.
    var day: Int

    /// Days since 1970-01-01.
    var dayNumber: Int {
      let y = month <= 2 ? year - 1 : year
      let era = (y >= 0 ? y : y - 399) / 400
      let yearOfEra = y - era * 400
      let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
      return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    init(year: Int, month: Int, day: Int) {
      self.year = year
      self.month = month
      self.day = day
    }

    init(dayNumber: Int) {
      let z = dayNumber + 719_468
      let era = (z >= 0 ? z : z - 146_096) / 146_097
      let dayOfEra = z - era * 146_097
      let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
      let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
      let shifted = (5 * dayOfYear + 2) / 153
      day = dayOfYear - (153 * shifted + 2) / 5 + 1
      month = shifted < 10 ? shifted + 3 : shifted - 9
      year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// 0 is Sunday.
    var weekday: Int { ((dayNumber + 4) % 7 + 7) % 7 }
  }

  /// Seconds since 1970 of a date and a time of day, both in UTC.
  static func epoch(_ date: Date, _ secondOfDay: Int) -> Int { date.dayNumber * 86_400 + secondOfDay }

  /// Seconds since 1970 of an RFC 3339 time, with its fraction cut off; `nil` where the text is none.
  static func epoch(rfc3339 text: String) -> Int? {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[range] {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 48)
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
      let minute = number(14..<16), let second = number(17..<19), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    var position = 19
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      while position < bytes.count, (48...57).contains(bytes[position]) { position += 1 }
    }
    var offset = 0
    if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
      guard let hours = number(position + 1..<position + 3), let minutes = number(position + 4..<position + 6) else {
        return nil
      }
      offset = (hours * 3600 + minutes * 60) * (bytes[position] == UInt8(ascii: "-") ? -1 : 1)
    }
    return epoch(Date(year: year, month: month, day: day), hour * 3600 + minute * 60 + second) - offset
  }
}

/// The stretch of time in which a run took place, and its rendering in the run's zone.
struct ClockWindow: Sendable {
  /// Seconds of tolerance on both sides: what is written just before the launch or read from a coarse clock.
  static let slack = 120

  /// Inclusive, in seconds since 1970.
  let instants: ClosedRange<Int>
  /// Seconds east of UTC.
  let offset: Int

  init(start: Int, duration: Double, offset: Int) {
    instants = start - Self.slack...start + Int(duration.rounded(.up)) + Self.slack
    self.offset = offset
  }

  /// Whether the date is that of some instant of the window, in the run's zone or in UTC.
  func contains(_ date: CivilTime.Date) -> Bool {
    let day = date.dayNumber
    return isDay(day, offset: offset) || isDay(day, offset: 0)
  }

  /// The dates of its instants, in the run's zone and in UTC.
  var days: [CivilTime.Date] {
    var numbers: Set<Int> = []
    for offset in [offset, 0] {
      let first = floorDivide(instants.lowerBound + offset, 86_400)
      numbers.formUnion(first...max(first, floorDivide(instants.upperBound + offset, 86_400)))
    }
    return numbers.sorted().map { CivilTime.Date(dayNumber: $0) }
  }

  private func isDay(_ day: Int, offset: Int) -> Bool {
    floorDivide(instants.lowerBound + offset, 86_400) <= day && day <= floorDivide(instants.upperBound + offset, 86_400)
  }

  /// Whether the time of day, in seconds and `width` seconds long, is that of some instant of the window.
  func containsTime(_ secondOfDay: Int, width: Int) -> Bool {
    [offset, 0].contains { offset in
      let start = instants.lowerBound + offset
      let length = instants.upperBound - instants.lowerBound
      let distance = ((secondOfDay - start) % 86_400 + 86_400) % 86_400
      return distance <= length || 86_400 - distance < width
    }
  }

  private func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((-a + b - 1) / b) }
}
