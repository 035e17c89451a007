import EnvprobeModel
import EnvprobeReport
import Testing

@Suite struct JSONReportTests {
  @Test(arguments: SampleReports.all.indices) func writtenAndReadBackIsTheSame(index: Int) throws {
    let report = SampleReports.all[index].report
    #expect(try JSONReport.decode(JSONReport.encode(report)) == report)
  }

  /// Dictionaries have an order of their own in every process; what is written must not.
  @Test func isTheGoldenFile() throws {
    var report = SampleReports.all[0].report
    report.findings = report.findings.map { finding in
      var finding = finding
      finding.locations = Array(finding.locations.prefix(2))
      return finding
    }
    report.runs = Array(report.runs.prefix(1))
    try Golden.expect(JSONReport.encode(report), is: "report-different.json")
  }

  @Test func endsInANewline() throws {
    let text = try JSONReport.encode(SampleReports.all[1].report)
    #expect(text.hasSuffix("}\n"))
    #expect(text.hasPrefix("{\n"))
  }
}
