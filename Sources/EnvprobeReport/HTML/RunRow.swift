import EnvprobeModel

/// A run in the table of runs.
struct RunRow: Encodable {
  var id: String
  var anchor: String
  /// The profile, or the levels of an assignment that no profile has.
  var under: String
  var isExperiment: Bool
  var repetition: Int
  var end: String
  var wall: String
  var isComplete: Bool
  var gaps: String
  var bundle: String

  init(_ run: Report.Run, in report: Report) {
    id = run.id
    anchor = Anchor.run(run.id)
    under = run.profile ?? run.assignment.map { Self.levels($0, against: report.baselineProfile) } ?? "unknown"
    isExperiment = run.profile == nil
    repetition = run.repetition
    end = Self.end(run.exit)
    wall = run.exit.map { Quantity.seconds($0.wall) } ?? ""
    isComplete = run.complete
    gaps = GapSummary.summarize(run.gaps).joined(separator: "; ")
    bundle = run.bundle
  }

  /// `us with endpoint https://gw.example.com`
  private static func levels(_ assignment: Assignment, against baseline: Report.NamedProfile?) -> String {
    let factors = baseline.map { assignment.differingFactors(from: $0.factors) } ?? assignment.factors
    let levels = factors.map { "\($0) \(assignment[$0]?.description ?? "unset")" }.joined(separator: ", ")
    guard let baseline else { return levels }
    return levels.isEmpty ? baseline.name : "\(baseline.name) with \(levels)"
  }

  private static func end(_ exit: Exit?) -> String {
    guard let exit else { return "no end recorded" }
    if exit.timedOut { return "stopped after its time" }
    if let signal = exit.signal { return "signal \(signal)" }
    return exit.status.map { "exit \($0)" } ?? "unknown"
  }
}
