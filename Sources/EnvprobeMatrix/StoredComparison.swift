import EnvprobeCompare
import EnvprobeModel

/// The comparison of runs that are there already: no experiments can be made.
public struct StoredComparison {
  private let traces: [Trace]
  private let folders: [String]
  private let tool: String
  private let deciding: Report.Deciding

  /// - Parameters:
  ///   - traces: the runs; those of the first one's assignment are the baseline.
  ///   - folders: where each lies, for the report.
  /// - Throws: where the runs are not of one command.
  public init(_ traces: [Trace], folders: [String], tool: String, deciding: Report.Deciding) throws(MatrixError) {
    let first = traces[0].manifest.subject
    for (trace, folder) in zip(traces, folders) where trace.manifest.subject.argv != first.argv {
      throw MatrixError(
        .plan, subject: folder,
        reason: "it ran '\(ShellWord.join(trace.manifest.subject.argv))', not '\(ShellWord.join(first.argv))'",
        hint: "compare runs of one command")
    }
    self.traces = traces
    self.folders = folders
    self.tool = tool
    self.deciding = deciding
  }

  public func report() throws(MatrixError) -> Report {
    // Folders may have the same last name: the report's ids are the folders as they were named.
    let named = zip(traces, folders).map { trace, folder in
      var trace = trace
      trace.id = folder
      return trace
    }
    let runs = concurrentMap(named) { RunObservations(trace: $0) }
    let arms = Arm.arms(of: runs)
    let comparison = Comparison(arms)
    let design = try Design(
      profiles: arms.enumerated().map { Design.Arm(name: name(of: $1, index: $0), assignment: $1.assignment) })
    var study = CauseStudy(
      design: design, comparison: comparison, command: traces[0].manifest.subject.argv,
      clock: sharedClock, limits: AttributionLimits(screen: 1, confirm: 1))
    let unconfirmed = study.useOnlyWhatIsThere(confirmation: AttributionLimits().confirm)
    let findings = study.findings()
    var limits = Findings.limits(of: runs)
    var conclusion = Findings.conclusion(findings, runs: runs, deciding: deciding)
    limits += comparison.remarks + Findings.unseenReads(in: runs)
    if unconfirmed > 0 {
      limits.append(
        "\(unconfirmed) difference\(unconfirmed == 1 ? "" : "s") in telemetry, order, counts or connections were left "
          + "out: fewer than \(AttributionLimits().confirm) runs on a side cannot tell them from chance.")
    }
    if !comparison.knowsNoise {
      limits.append("No assignment was run twice, so that chance and difference cannot be told apart.")
      if conclusion == .same { conclusion = .inconclusive }
    }
    return Report(
      tool: tool, subject: traces[0].manifest.subject, baseline: design.baseline.name,
      profiles: design.arms.map { .init(name: $0.name, factors: $0.assignment) },
      runs: named.map { trace in
        let profile = design.name(of: trace.manifest.assignment)
        return Report.Run(
          id: trace.id, profile: profile, assignment: profile == nil ? trace.manifest.assignment : nil,
          repetition: trace.manifest.repetition, exit: trace.manifest.exit, complete: trace.manifest.complete,
          gaps: trace.manifest.gaps, bundle: trace.id)
      }, findings: findings, conclusion: conclusion,
      deciding: deciding, limits: limits)
  }

  /// The instant at which all of the runs began; `nil` where they did not, or had the real time.
  private var sharedClock: String? {
    let clocks = Set(traces.map(\.manifest.clock))
    return clocks.count == 1 ? clocks.first! : nil
  }

  private func name(of arm: Arm, index: Int) -> String {
    let manifest = traces.first { $0.manifest.assignment == arm.assignment }?.manifest
    let profile = manifest?.profile
    let isTaken = traces.contains { $0.manifest.profile == profile && $0.manifest.assignment != arm.assignment }
    return profile.flatMap { isTaken ? nil : $0 } ?? "assignment-\(index + 1)"
  }
}
