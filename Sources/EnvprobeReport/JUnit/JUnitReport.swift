import EnvprobeModel

/// A report as JUnit XML: a suite for each profile, and in it a case for each channel.
///
/// A case fails where a finding that decides makes the profile behave unlike the baseline, and is skipped where the
/// evidence does not tell: the finding is inconclusive, or a gap of the profile's runs lies on the channel. Findings
/// that do not decide, or that the baseline accepts, are in the output of their case.
public struct JUnitReport: Sendable {
  private static let listedPlaces = 20
  private static let textLimit = 2000

  private let report: Report

  public init(_ report: Report) { self.report = report }

  private enum Outcome { case failed, skipped, passed }

  private struct Case {
    var channel: Channel
    var outcome: Outcome
    var message = ""
    var details: [String] = []
    var output: [String] = []
  }

  private struct Suite {
    var name: String
    var seconds: Double
    var cases: [Case]

    func count(_ outcome: Outcome) -> Int { cases.filter { $0.outcome == outcome }.count }
  }

  public var text: String {
    let suites = suites
    let total = { (outcome: Outcome) in suites.reduce(0) { $0 + $1.count(outcome) } }
    var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    xml += "<testsuites name=\"\(XMLText.escape("envprobe: " + CommandLine.text(report.subject.argv)))\""
    xml += " tests=\"\(suites.reduce(0) { $0 + $1.cases.count })\" failures=\"\(total(.failed))\" errors=\"0\""
    // The root says nothing of skipped cases: readers that hold to the schema allow that to suites only.
    xml += " time=\"\(Self.time(suites.reduce(0) { $0 + $1.seconds }))\">\n"
    for suite in suites { write(suite, to: &xml) }
    return xml + "</testsuites>\n"
  }

  // MARK: - Cases

  private var suites: [Suite] {
    let numbered = report.numberedFindings.map {
      (number: $0.number, finding: $0.finding, behaviour: Behaviour($0.finding))
    }
    var assigned: Set<Int> = []
    var suites = report.profiles.map { profile in
      let runs = report.runs.filter { $0.profile == profile.name }
      let gaps = runs.flatMap(\.gaps)
      let isUnfinished = runs.contains { !$0.complete && $0.gaps.isEmpty }
      let concerned = numbered.filter { concerns($0.behaviour, profile, runs: runs) }
      assigned.formUnion(concerned.map(\.number))
      let cases = Channel.allCases.map { channel in
        let findings = concerned.filter { $0.finding.channel == channel }.map { ($0.number, $0.finding) }
        let missing = GapSummary.summarize(gaps.filter { $0.kind.channels.contains(channel) })
        return testCase(
          channel, findings: findings, missing: isUnfinished ? missing + ["the record was not finished"] : missing)
      }
      return Suite(name: profile.name, seconds: runs.reduce(0) { $0 + ($1.exit?.wall ?? 0) }, cases: cases)
    }
    // No difference may get lost because no profile shows it, only an assignment that was tried for its cause.
    let rest = numbered.filter { !assigned.contains($0.number) && $0.finding.verdict != .expected }
    if !rest.isEmpty {
      let channels = Set(rest.map(\.finding.channel)).sorted()
      suites.append(
        Suite(
          name: "other assignments", seconds: 0,
          cases: channels.map { channel in
            testCase(
              channel, findings: rest.filter { $0.finding.channel == channel }.map { ($0.number, $0.finding) },
              missing: [])
          }))
    }
    return suites
  }

  /// Whether a profile behaves unlike the baseline, or may do so for all that is known.
  private func concerns(_ behaviour: Behaviour, _ profile: Report.NamedProfile, runs: [Report.Run]) -> Bool {
    guard profile.name != report.baseline else { return false }
    guard let baseline = report.baselineProfile.flatMap({ behaviour.number(of: $0.factors) }),
      let number = behaviour.number(of: profile.factors)
    else { return runs.contains { behaviour.finding.evidence.contains($0.id) } }
    return number != baseline
  }

