import EnvprobeModel
import FoundationEssentials

/// A report as SARIF 2.1.0, for code scanning.
///
/// One run; a result for each finding that is not expected. Levels follow the class: `error` for geographic, `warning`
/// for undetermined, `note` for presence; what is inconclusive is of kind `review` without a level. Within the limits
/// of GitHub code scanning (5,000 results that count, 100 locations of a result that are shown, 10 MB).
public struct SARIFReport: Sendable {
  /// Results beyond these are not taken in by code scanning.
  static let resultLimit = 5000
  static let locationLimit = 100
  static let sizeLimit = 10_000_000
  private static let textLimit = 800
  /// The base of the bundles' addresses: the folder of the report.
  private static let base = "REPORT"

  private let report: Report

  /// Results of findings that a baseline accepts are suppressed.
  public init(_ report: Report) { self.report = report }

  public var text: String {
    var results = Self.resultLimit
    var locations = Self.locationLimit
    while true {
      let text = encode(resultLimit: results, locationLimit: locations)
      if text.utf8.count <= Self.sizeLimit || results == 0 { return text }
      // Fewer places say less than fewer findings would.
      if locations > 1 { locations /= 4 } else { results /= 2 }
    }
  }

  private func encode(resultLimit: Int, locationLimit: Int) -> String {
    let findings = report.numberedFindings.map(\.finding).filter { $0.verdict != .expected }
    let shown = findings.prefix(resultLimit)
    let rules = Set(shown.map { SARIFRule(channel: $0.channel, kind: $0.kind) }).sorted()
    let run = SARIFLog.Run(
      tool: .init(driver: driver(rules)), automationDetails: .init(id: "envprobe/\(subjectName)/"),
      invocations: [invocation],
      originalUriBaseIds: [
        Self.base: .init(description: .init(text: "The folder that holds the report and its bundles."))
      ],
      artifacts: [
        .init(
          location: .init(uri: Self.uri(path: report.subject.executable.path)), roles: ["analysisTarget"],
          hashes: ["sha-256": report.subject.executable.sha256])
      ],
      results: shown.map { result($0, rules: rules, locationLimit: max(1, locationLimit)) },
      properties: .init(
        conclusion: report.conclusion.rawValue, baseline: report.baseline,
        expectedFindings: report.findings.count - findings.count, omittedResults: findings.count - shown.count))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings, whole numbers and truths: nothing here can fail to encode.
    let json = String(decoding: try! encoder.encode(SARIFLog(runs: [run])), as: UTF8.self)
    return DataBlock.escape(json, markup: false) + "\n"
  }

  private func driver(_ rules: [SARIFRule]) -> SARIFLog.Driver {
    let words = report.tool.split(separator: " ").map(String.init)
    let version = words.count > 1 ? words.last : nil
    let isSemantic = version.map { $0.split(separator: ".").count == 3 && $0.first!.isNumber } ?? false
    return .init(
      name: words.first ?? "envprobe", version: version, semanticVersion: isSemantic ? version : nil,
      rules: rules.map(\.value))
  }

  /// The program's name, in characters that an id may have without being taken apart.
  private var subjectName: String {
    let name = report.subject.argv.first?.split(separator: "/").last.map(String.init) ?? "program"
    return String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" }.prefix(64))
  }

  private var invocation: SARIFLog.Invocation {
    let exit: [Report.Conclusion: Int] = [.same: 0, .different: 1, .inconclusive: 2]
    let gaps = report.limits.map(VisibleText.escape) + GapSummary.summarize(report.runs)
    return .init(
      commandLine: CommandLine.text(report.subject.argv), executionSuccessful: report.conclusion != .inconclusive,
      exitCode: exit[report.conclusion]!,
      toolExecutionNotifications: gaps.map {
        .init(level: report.conclusion == .inconclusive ? "error" : "warning", message: .init(text: Self.cut($0)))
      })
  }

  // MARK: - Results

