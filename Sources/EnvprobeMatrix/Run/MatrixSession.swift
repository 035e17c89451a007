import EnvprobeCompare
import EnvprobeModel
import EnvprobeRecorder

/// The runs of a matrix while it goes on: what the journal knows of them, and what was observed in them.
struct MatrixSession {
  let folder: MatrixFolder
  var state: MatrixState
  let executor: any RunExecuting
  let jobs: Int
  /// By the run's id.
  private(set) var observations: [String: RunObservations] = [:]
  private(set) var manifests: [String: RunManifest] = [:]

  /// Reads back what the finished runs of an interrupted matrix left.
  init(folder: MatrixFolder, state: MatrixState, executor: any RunExecuting, jobs: Int) throws {
    self.folder = folder
    self.state = state
    self.executor = executor
    self.jobs = jobs
    for id in state.finished.keys.sorted() {
      let trace = try BundleReader.read(folder.bundlePath(of: id))
      observations[id] = RunObservations(trace: trace)
      manifests[id] = trace.manifest
    }
  }

  /// Makes runs, writes the journal, and observes what they left.
  mutating func make(
    _ runs: [PlannedRun], in phase: MatrixEvent.Phase, tell: (MatrixEvent) -> Void
  ) async throws {
    guard !runs.isEmpty else { return }
    for run in runs { try folder.setAsideBundle(of: run.id) }
    var journalError: MatrixError?
    func write(_ entry: JournalEntry) {
      state.apply(entry)
      do { try folder.append(entry) } catch { journalError = journalError ?? error }
    }
    let folder = folder
    let executor = executor
    let outcomes: [RunPool.Outcome<RunRecord>] = await RunPool(jobs: jobs).run(
      runs, isFatal: { !($0 is CancellationError) },
      report: { event, progress in
        switch event {
        case .started(let run): write(.started(run))
        case .ended(let outcome):
          switch outcome.result {
          case .success(let record):
            write(
              .finished(
                .init(
                  run: outcome.run.id, seconds: outcome.duration.seconds, exit: record.manifest.exit,
                  complete: record.manifest.complete)))
          case .failure(let error) where !(error is CancellationError):
            write(.failed(.init(run: outcome.run.id, reason: "\(error)")))
            tell(.failed(outcome.run, reason: "\(error)"))
          case .failure: break
          }
        }
        tell(.progress(phase, progress))
      },
      execute: { run in
        let bundle = folder.bundlePath(of: run.id)
        let manifest = try await executor.execute(run, bundle: bundle)
        try Task.checkCancellation()
        return RunRecord(manifest: manifest, observations: RunObservations(trace: try BundleReader.read(bundle)))
      })
    for outcome in outcomes {
      guard case .success(let record) = outcome.result else { continue }
      observations[outcome.run.id] = record.observations
      manifests[outcome.run.id] = record.manifest
    }
    if let journalError { throw journalError }
    try Task.checkCancellation()
    // What stops one run stops them all: the sandbox cannot be set up, or the disk is full.
    for outcome in outcomes { if case .failure(let error) = outcome.result { throw error } }
  }

  private struct RunRecord: Sendable {
    var manifest: RunManifest
    var observations: RunObservations
  }

  func requireRuns() throws(MatrixError) {
    guard observations.isEmpty else { return }
    throw MatrixError(.execute, subject: "", reason: "no run could be made")
  }

  /// The arms of the design, those without runs left out.
  func arms(of design: Design) -> [Arm] {
    let runs = state.finishedRuns
    return design.arms.compactMap { arm in
      let observed = (runs[arm.assignment] ?? []).compactMap { observations[$0.id] }
      return observed.isEmpty ? nil : Arm(assignment: arm.assignment, runs: observed)
    }
  }

  /// The arms that experiments made.
  func arms(beyond design: Design) -> [Arm] {
    let profiles = Set(design.arms.map(\.assignment))
    return state.finishedRuns.keys.filter { !profiles.contains($0) }.map { arm(of: $0) }
      .sorted { $0.runs[0].id < $1.runs[0].id }
  }

  func arm(of assignment: Assignment) -> Arm {
    Arm(assignment: assignment, runs: state.finishedRuns(of: assignment).compactMap { observations[$0.id] })
  }

  /// What of the scenario answered nothing in any run: a rule that was meant to matter and did not.
  var remarksOnAnswers: [String] {
    let unused = manifests.values.map { Set($0.answers?.unusedRules ?? []) }
    guard let first = unused.first else { return [] }
    return unused.dropFirst().reduce(first) { $0.intersection($1) }.sorted().map {
      "The scenario's rule \($0) answered nothing in any run."
    }
  }

  /// The runs as a report lists them: those of the design in its order, then the experiments'.
  var reportRuns: [Report.Run] {
    let design = state.design
    return state.finished.keys.compactMap { state.runs[$0] }
      .sorted { a, b in
        let left = design.position(of: a.assignment) ?? .max
        let right = design.position(of: b.assignment) ?? .max
        return left == right ? (left == .max ? a.id < b.id : a.repetition < b.repetition) : left < right
      }
      .map { run in
        let manifest = manifests[run.id]
        return Report.Run(
          id: run.id, profile: run.profile, assignment: run.profile == nil ? run.assignment : nil,
          repetition: run.repetition, exit: manifest?.exit, complete: manifest?.complete ?? false,
          gaps: manifest?.gaps ?? [], bundle: MatrixFolder.bundle(of: run.id))
      }
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
