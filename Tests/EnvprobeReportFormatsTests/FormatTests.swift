import EnvprobeModel
import Testing

@testable import EnvprobeReport

/// What holds for every format and every report.
@Suite struct FormatTests {
  struct Format: Sendable, CustomTestStringConvertible {
    var name: String
    var render: @Sendable (Report, [Trace]) -> String
    var testDescription: String { name }
  }

  static let formats = [
    Format(name: "html") { HTMLReport($0, traces: $1).text },
    Format(name: "sarif") { report, _ in SARIFReport(report).text },
    Format(name: "junit") { report, _ in JUnitReport(report).text },
    Format(name: "markdown") { report, _ in MarkdownReport(report).text },
  ]

  @Test(arguments: ["agent", "same", "undecided", "accepted"])
  func writesWhatIsStored(_ name: String) throws {
    let sample = try #require(Samples.all.first { $0.name == name })
    try Golden.expect(SARIFReport(sample.report).text, is: "\(name).sarif")
    try Golden.expect(JUnitReport(sample.report).text, is: "\(name).junit.xml")
    try Golden.expect(MarkdownReport(sample.report).text, is: "\(name).md")
    // The page without its style and its script, which are files of their own.
    try Golden.expect(HTMLReport(sample.report, traces: sample.traces).body(budget: 400_000), is: "\(name).body.html")
  }

  @Test func writesAHostileReportAsStored() throws {
    try Golden.expect(SARIFReport(HostileSamples.report).text, is: "hostile.sarif")
    try Golden.expect(JUnitReport(HostileSamples.report).text, is: "hostile.junit.xml")
    try Golden.expect(MarkdownReport(HostileSamples.report).text, is: "hostile.md")
  }

  @Test(arguments: formats)
  func hidesNothingAndControlsNothing(_ format: Format) throws {
    for sample in Samples.all {
      let text = format.render(sample.report, sample.traces)
      let hidden = text.unicodeScalars.first { $0 != "\n" && VisibleText.replacement(for: $0) != nil }
      #expect(hidden == nil, "\(sample.name): \(hidden.map { Glyph.name($0) } ?? "")")
    }
  }

  @Test(arguments: formats)
  func isTheSameForEqualReports(_ format: Format) {
    for sample in Samples.all {
      let isSame = format.render(sample.report, sample.traces) == format.render(sample.report, sample.traces)
      #expect(isSame, "\(sample.name)")
    }
  }

  @Test(arguments: formats)
  func namesTheDifferingCharacters(_ format: Format) {
    let text = format.render(Samples.agent, [])
    #expect(text.contains("U+2019 RIGHT SINGLE QUOTATION MARK"))
    #expect(text.contains("U+0027 APOSTROPHE"))
    #expect(text.contains("endpoint"))
  }
}