  private func testCase(_ channel: Channel, findings all: [(Int, Finding)], missing: [String]) -> Case {
    let accepted = all.compactMap { numbered in report.acceptance(of: numbered.1).map { (numbered.1, $0) } }
    let findings = all.filter { report.acceptance(of: $0.1) == nil }
    let deciding = findings.filter { report.decides($0.1) }
    let open = findings.filter { $0.1.verdict == .inconclusive }
    let others = findings.filter { !report.decides($0.1) && $0.1.verdict != .inconclusive }
    var result = Case(channel: channel, outcome: .passed)
    result.output =
      (missing.map { "not seen: \($0)" })
      + accepted.map { "\($0.1.sentence): \(FindingText($0.0).title)" }
      + others.map { "\($0.1.verdict.rawValue), \($0.1.class.rawValue): \(FindingText($0.1).title)" }
    if !deciding.isEmpty {
      result.outcome = .failed
      result.message = deciding.map { FindingText($0.1).title }.joined(separator: "; ")
      result.details = deciding.flatMap { Self.lines($0.1, number: $0.0) }
      result.output += open.map { "inconclusive: \(FindingText($0.1).title)" }
    } else if !open.isEmpty || !missing.isEmpty {
      result.outcome = .skipped
      result.message = "inconclusive: " + (open.map { FindingText($0.1).title } + missing).joined(separator: "; ")
    }
    return result
  }

  private static func lines(_ finding: Finding, number: Int) -> [String] {
    var lines = ["\(number). \(FindingText(finding).title) [\(finding.class.rawValue)] \(finding.id)"]
    lines.append("   \(finding.channel.rawValue)  \(finding.location)")
    for line in DifferenceLine.lines(finding, context: 80, brackets: ("⟦", "⟧")).prefix(3) {
      for (sign, side, names) in [("-", line.before, line.namesBefore), ("+", line.after, line.namesAfter)] {
        lines.append("   \(sign) \(side)" + (names.isEmpty ? "" : "  \(names.joined(separator: ", "))"))
      }
    }
    let behaviour = Behaviour(finding)
    for (index, value) in behaviour.values.enumerated().prefix(8) {
      let levels = behaviour.parts(index).map(FindingText.levels).joined(separator: " | ")
      lines.append(
        "   \(Behaviour.letter(index)): \(levels)" + (finding.differences.isEmpty ? ": \(value ?? "nothing")" : ""))
    }
    let others = finding.locations.filter { $0.channel != finding.channel || $0.location != finding.location }
    lines += others.prefix(listedPlaces).map { "   also \($0.channel.rawValue)  \($0.location)" }
    if others.count > listedPlaces {
      lines.append("   and \(Quantity.count(others.count - listedPlaces, "more place"))")
    }
    lines += finding.reproduce.map { "   $ \(CommandLine.text($0))" }
    return lines.map(cut)
  }

  private static func cut(_ text: String) -> String {
    text.unicodeScalars.count <= textLimit
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(textLimit))) + "…"
  }

  // MARK: - XML

  private func write(_ suite: Suite, to xml: inout String) {
    xml += "  <testsuite name=\"\(XMLText.escape(suite.name))\" tests=\"\(suite.cases.count)\""
    xml += " failures=\"\(suite.count(.failed))\" errors=\"0\" skipped=\"\(suite.count(.skipped))\""
    xml += " time=\"\(Self.time(suite.seconds))\">\n"
    for testCase in suite.cases {
      xml += "    <testcase classname=\"\(XMLText.escape("envprobe." + suite.name))\""
      xml += " name=\"\(testCase.channel.rawValue)\" time=\"0\""
      if testCase.outcome == .passed, testCase.output.isEmpty {
        xml += "/>\n"
        continue
      }
      xml += ">\n"
      switch testCase.outcome {
      case .failed:
        xml += "      <failure type=\"difference\" message=\"\(XMLText.escape(testCase.message))\">"
        xml += XMLText.escape(lines: testCase.details) + "</failure>\n"
      case .skipped: xml += "      <skipped message=\"\(XMLText.escape(testCase.message))\"/>\n"
      case .passed: break
      }
      if !testCase.output.isEmpty {
        xml += "      <system-out>\(XMLText.escape(lines: testCase.output))</system-out>\n"
      }
      xml += "    </testcase>\n"
    }
    xml += "  </testsuite>\n"
  }

  /// Seconds, to the millisecond.
  private static func time(_ seconds: Double) -> String { Quantity.decimal(max(0, seconds), places: 3) }
}

extension Gap.Kind {
  /// The channels of which a gap of this kind may hide something.
  var channels: Set<Channel> {
    switch self {
    case .lostEvents, .unreadableMemory: [.connect, .file, .exec, .env, .syscall]
    case .untrustedGateway: [.http, .tls, .tcp]
    case .unanswered: [.http]
    case .wire: [.http, .dns, .tcp, .udp, .tls]
    case .files: [.file]
    case .environmentReads: [.env]
    case .timeout, .bundle, .profile: Set(Channel.allCases)
    }
  }
}
