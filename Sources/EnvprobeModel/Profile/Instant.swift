/// A point in time as the factor `clock` has it, to the nanosecond.
public struct Instant: Hashable, Sendable {
  /// Since 1970-01-01T00:00:00Z.
  public let nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// - Parameter text: RFC 3339 in UTC, from 1970 to 2261: beyond that the kernel has no nanoseconds.
  public init?(_ text: String) {
    guard ValueRule.instant.complaint(text) == nil else { return nil }
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int64 { bytes[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) } }
    let fraction = bytes.dropFirst(20).dropLast().prefix(9)
    let nanoseconds = (0..<9).reduce(Int64(0)) { sum, index in
      sum * 10 + (index < fraction.count ? Int64(fraction[fraction.startIndex + index] - UInt8(ascii: "0")) : 0)
    }
    let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
    guard year < 2262 else { return nil }
    let seconds =
      Self.day(year, month, day) * 86_400 + number(11..<13) * 3600 + number(14..<16) * 60 + number(17..<19)
    self.nanoseconds = seconds * 1_000_000_000 + nanoseconds
  }

  /// Whole seconds since 1970.
  public var seconds: Int64 { nanoseconds >= 0 ? nanoseconds / 1_000_000_000 : (nanoseconds + 1) / 1_000_000_000 - 1 }

  /// Such as `2026-06-30T04:00:00Z`, with parts of a second where there are any.
  public var text: String {
    let day = seconds >= 0 ? seconds / 86_400 : (seconds + 1) / 86_400 - 1
    let second = seconds - day * 86_400
    let (year, month, dayOfMonth) = Self.date(day)
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let parts = nanoseconds - seconds * 1_000_000_000
    let fraction = parts == 0 ? "" : ".\(String(1_000_000_000 + parts).dropFirst())"
    let time = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
    return "\(year)-\(two(month))-\(two(dayOfMonth))T\(time)\(fraction)Z"
  }

  // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", for years after 1600.

  private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = y / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(_ dayNumber: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let z = dayNumber + 719_468
    let era = z / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }
}
