import EnvprobeModel

/// A report as a comment on a pull request: the verdict, a table of the findings, each finding with its difference, its
/// cause and the commands; cut between findings to fit, with a pointer to the whole.
public struct MarkdownReport: Sendable {
  /// What GitHub takes for a comment. It counts characters; bytes are never fewer.
  public static let sizeLimit = 65_536

  private let report: Report
  private let pointer: String
  private let sizeLimit: Int

  /// `pointer` is where the whole report is, for the reader whom the cut leaves without: a path or an address.
  public init(_ report: Report, pointer: String = "report.html", sizeLimit: Int = Self.sizeLimit) {
    self.report = report
    self.pointer = pointer
    self.sizeLimit = sizeLimit
  }

  /// By which a later comment finds an earlier one.
  private static let marker = "<!-- envprobe report -->"
  private static let excerpt = 300

  public var text: String {
    let findings = report.numberedFindings.filter {
      $0.finding.verdict != .expected && report.acceptance(of: $0.finding) == nil
    }
    let parts = findings.map(section)
    let end = [accepted, limits, footer].filter { !$0.isEmpty }.joined(separator: "\n\n")
    // The longest beginning that fits: whole findings only, since half a code block would swallow the rest.
    var low = 0
    var high = findings.count
    while low < high {
      let middle = (low + high + 1) / 2
      if assemble(findings, parts, shown: middle, end: end).utf8.count <= sizeLimit {
        low = middle
      } else {
        high = middle - 1
      }
    }
    let text = assemble(findings, parts, shown: low, end: end)
    if text.utf8.count <= sizeLimit { return text }
    return assemble([], [], shown: 0, end: cutNote(findings.count), isShort: true)
  }

