import EnvprobeModel

/// A report for a person at a terminal: the verdict first, then what it rests on, then what could not be seen.
public struct TextReport: Sendable {
  private let report: Report
  private let options: TextOptions

  public init(_ report: Report, options: TextOptions = TextOptions()) {
    self.report = report
    self.options = options
  }

  public var text: String {
    var page = TextPage(options)
    writeVerdict(on: &page)
    if options.verbosity == .quiet {
      for (number, finding) in numbered(.unexplained) {
        page.paragraph(FindingText(finding).title, first: StyledText("\(number)  ", .strong), indent: 3)
      }
      return page.text
    }
    writeSubject(on: &page)
    writeFindings(on: &page)
    writeAccepted(on: &page)
    writeExpected(on: &page)
    writeLimits(on: &page)
    if options.verbosity == .verbose { writeProfiles(on: &page) }
    return page.text
  }

  // MARK: - Verdict

  private func findings(_ verdict: Finding.Verdict, _ classes: Finding.Class...) -> [Finding] {
    report.openFindings.filter { $0.verdict == verdict && (classes.isEmpty || classes.contains($0.class)) }
  }

  /// The findings of a verdict that no baseline accepts, in the order and with the numbers of every form of the report.
  private func numbered(_ verdict: Finding.Verdict) -> [(number: Int, finding: Finding)] {
    report.numberedFindings.filter { $0.finding.verdict == verdict && report.acceptance(of: $0.finding) == nil }
  }

  private func writeVerdict(on page: inout TextPage) {
    let placed = findings(.unexplained, .geographic, .undetermined)
    let deciding = placed.filter(report.decides).count
    let timed = placed.count - deciding
    let presence = findings(.unexplained, .presence)
    let accepted = report.acceptedFindings.count
    let asides = [
      presence.isEmpty ? nil : "\(presence.count) more between \(Self.presenceText(presence))",
      timed == 0 ? nil : "\(timed) in how long something takes",
      accepted == 0 ? nil : "\(accepted) accepted by the baseline",
    ].compactMap { $0 }
    let aside = asides.isEmpty ? nil : asides.joined(separator: "; ")
    switch report.conclusion {
    case .different where deciding > 0:
      let sentence =
        "\(Quantity.count(deciding, "difference")) that only some places see" + (aside.map { " (\($0))" } ?? "")
      page.paragraph(sentence, first: StyledText("DIFFERENT", .bad) + "  ", style: .strong)
    case .different:
      let sentence =
        "\(Quantity.count(presence.count, "difference")) between \(Self.presenceText(presence))"
        + (accepted == 0 ? "" : " (\(accepted) accepted by the baseline)")
      page.paragraph(sentence, first: StyledText("DIFFERENT", .bad) + "  ", style: .strong)
    case .same:
      let sentence =
        "no difference between places that the profiles do not explain" + (aside.map { " (\($0))" } ?? "")
      page.paragraph(sentence, first: StyledText("SAME", .good) + "  ", style: .strong)
    case .inconclusive:
      let incomplete = report.runs.filter { !$0.complete }.count
      let reason =
        incomplete > 0
        ? "\(incomplete) of \(Quantity.count(report.runs.count, "run")) left gaps in the evidence"
        : "the evidence does not decide"
      let open = findings(.inconclusive).count
      let seen =
        deciding > 0
        ? "\(Quantity.count(deciding, "difference")) in what was seen"
        : open > 0
          ? Quantity.count(open, "difference is undecided", plural: "differences are undecided")
          : "no difference in what was seen"
      page.paragraph("\(reason); \(seen)", first: StyledText("INCONCLUSIVE", .caution) + "  ", style: .strong)
    }
  }

  /// `a set and an unset endpoint`
  private static func presenceText(_ findings: [Finding]) -> String {
    let factors = Set(findings.flatMap { $0.causes.flatMap { $0 } }).sorted().map { VisibleText.escape($0.name) }
    return factors.isEmpty ? "set and unset values" : "a set and an unset \(Quantity.list(factors, "or"))"
  }

  // MARK: - What was compared

  private func writeSubject(on page: inout TextPage) {
    page.gap()
    let executable = report.subject.executable
    page.command(report.subject.argv, label: "program", indent: 2, labelWidth: 10)
    page.field(
      "", "\(VisibleText.escape(executable.path)), SHA-256 \(executable.sha256.prefix(16))…", indent: 2, labelWidth: 10,
      style: .faint)
    for (index, version) in (report.versions ?? []).enumerated() {
      page.field(
        index == 0 ? "versions" : "",
        VisibleText.escape("\(version.name): \(version.conclusion.rawValue), \(version.subject.executable.path)"),
        indent: 2, labelWidth: 10)
    }
    let made = Set(report.design?.assignments.map(\.factors) ?? [])
    let compared = report.runs.filter { $0.profile != nil || $0.assignment.map(made.contains) == true }.count
    let experiments = report.runs.count - compared
    var others = report.profiles.map(\.name).filter { $0 != report.baseline }.map(VisibleText.escape)
    if let design = report.design, !made.isEmpty {
      others.append("\(Quantity.count(made.count, "assignment")) of the design '\(VisibleText.escape(design.kind))'")
    }
    var text =
      "\(VisibleText.escape(report.baseline)) with \(Quantity.list(others)): \(Quantity.count(compared, "run"))"
    if experiments > 0 {
      text += ", and \(Quantity.count(experiments, "more run", plural: "more runs")) to find causes"
    }
    page.field("compared", text, indent: 2, labelWidth: 10)
  }

