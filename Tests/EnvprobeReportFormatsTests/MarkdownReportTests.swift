import EnvprobeModel
import Testing

@testable import EnvprobeReport

@Suite struct MarkdownReportTests {
  @Test(arguments: [20_000, 3_000, 700])
  func keepsToItsSizeAndPointsToTheRest(_ limit: Int) {
    let text = MarkdownReport(LargeSample.report, pointer: "out/report.html", sizeLimit: limit).text
    #expect(text.utf8.count <= limit, "\(text.utf8.count)")
    #expect(text.contains("out/report.html"))
    #expect(text.contains("did not fit"))
    #expect(openFence(text) == nil, "no block of code is left open")
  }

  @Test func keepsToWhatACommentMayHold() {
    var report = Samples.agent
    report.findings = (0..<600).map { number in
      var finding = number % 2 == 0 ? Samples.separator : Samples.tools
      finding.id = "f\(number)"
      return finding
    }
    let text = MarkdownReport(report).text
    #expect(text.utf8.count <= 65_536)
    #expect(text.utf8.count > 60_000, "as much as fits")
  }

  @Test func leavesNothingOfTheProgramOutsideOfCode() {
    let text = MarkdownReport(HostileSamples.report, sizeLimit: 1_000_000).text
    #expect(openFence(text) == nil)
    for line in prose(text) {
      for attack in ["@everyone", "<img", "<script", "</script", "**bold**", "[a](", "#1"] {
        #expect(!line.contains(attack), "\(line)")
      }
    }
  }

  @Test func keepsTheColumnsOfTheTable() {
    let text = MarkdownReport(HostileSamples.report, sizeLimit: 1_000_000).text
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") }
    #expect(rows.count == HostileSamples.findings.count + 2)
    for row in rows { #expect(row.replacing("\\|", with: "").filter { $0 == "|" }.count == 6, "\(row)") }
  }

  @Test(arguments: [
    ("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("a|b", "`a|b`"), ("", "*empty*"), ("``x", "``` ``x ```"),
    ("\u{1B}[1m", "`⟨ESC⟩[1m`"), ("a\nb", "`a⟨LF⟩b`"),
  ])
  func writesCode(_ text: String, _ code: String) { #expect(MarkdownText.code(text) == code) }

  @Test func writesBlocksThatContentCannotClose() {
    #expect(MarkdownText.block(["```", "x"], language: "sh") == "````sh\n```\nx\n````")
  }

  @Test func writesPlainWords() {
    #expect(
      MarkdownText.plain("it's @you, <b> *x* #1 a_b http://x.y 4 of 5, see deadbeef0")
        == "it's `@you`, `<b>` `*x*` `#1` `a_b` `http://x.y` 4 of 5, see `deadbeef0`")
    #expect(MarkdownText.plain("a|b", inTable: true) == "`a\\|b`")
  }

  /// The fence that is still open at the end.
  private func openFence(_ text: String) -> Substring? {
    var open: Substring?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let fence = line.prefix { $0 == "`" }
      if let current = open {
        if fence.count >= current.count, fence.count == line.count { open = nil }
      } else if fence.count >= 3, !line.dropFirst(fence.count).contains("`") {
        open = fence
      }
    }
    return open
  }

  /// The lines outside of blocks of code, without their code spans.
  private func prose(_ text: String) -> [String] {
    var open: Substring?
    var result: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let fence = line.prefix { $0 == "`" }
      if let current = open {
        if fence.count >= current.count, fence.count == line.count { open = nil }
      } else if fence.count >= 3, !line.dropFirst(fence.count).contains("`") {
        open = fence
      } else {
        result.append(withoutSpans(String(line)))
      }
    }
    return result
  }

  private func withoutSpans(_ line: String) -> String {
    var rest = Substring(line)
    var result = ""
    while let start = rest.firstIndex(of: "`") {
      result += rest[..<start]
      let fence = rest[start...].prefix { $0 == "`" }
      var after = rest[start...].dropFirst(fence.count)
      var isClosed = false
      while let next = after.firstIndex(of: "`") {
        let run = after[next...].prefix { $0 == "`" }
        after = after[next...].dropFirst(run.count)
        if run.count == fence.count {
          isClosed = true
          break
        }
      }
      if !isClosed { return result + rest[start...] }
      rest = after
    }
    return result + rest
  }
}