  private func assemble(
    _ findings: [(number: Int, finding: Finding)], _ parts: [String], shown: Int, end: String, isShort: Bool = false
  ) -> String {
    var blocks = [head(isShort: isShort)]
    if shown > 0 { blocks.append(table(findings.prefix(shown))) }
    blocks += parts.prefix(shown)
    if shown < findings.count { blocks.append(cutNote(findings.count - shown)) }
    blocks.append(end)
    return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private func cutNote(_ number: Int) -> String {
    number == 0
      ? "The whole report: \(MarkdownText.code(pointer))."
      : "**\(Quantity.count(number, "more finding")) did not fit here.** The whole report: \(MarkdownText.code(pointer))."
  }

  // MARK: - Parts

  private func head(isShort: Bool) -> String {
    let verdict = VerdictText(report)
    var text = "\(Self.marker)\n## envprobe: \(verdict.word.lowercased())\n\n\(MarkdownText.plain(verdict.sentence))."
    if isShort { return text }
    let runs = Quantity.count(report.runs.count, "run")
    let profiles = Quantity.count(report.profiles.count, "profile")
    text += "\n\n\(MarkdownText.code(Self.cut(CommandLine.text(report.subject.argv), 200))), SHA-256 "
    text += "\(MarkdownText.code(String(report.subject.executable.sha256.prefix(16)))), \(runs) under \(profiles), "
    text += "compared with \(MarkdownText.code(Self.cut(report.baseline, 80)))."
    return text
  }

  private func table(_ findings: ArraySlice<(number: Int, finding: Finding)>) -> String {
    var rows = ["| # | Finding | Class | Cause | Places |", "| --: | --- | --- | --- | --: |"]
    for (number, finding) in findings {
      let causes = finding.causes.map {
        $0.map { MarkdownText.code($0.name, inTable: true) }.joined(separator: " and ")
      }
      let kind = finding.verdict == .inconclusive ? "inconclusive" : finding.class.rawValue
      rows.append(
        "| \(number) | \(MarkdownText.plain(FindingText(finding).title, inTable: true)) | \(kind) "
          + "| \(causes.isEmpty ? "not found" : causes.joined(separator: ", or ")) "
          + "| \(Quantity.grouped(max(1, finding.locations.count))) |")
    }
    return rows.joined(separator: "\n")
  }

  private func section(_ numbered: (number: Int, finding: Finding)) -> String {
    let finding = numbered.finding
    var blocks = ["### \(numbered.number). \(MarkdownText.plain(FindingText(finding).title))"]
    blocks.append("\(finding.channel.rawValue) \(MarkdownText.code(Self.cut(finding.location)))")
    let behaviour = Behaviour(finding)
    blocks.append(difference(finding, behaviour))
    blocks.append(
      behaviour.values.indices.prefix(8).map { number in
        let levels = behaviour.parts(number).prefix(6).map { MarkdownText.code(Self.cut(FindingText.levels($0))) }
        return "- **\(Behaviour.letter(number))** \(levels.joined(separator: "; "))"
      }.joined(separator: "\n"))
    if let predicate = finding.predicate { blocks.append(MarkdownText.plain(Self.cut(predicate))) }
    if let note = finding.note { blocks.append(MarkdownText.plain(Self.cut(note))) }
    if finding.locations.count > 1 { blocks.append(places(finding)) }
    if !finding.reproduce.isEmpty {
      blocks.append(MarkdownText.block(finding.reproduce.map(CommandLine.text), language: "sh"))
    }
    return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private func difference(_ finding: Finding, _ behaviour: Behaviour) -> String {
    if finding.differences.isEmpty {
      let lines = behaviour.values.prefix(4).enumerated().map { number, value in
        "\(Behaviour.letter(number)): \(value.map { Self.cut($0) } ?? "(nothing)")"
      }
      return lines.isEmpty ? "" : MarkdownText.block(lines, language: "text")
    }
    let lines = DifferenceLine.lines(finding, context: 80).prefix(3)
    var names: [String] = []
    for line in lines where !(line.namesBefore + line.namesAfter).isEmpty {
      let sides = [line.namesBefore, line.namesAfter].map { $0.prefix(4).map { MarkdownText.code($0) } }
      let text = sides.map { $0.joined(separator: " ") }.joined(separator: " → ")
      if !names.contains(text) { names.append(text) }
    }
    let block = MarkdownText.block(lines.flatMap { ["- \($0.before)", "+ \($0.after)"] }, language: "diff")
    return ([block] + names).joined(separator: "\n\n")
  }

  private func places(_ finding: Finding) -> String {
    let shown = finding.locations.prefix(8).map {
      "- \($0.channel.rawValue) \(MarkdownText.code(Self.cut($0.location)))"
    }
    let rest = finding.locations.count - shown.count
    let more = rest > 0 ? ["- and \(Quantity.count(rest, "more place"))"] : []
    let summary = "<summary>\(Quantity.count(finding.locations.count, "place"))</summary>"
    return "<details>\(summary)\n\n\((shown + more).joined(separator: "\n"))\n\n</details>"
  }

  /// What the baseline says: a line for each finding that it accepts, and for each entry that does nothing.
  private var accepted: String {
    let lines =
      report.acceptedFindings.map { "\($0.number). \(FindingText($0.finding).title), \($0.acceptance.sentence)" }
      + (report.acceptance?.stale ?? []).map(\.sentence)
    if lines.isEmpty { return "" }
    let shown = lines.prefix(20).map { "- \(MarkdownText.plain(Self.cut($0)))" }
    let more = lines.count > 20 ? ["- and \(Quantity.grouped(lines.count - 20)) more"] : []
    return "### Accepted\n\n" + (shown + more).joined(separator: "\n")
  }

  private var limits: String {
    let sentences = report.limits + GapSummary.summarize(report.runs)
    if sentences.isEmpty { return "" }
    let shown = sentences.prefix(10).map { "- \(MarkdownText.plain(Self.cut($0)))" }
    let more = sentences.count > 10 ? ["- and \(Quantity.count(sentences.count - 10, "more gap"))"] : []
    return "### Not seen\n\n" + (shown + more).joined(separator: "\n")
  }

  private var footer: String {
    let expected = report.findings.filter { $0.verdict == .expected }.count
    let aside = expected > 0 ? " \(Quantity.count(expected, "difference")) that the profiles explain not shown." : ""
    return "\(MarkdownText.plain(report.tool)).\(aside) \(cutNote(0))"
  }

  private static func cut(_ text: String, _ limit: Int = Self.excerpt) -> String {
    text.unicodeScalars.count <= limit
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit - 1))) + "…"
  }
}
