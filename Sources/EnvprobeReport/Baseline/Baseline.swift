import EnvprobeModel
import FoundationEssentials

/// Findings that somebody has looked at and accepted: `.envprobe/baseline.json`, schema `envprobe.baseline/1`.
public struct Baseline: Hashable, Sendable, Codable {
  public static let currentSchema = "envprobe.baseline/1"

  public struct Entry: Hashable, Sendable, Codable {
    public var fingerprint: String
    /// The finding in words, for people who read the file.
    public var title: String
    /// Channel and location, likewise.
    public var place: String
    public var reason: String
    public var author: String
    /// The day on which it was accepted, `2026-11-21`.
    public var accepted: String
    /// The last day on which it holds; `nil` for always.
    public var expires: String?

    public init(
      _ finding: Finding, reason: String, author: String, accepted: String, expires: String?
    ) {
      fingerprint = FindingFingerprint.of(finding)
      title = FindingText(finding).title
      place = FindingText(finding).place
      self.reason = reason
      self.author = author
      self.accepted = accepted
      self.expires = expires
    }
  }

  public var schema: String = Self.currentSchema
  public var entries: [Entry]

  public init(entries: [Entry] = []) { self.entries = entries }

  /// Reads a file's text. Throws a sentence that says what is wrong with it.
  public init(_ text: String) throws(BaselineError) {
    do { self = try JSONDecoder().decode(Baseline.self, from: Data(text.utf8)) } catch {
      throw BaselineError("it is no baseline: \(Self.words(error))")
    }
    guard schema == Self.currentSchema else {
      throw BaselineError("its schema is '\(schema)'; this envprobe reads \(Self.currentSchema)")
    }
    for entry in entries {
      if entry.reason.allSatisfy(\.isWhitespace) { throw BaselineError("the entry \(entry.fingerprint) has no reason") }
      for day in [entry.accepted, entry.expires].compactMap({ $0 }) where !CalendarDay.isDay(day) {
        throw BaselineError("the entry \(entry.fingerprint) has '\(day)' for a day; days are such as 2027-01-31")
      }
    }
  }

  private static func words(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      "\((context.codingPath.map(\.stringValue) + [key.stringValue]).joined(separator: ".")) is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is not what it should be"
    default: "it is not JSON"
    }
  }

  /// As a file: keys and entries in a stable order, so that a change of one entry is a change of its lines only.
  public var text: String {
    var sorted = self
    sorted.entries.sort { ($0.place, $0.title, $0.fingerprint) < ($1.place, $1.title, $1.fingerprint) }
    return try! StableJSON.encode(sorted)  // texts encode
  }

  /// Adds an entry, in place of one for the same finding.
  public mutating func accept(_ entry: Entry) {
    entries.removeAll { $0.fingerprint == entry.fingerprint }
    entries.append(entry)
  }

  // MARK: - Matching

  /// A report with what this baseline accepts of it.
  ///
  /// Accepted findings stay in the report and decide nothing. An entry whose day has passed accepts nothing.
  ///
  /// - Parameters:
  ///   - source: what the baseline is called.
  ///   - today: such as `2026-11-21`.
  public func applied(to report: Report, source: String, today: String) -> Report {
    var acceptance = Acceptance(source: source, findings: [], stale: [])
    var used: Set<String> = []
    let valid = entries.filter { $0.expires.map { $0 >= today } ?? true }
    for finding in report.findings where finding.verdict != .expected {
      let fingerprint = FindingFingerprint.of(finding)
      guard let entry = valid.first(where: { $0.fingerprint == fingerprint }) else { continue }
      used.insert(fingerprint)
      acceptance.findings.append(
        .init(
          finding: finding.id, fingerprint: fingerprint, reason: entry.reason, author: entry.author,
          expires: entry.expires))
    }
    for entry in entries {
      let isValid = valid.contains(entry)
      if isValid, used.contains(entry.fingerprint) { continue }
      acceptance.stale.append(
        .init(
          cause: isValid ? .unused : .expired, fingerprint: entry.fingerprint, title: entry.title,
          expires: entry.expires))
    }
    var result = report
    result.acceptance = acceptance
    result.conclusion = Self.conclusion(of: result)
    return result
  }

  /// What the report comes to without the findings that are accepted. Evidence with gaps stays evidence with gaps.
  private static func conclusion(of report: Report) -> Report.Conclusion {
    guard report.acceptance?.findings.isEmpty == false else { return report.conclusion }
    let known = report.findings.contains(where: \.isDeciding)
    // A report that does not say whether presence decides: it does where nothing else could have made it what it is.
    let deciding = report.deciding ?? (report.conclusion == .different && !known ? .any : .geographic)
    let open = report.openFindings.filter(deciding.counts)
    if open.contains(where: { $0.verdict == .unexplained }) { return .different }
    if open.contains(where: { $0.verdict == .inconclusive }) { return .inconclusive }
    return report.runs.allSatisfy { $0.complete && $0.gaps.isEmpty } && !report.runs.isEmpty ? .same : .inconclusive
  }
}

/// Why a baseline cannot be used.
public struct BaselineError: Error, Hashable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}

/// Days of the calendar as texts, which sort as they follow each other.
public enum CalendarDay {
  /// Whether a text is a day, such as `2027-01-31`.
  public static func isDay(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2], parts.allSatisfy({ $0.allSatisfy { ("0"..."9").contains($0) } }),
      let month = Int(parts[1]), let day = Int(parts[2]), let year = Int(parts[0])
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...12).contains(month) && (1...days[month - 1]).contains(day)
  }
}

extension Report {
  /// What a baseline says of a finding, `nil` where it does not accept it.
  func acceptance(of finding: Finding) -> Acceptance.Accepted? {
    acceptance?.findings.first { $0.finding == finding.id && $0.fingerprint == FindingFingerprint.of(finding) }
  }

  /// The findings that no baseline accepts.
  var openFindings: [Finding] {
    acceptance == nil ? findings : findings.filter { acceptance(of: $0) == nil }
  }

  /// The findings that are accepted, with their numbers.
  var acceptedFindings: [(number: Int, finding: Finding, acceptance: Acceptance.Accepted)] {
    if acceptance?.findings.isEmpty ?? true { return [] }
    return numberedFindings.compactMap { numbered in
      acceptance(of: numbered.finding).map { (numbered.number, numbered.finding, $0) }
    }
  }
}

extension Acceptance.Accepted {
  /// `accepted by ann until 2027-01-31: the vendor knows`
  var sentence: String {
    "accepted by \(VisibleText.escape(author))\(expires.map { " until \($0)" } ?? ""): \(VisibleText.escape(reason))"
  }
}

extension Acceptance.Stale {
  /// `the entry 0a1b… has expired on 2026-01-31: apostrophe in …`
  public var sentence: String {
    let what =
      switch cause {
      case .expired: "has expired on \(expires ?? "?"), and what it accepted counts again"
      case .unused: "accepts nothing that was found"
      }
    return "the entry \(VisibleText.escape(fingerprint)) \(what): \(VisibleText.escape(title))"
  }
}
