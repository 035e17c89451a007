import EnvprobeModel
import Testing

@testable import EnvprobeCompare

/// Dates in the language and the formats of the locale follow from it; formats of the program's own do not.
struct FormatEchoTests {
  private static let calendars: [String: LocaleCalendar] = [
    "zh_CN.UTF-8": LocaleCalendar(
      weekdays: ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
      abbreviatedWeekdays: ["日", "一", "二", "三", "四", "五", "六"],
      months: ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"],
      abbreviatedMonths: (1...12).map { "\($0)月" },
      standaloneMonths: ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"],
      halves: ["上午", "下午"],
      formats: ["%x": "%Y年%m月%d日", "%X": "%H时%M分%S秒", "%c": "%Y年%m月%d日 %A %H时%M分%S秒", "%r": "%p %I时%M分%S秒"]),
    "de_DE.UTF-8": LocaleCalendar(
      weekdays: ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
      abbreviatedWeekdays: ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"],
      months: [
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
      ],
      abbreviatedMonths: ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"],
      standaloneMonths: [
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
      ], halves: [], formats: ["%x": "%d.%m.%Y", "%X": "%T", "%c": "%a %d %b %Y %T %Z"]),
  ]

  /// 2026-06-30 04:00:12 UTC, a Tuesday.
  static let arms: [(locale: String, timezone: String, offset: Int, hour: String)] = [
    ("en_US.UTF-8", "America/New_York", -14_400, "00"), ("de_DE.UTF-8", "Europe/Berlin", 7200, "06"),
    ("zh_CN.UTF-8", "Asia/Shanghai", 28_800, "12"),
  ]

  static func run(_ arm: Int, repetition: Int, _ lines: [String]) -> RunObservations {
    let arm = arms[arm]
    var calendar = calendars[arm.locale]
    if calendar == nil {
      calendar = .posix
      calendar!.formats = ["%x": "%m/%d/%Y", "%X": "%r", "%c": "%a %d %b %Y %r %Z", "%r": "%I:%M:%S %p"]
    }
    var assignment = Assignment()
    assignment[.locale] = .locale(LocaleSetting(lang: arm.locale))
    assignment[.timezone] = .timezone(arm.timezone)
    let surroundings = Surroundings(
      environment: [EnvironmentVariable(name: "LANG", value: arm.locale, factor: .locale)], home: "/home/me",
      workingDirectory: "/home/me/work", user: "me", hostname: "box", utcOffset: arm.offset,
      zoneAbbreviation: "ZZT", isDaylight: arm.offset < 10_000, calendar: calendar)
    let manifest = RunManifest(
      tool: "test", subject: Subject(argv: ["x"], executable: .init(path: "/bin/x", sha256: "0")), profile: nil,
      assignment: assignment, repetition: repetition, started: "2026-06-30T04:00:00Z", surroundings: surroundings,
      exit: nil, complete: true)
    let output = Output(stream: .stdout, bytes: ByteString(lines.map { $0 + "\n" }.joined().utf8))
    return RunObservations(
      trace: Trace(
        id: "\(arm.locale)-\(repetition)", manifest: manifest,
        events: [Event(sequence: 0, time: 0, payload: .output(output))]))
  }

  /// The candidates of a program that prints these lines, by arm.
  static func candidates(_ lines: [[String]]) -> [Candidate] {
    Comparison(Arm.arms(of: lines.indices.flatMap { arm in (1...2).map { run(arm, repetition: $0, lines[arm]) } }))
      .candidates
  }

