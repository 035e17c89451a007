/// How the C library writes dates and times in a locale: its category LC_TIME, in which a program's output is local
/// without being a difference.
public struct LocaleCalendar: Hashable, Sendable, Codable {
  /// Seven each, from Sunday.
  public var weekdays: [String]
  public var abbreviatedWeekdays: [String]
  /// Twelve each. Some languages have another form of a month's name where it stands alone.
  public var months: [String]
  public var abbreviatedMonths: [String]
  public var standaloneMonths: [String]
  /// The words for the halves of the day; empty where the language has none.
  public var halves: [String]
  /// Formats of strftime(3), by the conversion that they stand for: `%c`, `%x`, `%X`, `%r`, `%Ec`, `%Ex`, `%EX`, and
  /// `date` for what date(1) prints.
  public var formats: [String: String]
  /// What `%Od` and its like write for the numbers from 0; empty where they write digits.
  public var digits: [String]
  /// Eras as localedef(1) has them: `+:2:2020/01/01:+*:令和:%EC%Ey年`.
  public var eras: [String]

  public init(
    weekdays: [String], abbreviatedWeekdays: [String], months: [String], abbreviatedMonths: [String],
    standaloneMonths: [String], halves: [String], formats: [String: String], digits: [String] = [], eras: [String] = []
  ) {
    self.weekdays = weekdays
    self.abbreviatedWeekdays = abbreviatedWeekdays
    self.months = months
    self.abbreviatedMonths = abbreviatedMonths
    self.standaloneMonths = standaloneMonths
    self.halves = halves
    self.formats = formats
    self.digits = digits
    self.eras = eras
  }

  /// The calendar of the locales `C` and `POSIX` (POSIX.1-2017, chapter 7).
  public static let posix = LocaleCalendar(
    weekdays: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    abbreviatedWeekdays: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
    months: [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ],
    abbreviatedMonths: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    standaloneMonths: [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ],
    halves: ["AM", "PM"],
    formats: [
      "%c": "%a %b %e %H:%M:%S %Y", "%x": "%m/%d/%y", "%X": "%H:%M:%S", "%r": "%I:%M:%S %p",
      "date": "%a %b %e %H:%M:%S %Z %Y",
    ])
}
