import EnvprobeModel
import EnvprobeReport
import Testing

@Suite struct TextReportTests {
  static let layouts: [(name: String, options: TextOptions)] = [
    ("80", TextOptions(width: 80)),
    ("120", TextOptions(width: 120)),
    ("80-color", TextOptions(width: 80, color: true)),
    ("120-verbose", TextOptions(width: 120, verbosity: .verbose)),
    ("60", TextOptions(width: 60)),
    ("quiet", TextOptions(width: 80, verbosity: .quiet)),
  ]

  static let cases: [(report: Int, layout: Int)] = SampleReports.all.indices.flatMap { report in
    layouts.indices.compactMap { layout in
      // One full report in every layout, the others in the two that people use.
      report == 0 || layout < 1 || (layout == 2 && SampleReports.all[report].name == "hostile") ? (report, layout) : nil
    }
  }

  @Test(arguments: cases.indices) func isTheGoldenFile(index: Int) throws {
    let (name, report) = SampleReports.all[Self.cases[index].report]
    let (layoutName, options) = Self.layouts[Self.cases[index].layout]
    // The golden files of a thousand places would hold nothing but places.
    var shown = report
    if options.verbosity == .verbose {
      shown.findings = report.findings.map { finding in
        var finding = finding
        finding.locations = Array(finding.locations.prefix(20))
        return finding
      }
    }
    try Golden.expect(TextReport(shown, options: options).text, is: "report-\(name)-\(layoutName).txt")
  }

  @Test(arguments: SampleReports.all.indices) func keepsToTheWidth(index: Int) {
    for (name, options) in Self.layouts where !options.color {
      for line in TextReport(SampleReports.all[index].report, options: options).text.split(separator: "\n") {
        // A word of a command line stays whole, so that it can be copied.
        if line.contains("env.A_LONG_NAME") { continue }
        #expect(Terminal.width(of: line) <= options.width, "\(name): \(line)")
      }
    }
  }

  /// What stands between colours is what stands there without.
  @Test(arguments: SampleReports.all.indices) func colourChangesNothingButTheMarks(index: Int) {
    let plain = TextReport(SampleReports.all[index].report, options: .init(width: 100)).text
    let colored = TextReport(SampleReports.all[index].report, options: .init(width: 100, color: true)).text
    #expect(!plain.contains("\u{1B}"))
    #expect(colored.contains("\u{1B}["))
    let counts = [plain, Terminal.withoutColors(colored)].map { $0.split(separator: "\n").count }
    #expect(counts[0] == counts[1])
    #expect(!Terminal.withoutColors(colored).contains("\u{1B}"))
  }

  /// No text of the program's, wherever it appears, reaches the terminal as anything but letters.
  @Test(arguments: [false, true]) func passesNoControlCharacterOn(color: Bool) {
    for verbosity in TextOptions.Verbosity.allCases {
      let report = SampleReports.report([SampleReports.hostile], .different)
      let text = TextReport(report, options: .init(width: 80, color: color, verbosity: verbosity)).text
      let shown = color ? Terminal.withoutColors(text) : text
      for scalar in shown.unicodeScalars where scalar != "\n" {
        #expect(![.control, .format, .lineSeparator].contains(scalar.properties.generalCategory), "\(scalar.value)")
      }
    }
  }

  /// The report of a large matrix: a thousand runs, ten thousand places.
  @Test func isFastOnALargeReport() throws {
    let runs = (0..<1000).map { SampleReports.run("us", $0 + 1) }
    var finding = SampleReports.tools
    finding.locations = (0..<10_000).map {
      .init(channel: .http, location: "POST a.example/v1 body.x[\($0)]", kind: .changed, before: "a", after: "b")
    }
    let report = SampleReports.report([finding, SampleReports.apostrophe], .different, runs: runs)
    for verbosity in TextOptions.Verbosity.allCases {
      let elapsed = ContinuousClock().measure { _ = TextReport(report, options: .init(verbosity: verbosity)).text }
      #expect(elapsed < .seconds(20), "\(verbosity)")
    }
  }

  @Test func verdictComesFirst() {
    let first = SampleReports.all.map { TextReport($0.report).text.split(separator: " ").first! }
    #expect(first == ["DIFFERENT", "SAME", "SAME", "DIFFERENT", "INCONCLUSIVE", "DIFFERENT"])
  }
}

/// What a terminal makes of a text, told apart from how it is written.
enum Terminal {
  static func width(of line: Substring) -> Int {
    line.unicodeScalars.reduce(0) { width, scalar in
      switch scalar.value {
      case 0x300...0x36F: width
      case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF00...0xFF60: width + 2
      default: width + 1
      }
    }
  }

  /// Without the colours that envprobe itself writes; other sequences stay.
  static func withoutColors(_ text: String) -> String {
    var result = ""
    var rest = Substring(text)
    while let escape = rest.firstRange(of: "\u{1B}[") {
      let tail = rest[escape.upperBound...]
      let parameters = tail.prefix { $0.isNumber || $0 == ";" }
      guard tail.dropFirst(parameters.count).first == "m" else { return result + rest }
      result += rest[..<escape.lowerBound]
      rest = tail.dropFirst(parameters.count + 1)
    }
    return result + rest
  }
}