  private func writeProfiles(on page: inout TextPage) {
    guard let baseline = report.profiles.first(where: { $0.name == report.baseline }) else { return }
    page.heading("PROFILES", "what each changes against \(baseline.name)")
    let width = report.profiles.map(\.name.count).max()! + 2
    for profile in report.profiles {
      let isBaseline = profile.name == baseline.name
      let factors = isBaseline ? profile.factors.factors : profile.factors.differingFactors(from: baseline.factors)
      let levels = factors.map { "\($0.name) \(profile.factors[$0]?.description ?? FindingText.unset)" }
      page.field(
        VisibleText.escape(profile.name), VisibleText.escape(levels.joined(separator: " · ")), indent: 2,
        labelWidth: width)
    }
  }

  // MARK: - Findings

  private static let sections: [(classes: Set<Finding.Class>, title: String, note: String)] = [
    ([.geographic, .undetermined], "ONLY SOME PLACES", "two set values of a factor behave differently"),
    ([.presence], "SET OR UNSET", "any value of the factor behaves alike, only none differs"),
  ]

  private func writeFindings(on page: inout TextPage) {
    let unexplained = numbered(.unexplained)
    for section in Self.sections {
      let members = unexplained.filter { section.classes.contains($0.finding.class) }
      if members.isEmpty { continue }
      page.heading(section.title, section.note)
      for (number, finding) in members {
        page.gap()
        FindingText(finding).write(number: number, on: &page)
      }
    }
    let open = numbered(.inconclusive)
    if open.isEmpty { return }
    page.heading("UNDECIDED", "differences that the evidence does not settle")
    for (number, finding) in open {
      page.gap()
      FindingText(finding).write(number: number, on: &page)
    }
  }

  /// What the baseline accepts is listed, not shown in full: it was looked at.
  private func writeAccepted(on page: inout TextPage) {
    guard let acceptance = report.acceptance else { return }
    let accepted = report.acceptedFindings
    if accepted.isEmpty, acceptance.stale.isEmpty { return }
    page.heading("ACCEPTED", "what \(VisibleText.escape(acceptance.source)) says of known differences")
    for (number, finding, acceptance) in accepted {
      page.paragraph(FindingText(finding).title, first: StyledText("\(number)  ", .strong), indent: 4)
      page.paragraph(acceptance.sentence, first: "    ", style: .faint)
    }
    for stale in acceptance.stale { page.paragraph(stale.sentence, first: "  - ") }
  }

  private func writeExpected(on page: inout TextPage) {
    let expected = findings(.expected)
    if expected.isEmpty { return }
    page.heading("EXPECTED", "\(Quantity.count(expected.count, "difference")) that the profiles explain")
    guard options.verbosity == .verbose else {
      let factors = Set(expected.flatMap { $0.causes.flatMap { $0 } }).sorted().map { VisibleText.escape($0.name) }
      let following = factors.isEmpty ? "" : " of \(Quantity.list(factors))"
      page.paragraph(
        "values\(following) that come back in what the program sends or writes; --verbose lists them", first: "  ")
      return
    }
    for finding in expected {
      page.paragraph(FindingText(finding).title, first: "  ", indent: 4)
      page.paragraph(FindingText(finding).place, first: "    ", style: .faint)
      if let note = finding.note { page.paragraph(VisibleText.escape(note), first: "    ", style: .faint) }
    }
  }

  // MARK: - What could not be seen

  private func writeLimits(on page: inout TextPage) {
    // The limits say of each kind of gap what it means; the single gaps are for those who look closer.
    let gaps =
      report.limits.isEmpty || options.verbosity == .verbose ? GapSummary.summarize(report.runs) : []
    let ends = Dictionary(grouping: report.runs, by: { Self.end($0.exit) })
    if report.limits.isEmpty, gaps.isEmpty, ends.keys.allSatisfy({ $0 == nil }) { return }
    page.heading("NOT SEEN")
    for limit in report.limits { page.paragraph(VisibleText.escape(limit), first: "  - ") }
    for gap in gaps { page.paragraph(gap, first: "  - ") }
    for case (let end?, let runs) in ends.sorted(by: { ($0.key ?? "") < ($1.key ?? "") }) {
      let ids = Quantity.list(FindingText.cut(runs.map(\.id), to: options.verbosity == .verbose ? .max : 4))
      page.paragraph("\(Quantity.count(runs.count, "run")) \(end): \(VisibleText.escape(ids))", first: "  - ")
    }
  }

  /// How a run ended, where it did not end of itself.
  private static func end(_ exit: Exit?) -> String? {
    guard let exit else { return "did not end while it was recorded" }
    if exit.timedOut { return "took longer than allowed and was stopped" }
    return exit.signal.map { "ended by signal \($0)" }
  }
}