  static let honest: [(name: String, lines: [[String]])] = [
    ("%x", [["06/30/2026"], ["30.06.2026"], ["2026年06月30日"]]),
    ("%X", [["12:00:12 AM"], ["06:00:12"], ["12时00分12秒"]]),
    ("%x %X", [["06/30/2026 12:00:12 AM"], ["30.06.2026 06:00:12"], ["2026年06月30日 12时00分12秒"]]),
    (
      "%c",
      [["Tue 30 Jun 2026 12:00:12 AM ZZT"], ["Di 30 Jun 2026 06:00:12 ZZT"], ["2026年06月30日 星期二 12时00分12秒"]]
    ),
    (
      "%A, %d %B %Y",
      [["On Tuesday, 30 June 2026."], ["On Dienstag, 30 Juni 2026."], ["On 星期二, 30 六月 2026."]]
    ),
    ("CLDR short", [["6/30/26"], ["30.06.26"], ["2026/6/30"]]),
    ("JavaScript", [["6/30/2026, 12:00:12\u{202F}AM"], ["30.6.2026, 06:00:12"], ["2026/6/30 12:00:12"]]),
    ("CLDR full", [["Tuesday, June 30, 2026"], ["Dienstag, 30. Juni 2026"], ["2026年6月30日星期二"]]),
    ("zone", [["(Eastern Daylight Time)"], ["(Mitteleuropäische Sommerzeit)"], ["(中国标准时间)"]]),
    ("two dates", [["06/30/2026", "2026-06-30"], ["30.06.2026", "2026-06-30"], ["2026年06月30日", "2026-06-30"]]),
    ("numbers", [["1,234.50 in all"], ["1.234,50 in all"], ["1,234.50 in all"]]),
  ]

  @Test(arguments: honest) func localisedDatesAreEchoes(_ name: String, _ lines: [[String]]) {
    let candidates = Self.candidates(lines)
    #expect(candidates.isEmpty, "\(candidates.map { $0.main.values })")
  }

  static let hidden: [(name: String, lines: [[String]])] = [
    ("separator", [["Today is 2026-06-30."], ["Today is 2026-06-30."], ["Today is 2026/06/30."]]),
    ("separator of a localised date", [["06/30/2026"], ["30/06/2026"], ["2026年06月30日"]]),
    ("English in one place", [["Tuesday, 30 June 2026"], ["Dienstag, 30 Juni 2026"], ["Tuesday, 30 June 2026"]]),
    ("another format of the same locale", [["06/30/2026"], ["30.06.26"], ["2026年06月30日"]]),
    ("a narrow space", [["6/30/2026, 12:00:12 AM"], ["30.6.2026,\u{202F}06:00:12"], ["2026/6/30 12:00:12"]]),
    ("grouping", [["1,234.50 in all"], ["1,234.50 in all"], ["1.234,50 in all"]]),
  ]

  @Test(arguments: hidden) func whatNoCatalogueHasSurvives(_ name: String, _ lines: [[String]]) {
    #expect(!Self.candidates(lines).isEmpty)
  }

  @Test func aMarkBesideALocalisedDateIsTheOnlyDifference() throws {
    let candidates = Self.candidates([
      ["It's 06/30/2026 now."], ["It's 30.06.2026 now."], ["It\u{2019}s 2026年06月30日 now."],
    ])
    #expect(candidates.count == 1)
    #expect(candidates.first?.classes == [0, 0, 1])
    #expect(candidates.first?.main.differences(from: 0, to: 1).map(\.kind) == ["apostrophe"])
  }

  @Test func thePersianCalendarIsKnown() {
    #expect(CivilTime.persian(.init(year: 2026, month: 6, day: 30)) == .init(year: 1405, month: 4, day: 9))
    #expect(CivilTime.persian(.init(year: 2026, month: 3, day: 20)) == .init(year: 1404, month: 12, day: 29))
    #expect(CivilTime.persian(.init(year: 2026, month: 3, day: 21)) == .init(year: 1405, month: 1, day: 1))
  }

  @Test func everyLocaleOfTheProfilesHasFormats() throws {
    for source in ProfileLibrary.bundledSources {
      guard let start = source.text.firstRange(of: "locale: ")?.upperBound else { continue }
      let name = String(source.text[start...].prefix { $0 != "\n" })
      let formats = try #require(LocaleFormats.of(name), "\(name)")
      for format in formats.formats("D") + formats.formats("T") {
        #expect(DateFormat(pattern: format.format) != nil, "\(name) \(format)")
      }
      #expect(formats.zoneName(of: "Asia/Tokyo", isDaylight: false).long != nil)
    }
  }
}
