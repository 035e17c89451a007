import EnvprobeModel

/// What is known of a matrix from its journal: its plan, the runs that are done, and the names they have.
///
/// It is a fold over ``JournalEntry`` values. Whoever makes runs asks it for runs (``plannedRuns()``,
/// ``runs(for:)``), and tells it (and the file) what became of them with ``apply(_:)``.
public struct MatrixState: Hashable, Sendable {
  public let header: JournalEntry.Header
  /// Every run that was ever started, by id.
  public private(set) var runs: [String: PlannedRun] = [:]
  public private(set) var finished: [String: JournalEntry.Finished] = [:]
  /// The last reason for which a run failed; a run that succeeded later is not in it.
  public private(set) var failures: [String: String] = [:]
  private var ids: [RunKey: String] = [:]
  /// The group names of experiments, by assignment.
  private var experiments: [Assignment: String] = [:]

  public var design: Design { header.identity.design }

  public init(header: JournalEntry.Header) { self.header = header }

  /// The state that a journal leaves.
  public init(_ entries: [JournalEntry], path: String) throws(MatrixError) {
    guard case .header(let header)? = entries.first else {
      throw MatrixError(
        .readJournal, subject: path, reason: "it does not begin with a header", hint: "start anew with another --out")
    }
    guard header.schema == JournalEntry.Header.currentSchema else {
      throw MatrixError(
        .readJournal, subject: path,
        reason: "its schema is '\(header.schema)', not '\(JournalEntry.Header.currentSchema)'")
    }
    self.init(header: header)
    for entry in entries.dropFirst() { apply(entry) }
  }

  /// The state to continue with where `requested` may continue what is stored; the stored seed stays, and the number
  /// of repeats may grow.
  public func resumed(as requested: JournalEntry.Header, path: String) throws(MatrixError) -> MatrixState {
    let differences = header.identity.differences(from: requested.identity)
    guard differences.isEmpty else {
      throw MatrixError(
        .resume, subject: path, reason: differences.joined(separator: "; "),
        hint: "repeat the invocation that began it, or start anew with another --out")
    }
    var merged = requested
    merged.seed = header.seed
    merged.repeats = max(header.repeats, requested.repeats)
    var result = MatrixState(header: merged)
    result.runs = runs
    result.finished = finished
    result.failures = failures
    result.ids = ids
    result.experiments = experiments
    return result
  }

  public mutating func apply(_ entry: JournalEntry) {
    switch entry {
    case .header: break
    case .started(let run):
      runs[run.id] = run
      ids[run.key] = run.id
      failures[run.id] = nil
      if design.arm(of: run.assignment) == nil, experiments[run.assignment] == nil,
        let hyphen = run.id.lastIndex(of: "-")
      {
        experiments[run.assignment] = String(run.id[..<hyphen])
      }
    case .finished(let end):
      finished[end.run] = end
      failures[end.run] = nil
    case .failed(let failure):
      if finished[failure.run] == nil { failures[failure.run] = failure.reason }
    }
  }

  /// The runs that finished, by assignment, in order of repetition.
  public var finishedRuns: [Assignment: [PlannedRun]] {
    Dictionary(grouping: finished.keys.compactMap { runs[$0] }, by: \.assignment)
      .mapValues { $0.sorted { $0.repetition < $1.repetition } }
  }

  public func finishedRuns(of assignment: Assignment) -> [PlannedRun] {
    runs.values.filter { $0.assignment == assignment && finished[$0.id] != nil }
      .sorted { $0.repetition < $1.repetition }
  }

  /// The runs of the design that are still to be made, in the order of the schedule.
  public func plannedRuns() -> [PlannedRun] {
    Schedule(of: design, repeats: header.repeats, seed: header.seed).runs.filter { finished[$0.id] == nil }
  }

  /// The runs that experiments still need, interleaved; an assignment that has enough finished runs needs none.
  ///
  /// New assignments get their names here, in the order given, so the same questions get the same names.
  public mutating func runs(for wanted: [Experiment]) -> [PlannedRun] {
    let groups = wanted.map { experiment -> [PlannedRun] in
      let arm = design.arm(of: experiment.assignment)
      let profile = design.name(of: experiment.assignment)
      let group = arm.map { RunName.folder(for: $0.name) } ?? name(ofExperiment: experiment.assignment)
      return (0..<max(experiment.repeats, 0)).compactMap { index in
        let run = PlannedRun(
          id: RunName.run(of: group, repetition: index + 1), profile: profile, assignment: experiment.assignment,
          repetition: index + 1)
        return finished[run.id] == nil ? run : nil
      }
    }
    // Another order in each batch, from the same seed.
    return Schedule(interleaving: groups, seed: header.seed &+ UInt64(experiments.count)).runs
  }

  private mutating func name(ofExperiment assignment: Assignment) -> String {
    if let name = experiments[assignment] { return name }
    let prefix = RunName.experimentPrefix(besides: design.arms.map(\.name))
    let name = RunName.experiment(experiments.count + 1, prefix: prefix)
    experiments[assignment] = name
    return name
  }
}
