import EnvprobeModel

/// What the template of the page shows.
struct PageValues {
  struct Section {
    var title: String
    var about: String
    var anchor: String
    var count: String
    var findings: [FindingCard]
  }

  struct Toggle {
    var group: String
    var value: String
    var count: String
  }

  struct ToggleGroup {
    var name: String
    var label: String
    var toggles: [Toggle]
  }

  struct Fact {
    var name: String
    var value: String
    var detail: String?
  }

  var tool: String
  var schema: String
  var command: String
  var word: String
  var sentence: String
  var conclusion: String
  var isSame: Bool
  var isDifferent: Bool
  var isInconclusive: Bool
  var executable: String
  var sha256: String
  var facts: [Fact]
  var sections: [Section]
  var hasFindings: Bool
  var findingCount: String
  var moreFindings: String?
  var filters: [ToggleGroup]
  var heatmap: Heatmap
  var limits: [String]
  var gaps: [String]
  var isWhole: Bool
  var incompleteRuns: String?
  var remarks: [String]
  var hasRemarks: Bool
  var runs: [RunRow]
  var moreRuns: String?
  var hasTraces: Bool
  var hasEvidence: Bool
  var blocks: [PageData.Block]

  /// Beyond these, findings are not written out: a page with more is read by nobody, and report.json has them.
  private static let shownFindings = 600
  private static let shownRuns = 60

  init(_ report: Report, traces: [Trace], budget: Int, bodyLimit: Int) {
    let findings = report.numberedFindings
    let shown = Array(findings.prefix(Self.shownFindings))
    let data = PageData(report, traces: traces, findings: shown, budget: budget, bodyLimit: bodyLimit)
    let verdict = VerdictText(report)

    tool = report.tool
    schema = report.schema
    command = CommandLine.text(report.subject.argv)
    (word, sentence) = (verdict.word, verdict.sentence)
    conclusion = report.conclusion.rawValue
    isSame = report.conclusion == .same
    isDifferent = report.conclusion == .different
    isInconclusive = report.conclusion == .inconclusive
    executable = report.subject.executable.path
    sha256 = report.subject.executable.sha256
    facts = Self.facts(report)

    let excerpt = shown.count > 100 ? 60 : 160
    let cards = shown.map {
      (
        finding: $0.finding, isAccepted: report.acceptance(of: $0.finding) != nil,
        card: FindingCard($0.finding, number: $0.number, in: report, excerpt: excerpt)
      )
    }
    sections = Self.sections.compactMap { section in
      let members = cards.filter {
        $0.isAccepted ? section.anchor == "accepted" : section.contains($0.finding)
      }
      if members.isEmpty { return nil }
      return Section(
        title: section.title, about: section.about, anchor: section.anchor, count: Quantity.grouped(members.count),
        findings: members.map(\.card))
    }
    hasFindings = !findings.isEmpty
    findingCount = Quantity.count(findings.count, "finding")
    let hidden = findings.count - shown.count
    moreFindings = hidden > 0 ? Quantity.count(hidden, "more finding") : nil
    filters = Self.filters(shown.map(\.finding), in: report)
    heatmap = Heatmap(report, findings: shown)

    limits = report.limits + (report.acceptance?.stale ?? []).map { "In the baseline, \($0.sentence)." }
    gaps = GapSummary.summarize(report.runs)
    let incomplete = report.runs.filter { !$0.complete }.count
    incompleteRuns =
      incomplete > 0
      ? "\(Quantity.grouped(incomplete)) of \(Quantity.count(report.runs.count, "run")) are incomplete." : nil
    isWhole = limits.isEmpty && gaps.isEmpty && incomplete == 0
    remarks = data.remarks
    hasRemarks = !remarks.isEmpty
    runs = report.runs.prefix(Self.shownRuns).map { RunRow($0, in: report) }
    moreRuns = report.runs.count > runs.count ? Quantity.grouped(report.runs.count) : nil
    hasTraces = !data.tracedRuns.isEmpty
    hasEvidence = !traces.isEmpty
    blocks = data.blocks
  }

  private static let sections: [(anchor: String, title: String, about: String, contains: @Sendable (Finding) -> Bool)] =
    [
      (
        "places", "Only some places", "Two set values of a factor behave differently.",
        { $0.verdict == .unexplained && $0.isDeciding }
      ),
      (
        "presence", "Set or unset", "Any value of the factor behaves alike; only none differs.",
        { $0.verdict == .unexplained && !$0.isDeciding && $0.channel != .timing }
      ),
      (
        "durations", "Durations", "Something takes longer with some levels. Alone it decides nothing.",
        { $0.verdict == .unexplained && !$0.isDeciding && $0.channel == .timing }
      ),
      ("undecided", "Undecided", "Differences that the evidence does not settle.", { $0.verdict == .inconclusive }),
      ("accepted", "Accepted", "Differences that the baseline accepts; they decide nothing.", { _ in false }),
      ("expected", "Expected", "Differences that the profiles explain.", { $0.verdict == .expected }),
    ]

  private static func facts(_ report: Report) -> [Fact] {
    let complete = report.runs.filter(\.complete).count
    let experiments = report.runs.filter { $0.profile == nil }.count
    let places = Set(
      report.findings.filter { $0.verdict != .expected }.flatMap { finding in
        [finding.channel.rawValue + " " + finding.location]
          + finding.locations.map { $0.channel.rawValue + " " + $0.location }
      })
    return [
      Fact(
        name: "Runs", value: Quantity.grouped(report.runs.count),
        detail: experiments > 0 ? "\(Quantity.grouped(experiments)) of them to find causes" : nil),
      Fact(name: "Profiles", value: Quantity.grouped(report.profiles.count), detail: "against \(report.baseline)"),
      Fact(
        name: "Complete", value: "\(Quantity.grouped(complete)) of \(Quantity.grouped(report.runs.count))",
        detail: complete == report.runs.count ? "nothing was lost" : "see Not seen"),
      Fact(name: "Places that differ", value: Quantity.grouped(places.count), detail: nil),
    ]
  }

  private static func filters(_ findings: [Finding], in report: Report) -> [ToggleGroup] {
    func group(_ name: String, _ label: String, _ values: [[String]], order: [String]) -> ToggleGroup? {
      let counts = values.flatMap { Set($0) }.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
      if counts.count < 2 { return nil }
      let toggles = order.filter { counts[$0] != nil }.map {
        Toggle(group: name, value: $0, count: Quantity.grouped(counts[$0]!))
      }
      return ToggleGroup(name: name, label: label, toggles: toggles)
    }
    let factors = Set(findings.flatMap { $0.causes.flatMap { $0 } }).sorted().map(\.name)
    return [
      group(
        "class", "Class",
        findings.map { finding in
          if report.acceptance(of: finding) != nil { return ["accepted"] }
          return [finding.verdict == .unexplained ? finding.class.rawValue : finding.verdict.rawValue]
        },
        order: Finding.Class.allCases.map(\.rawValue) + ["inconclusive", "accepted", "expected"]),
      group(
        "channel", "Channel", findings.map { [$0.channel.rawValue] + $0.locations.map(\.channel.rawValue) },
        order: Channel.allCases.map(\.rawValue)),
      group("factor", "Factor", findings.map { $0.causes.flatMap { $0.map(\.name) } }, order: factors),
    ].compactMap { $0 }
  }
}
