/// Makes runs, a few at a time.
public struct RunPool: Sendable {
  /// What became of a run.
  public struct Outcome<Value: Sendable>: Sendable {
    public var run: PlannedRun
    public var duration: Duration
    /// The error is why envprobe could not make the run; a program that fails is a value.
    public var result: Result<Value, any Error>

    public init(run: PlannedRun, duration: Duration, result: Result<Value, any Error>) {
      self.run = run
      self.duration = duration
      self.result = result
    }
  }

  public enum Event<Value: Sendable>: Sendable {
    case started(PlannedRun)
    case ended(Outcome<Value>)
  }

  /// How many runs may go on at once.
  public var jobs: Int

  public init(jobs: Int) { self.jobs = max(jobs, 1) }

  /// Makes the runs in the order given, at most ``jobs`` at a time, and returns what became of those that were begun.
  ///
  /// When the surrounding task is cancelled, no further run begins, those going on are cancelled and awaited, and
  /// what ended before stays in the result. A run that was stopped in this way is in the result as a failure with
  /// `CancellationError` if `execute` throws that, and does not count as failed.
  ///
  /// - Parameters:
  ///   - clock: measures the runs.
  ///   - isFatal: errors after which no further run is worth beginning (the sandbox cannot be set up, the disk is full).
  ///   - report: called for each beginning and end, one at a time and in order; the place to append to a journal.
  ///   - execute: makes one run. It is called from the cooperative pool and must not block it.
  public func run<Value: Sendable>(
    _ runs: [PlannedRun], clock: some Clock<Duration> = ContinuousClock(),
    isFatal: @Sendable (any Error) -> Bool = { _ in false },
    report: (Event<Value>, RunProgress) -> Void = { _, _ in },
    execute: @escaping @Sendable (PlannedRun) async throws -> Value
  ) async -> [Outcome<Value>] {
    let start = clock.now
    var outcomes: [Outcome<Value>] = []
    var progress = RunProgress(total: runs.count)
    var ages: [String: Duration] = [:]
    var queue = runs[...]
    var isStopped = false

    func update() {
      progress.elapsed = start.duration(to: clock.now)
      progress.inFlight = progress.inFlight.filter { ages[$0] != nil }
      progress.remaining = RunEstimate.remaining(
        ended: outcomes.filter { $0.result.isSuccess }.map(\.duration), queued: queue.count,
        inFlight: ages.values.map { progress.elapsed - $0 }, jobs: jobs)
    }

    await withTaskGroup(of: Outcome<Value>.self) { group in
      func begin() {
        guard !isStopped, !Task.isCancelled, let run = queue.popFirst() else { return }
        ages[run.id] = start.duration(to: clock.now)
        progress.inFlight.append(run.id)
        update()
        report(.started(run), progress)
        group.addTask {
          let began = clock.now
          let result: Result<Value, any Error>
          do { result = .success(try await execute(run)) } catch { result = .failure(error) }
          return Outcome(run: run, duration: began.duration(to: clock.now), result: result)
        }
      }

      for _ in 0..<jobs { begin() }
      for await outcome in group {
        outcomes.append(outcome)
        ages[outcome.run.id] = nil
        progress.done += 1
        if case .failure(let error) = outcome.result, !(error is CancellationError) {
          progress.failed += 1
          if isFatal(error) { isStopped = true }
        }
        update()
        report(.ended(outcome), progress)
        begin()
      }
    }
    return outcomes
  }
}

extension Result {
  fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