  private func result(_ finding: Finding, rules: [SARIFRule], locationLimit: Int) -> SARIFLog.Result {
    let rule = SARIFRule(channel: finding.channel, kind: finding.kind)
    let main = Finding.Location(
      channel: finding.channel, location: finding.location, kind: finding.kind, before: nil, after: nil)
    let others = finding.locations.filter { $0.channel != finding.channel || $0.location != finding.location }
    let isOpen = finding.verdict == .inconclusive
    return .init(
      ruleId: rule.id, ruleIndex: rules.firstIndex(of: rule)!, kind: isOpen ? "review" : "fail",
      level: isOpen ? "none" : Self.level(finding.class), message: .init(text: message(finding)),
      locations: ([main] + others).prefix(locationLimit).map { location($0, of: finding) },
      partialFingerprints: [
        "envprobeFinding/v1": finding.id,
        "primaryLocationLineHash": "\(finding.id):1",
      ],
      suppressions: report.acceptance(of: finding).map { [.init(justification: Self.cut($0.sentence))] },
      properties: .init(
        findingClass: finding.class.rawValue, verdict: finding.verdict.rawValue,
        causes: finding.causes.map { $0.map(\.name) }, places: max(1, finding.locations.count),
        evidence: Array(finding.evidence.prefix(20)), reproduce: finding.reproduce.map(CommandLine.text)))
  }

  private static func level(_ findingClass: Finding.Class) -> String {
    switch findingClass {
    case .geographic: "error"
    case .undetermined: "warning"
    case .presence: "note"
    }
  }

  /// A sentence for the list, then both sides.
  private func message(_ finding: Finding) -> String {
    let title = FindingText(finding).title
    var lines = [title.prefix(1).uppercased() + title.dropFirst() + "."]
    for line in DifferenceLine.lines(finding, context: 80, brackets: ("⟦", "⟧")).prefix(2) {
      lines.append("Before: \(line.before)" + Self.names(line.namesBefore))
      lines.append("After: \(line.after)" + Self.names(line.namesAfter))
    }
    for (number, value) in Behaviour(finding).values.enumerated().prefix(6) {
      let levels = Behaviour(finding).parts(number).map(FindingText.levels).joined(separator: " | ")
      let seen = finding.differences.isEmpty ? ": " + (value.map(VisibleText.escape) ?? "nothing") : ""
      lines.append("\(Behaviour.letter(number)) with \(levels)\(seen)")
    }
    if let note = finding.note { lines.append(VisibleText.escape(note)) }
    return lines.map(Self.cut).joined(separator: "\n")
  }

  private static func names(_ names: [String]) -> String {
    names.isEmpty ? "" : " (\(names.prefix(4).joined(separator: ", ")))"
  }

  private static func cut(_ text: String) -> String {
    text.unicodeScalars.count <= textLimit
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(textLimit - 1))) + "…"
  }

  /// Code scanning wants a file; it is the record of a run that shows the finding.
  private func location(_ place: Finding.Location, of finding: Finding) -> SARIFLog.Location {
    let run = report.runs.first { finding.evidence.contains($0.id) } ?? report.runs.first
    let bundle = run.map { $0.bundle.hasSuffix("/") ? String($0.bundle.dropLast()) : $0.bundle }
    let file = Self.encode(path: (bundle.map { $0 + "/" } ?? "") + "events.ndjson")
    let name = Self.cut(VisibleText.escape(place.location))
    return .init(
      physicalLocation: .init(
        artifactLocation: .init(uri: file, uriBaseId: Self.base), region: .init(startLine: 1)),
      logicalLocations: [
        .init(
          name: name, fullyQualifiedName: "\(place.channel.rawValue):\(name)",
          kind: place.channel == .http ? "property" : "resource")
      ])
  }

  private static func uri(path: String) -> String { (path.hasPrefix("/") ? "file://" : "") + encode(path: path) }

  /// RFC 3986, section 2: what is not unreserved is percent-encoded.
  private static func encode(path: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        result.append(byte)
      case _ where "-._~/".utf8.contains(byte): result.append(byte)
      default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
