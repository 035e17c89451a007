import EnvprobeModel

/// The reports of several versions of one program as one: every finding once, with the versions that show it.
///
/// A finding is the same where its place, its kind and its causes are: that is what its id is made of.
public struct VersionedReport: Sendable {
  public struct Version: Sendable {
    public var name: String
    public var report: Report

    public init(name: String, report: Report) {
      self.name = name
      self.report = report
    }
  }

  /// The versions that were run, in their order; never empty.
  private let versions: [Version]
  /// The names of all versions, in their order.
  private let all: [String]

  public init(_ versions: [Version], all: [String]) {
    self.versions = versions
    self.all = all
  }

  public var report: Report {
    var joined = versions.last!.report
    joined.runs = versions.flatMap { version in version.report.runs.map { Self.run($0, of: version.name) } }
    joined.findings = findings
    joined.limits = versions.flatMap { version in version.report.limits.map { "\(version.name): \($0)" } } + skipped
    joined.conclusion =
      versions.contains { $0.report.conclusion == .different }
      ? .different : versions.contains { $0.report.conclusion == .inconclusive } ? .inconclusive : .same
    joined.versions = versions.map {
      .init(
        name: $0.name, subject: $0.report.subject, conclusion: $0.report.conclusion, report: "\($0.name)/report.json")
    }
    return joined
  }

  /// Each as the newest version that has it shows it.
  private var findings: [Finding] {
    var seen: Set<String> = []
    let ids = versions.reversed().flatMap { $0.report.findings.map(\.id) }.filter { seen.insert($0).inserted }
    return ids.map { id in
      let having = versions.filter { $0.report.findings.contains { $0.id == id } }
      var finding = having.last!.report.findings.first { $0.id == id }!
      finding.versions = having.map(\.name)
      finding.evidence = having.flatMap { version in
        version.report.findings.first { $0.id == id }!.evidence.map { "\(version.name)/\($0)" }
      }
      let change = change(of: having.map(\.name))
      finding.note = [change, finding.note].compactMap { $0 }.joined(separator: "; ")
      if finding.note?.isEmpty == true { finding.note = nil }
      return finding
    }
  }

  /// `not in 1.0, appears in 1.1`; `nil` where all have it.
  private func change(of having: [String]) -> String? {
    let names = versions.map(\.name)
    guard having.count < names.count else { return nil }
    var clauses: [String] = []
    for (before, after) in zip(names, names.dropFirst()) where having.contains(before) != having.contains(after) {
      let gap = (all.firstIndex(of: after) ?? 0) - (all.firstIndex(of: before) ?? 0) > 1
      clauses.append(
        having.contains(after)
          ? "appears \(gap ? "between \(before) and \(after)" : "in \(after), not in \(before)")"
          : "disappears \(gap ? "between \(before) and \(after)" : "in \(after), last in \(before)")")
    }
    return clauses.joined(separator: "; ")
  }

  private var skipped: [String] {
    let missing = all.filter { name in !versions.contains { $0.name == name } }
    return missing.isEmpty
      ? [] : ["Not run, because the boundary was found without: \(missing.joined(separator: ", "))."]
  }

  private static func run(_ run: Report.Run, of version: String) -> Report.Run {
    var result = run
    result.id = "\(version)/\(run.id)"
    result.bundle = "\(version)/\(run.bundle)"
    return result
  }
}
