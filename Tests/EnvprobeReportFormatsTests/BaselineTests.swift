import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeReport

/// Baselines: what is accepted decides nothing, and nothing else is accepted with it.
@Suite struct BaselineTests {
  private static let today = "2026-11-21"

  private func entry(_ finding: Finding, expires: String? = nil) -> Baseline.Entry {
    Baseline.Entry(finding, reason: "known", author: "ann", accepted: "2026-11-01", expires: expires)
  }

  private func applied(_ entries: [Baseline.Entry], to report: Report, deciding: Report.Deciding? = nil) -> Report {
    var report = report
    report.deciding = deciding
    return Baseline(entries: entries).applied(to: report, source: "b.json", today: Self.today)
  }

  @Test func whatIsAcceptedDecidesNothing() {
    let deciding = Samples.agent.findings.filter(\.isDeciding)
    #expect(Samples.agent.conclusion == .different)
    #expect(applied([entry(deciding[0])], to: Samples.agent).conclusion == .different)
    let all = applied(deciding.map { entry($0) }, to: Samples.agent)
    #expect(all.conclusion == .same)
    #expect(all.findings == Samples.agent.findings, "accepted findings are still listed")
    // Where presence decides too, it has to be accepted as well.
    #expect(applied(deciding.map { entry($0) }, to: Samples.agent, deciding: .any).conclusion == .different)
    let unexplained = Samples.agent.findings.filter { $0.verdict == .unexplained }
    #expect(applied(unexplained.map { entry($0) }, to: Samples.agent, deciding: .any).conclusion == .same)
    // What was set or unset alone made it different: without a word about it that is what decided then.
    var presence = Samples.agent
    presence.findings.removeAll(where: \.isDeciding)
    #expect(applied([entry(deciding[0])], to: presence).conclusion == .different)
  }

  @Test func evidenceWithGapsStaysSo() {
    var report = Samples.agent
    report.runs[0].complete = false
    let deciding = report.findings.filter(\.isDeciding)
    #expect(applied(deciding.map { entry($0) }, to: report).conclusion == .inconclusive)
    #expect(applied([], to: Samples.undecided).conclusion == Samples.undecided.conclusion)
  }

  @Test func anEntryHoldsThroughItsLastDay() {
    let finding = Samples.agent.findings[0]
    for (day, holds) in [("2026-11-20", false), (Self.today, true), ("2026-11-22", true), ("2100-01-01", true)] {
      let report = applied([entry(finding, expires: day)], to: Samples.agent)
      #expect(report.acceptance?.findings.count == (holds ? 1 : 0), "\(day)")
      #expect(report.acceptance?.stale.map(\.cause) == (holds ? [] : [.expired]), "\(day)")
    }
  }

  @Test func whatNobodyUsesIsReported() {
    let report = applied([entry(Samples.invisible)], to: Samples.agent)
    #expect(report.acceptance?.stale.map(\.cause) == [.unused])
    #expect(report.conclusion == .different)
  }

  @Test func theFingerprintSurvivesUnrelatedChange() {
    let finding = Samples.apostrophe
    let same: [(inout Finding) -> Void] = [
      { $0.evidence = ["other-1"] }, { $0.reproduce = [] }, { $0.partition.removeLast() }, { $0.note = "a note" },
      { $0.locations += Samples.tools.locations }, { $0.id = "000" },
      { $0.location = $0.location.replacing("messages[user]", with: "messages[user]") },
      { $0.differences[0].prefix = "another text around it" },
      {
        let side = $0.differences[0].before
        $0.differences[0].before = $0.differences[0].after
        $0.differences[0].after = side
      },
    ]
    for (number, change) in same.enumerated() {
      var changed = finding
      change(&changed)
      #expect(FindingFingerprint.of(changed) == FindingFingerprint.of(finding), "change \(number)")
    }
    let other: [(inout Finding) -> Void] = [
      { $0.channel = .stdout }, { $0.kind = .appears }, { $0.causes = [[.timezone]] }, { $0.location += ".more" },
      { $0.differences[0].after = "\u{02BC}" }, { $0.differences[0].kind = "invisible" },
    ]
    for (number, change) in other.enumerated() {
      var changed = finding
      change(&changed)
      #expect(FindingFingerprint.of(changed) != FindingFingerprint.of(finding), "change \(number)")
    }
  }

  @Test func positionsInListsDoNotCount() {
    #expect(FindingFingerprint.location("a[0].b[12].c") == "a[].b[].c")
    #expect(FindingFingerprint.location("a[user].b[12x] [") == "a[user].b[12x] [")
  }

  @Test func isReadBackAsItIsWritten() throws {
    let baseline = Baseline(entries: [entry(Samples.tools), entry(Samples.apostrophe, expires: "2027-01-31")])
    let read = try Baseline(baseline.text)
    #expect(Set(read.entries) == Set(baseline.entries))
    #expect(read.text == baseline.text)
    var again = read
    again.accept(entry(Samples.tools, expires: "2027-01-01"))
    #expect(again.entries.count == 2)
  }

  static let mistakes = [
    ("", "it is no baseline: it is not JSON"),
    ("{}", "it is no baseline: schema is missing"),
    (
      "{\"schema\": \"envprobe.baseline/9\", \"entries\": []}",
      "its schema is 'envprobe.baseline/9'; this envprobe reads envprobe.baseline/1"
    ),
  ]

  @Test(arguments: mistakes) func whatIsWrongIsTold(text: String, problem: String) {
    #expect(throws: BaselineError(problem)) { try Baseline(text) }
  }

  @Test func daysAreDays() {
    for day in ["2027-01-31", "2028-02-29", "2026-12-01"] { #expect(CalendarDay.isDay(day)) }
    for day in ["2027-02-29", "2027-13-01", "2027-1-1", "tomorrow", "2027-01-32", ""] {
      #expect(!CalendarDay.isDay(day))
    }
  }

  @Test func everyFormListsWhatIsAccepted() {
    let report = Samples.accepted
    for text in [
      TextReport(report, options: .init(width: 200)).text, MarkdownReport(report).text, JUnitReport(report).text,
      SARIFReport(report).text, HTMLReport(report, traces: []).text, (try? JSONReport.encode(report)) ?? "",
    ] { #expect(text.contains("known since March"), "\(text.prefix(60))") }
  }
}
