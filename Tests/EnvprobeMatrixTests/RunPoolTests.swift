import EnvprobeModel
import Synchronization
import Testing

@testable import EnvprobeMatrix

@Suite struct RunPoolTests {
  private struct Broken: Error {}
  private let runs = Schedule(of: SampleDesign.design, repeats: 2, seed: 1).runs

  @Test(arguments: [1, 2, 5, 40])
  func atMostSoManyAtOnce(jobs: Int) async {
    let running = Mutex((now: 0, most: 0))
    let outcomes = await RunPool(jobs: jobs).run(runs) { run in
      running.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
      try await Task.sleep(for: .milliseconds(3))
      running.withLock { $0.now -= 1 }
      return run.id
    }
    #expect(Set(outcomes.compactMap { try? $0.result.get() }) == Set(runs.map(\.id)))
    let most = running.withLock { $0.most }
    #expect(most <= jobs)
    #expect(jobs == 1 || most > 1)
  }

  @Test func progressAddsUp() async {
    var lines: [RunProgress] = []
    var order: [String] = []
    let outcomes = await RunPool(jobs: 1).run(
      runs,
      report: { (event: RunPool.Event<Int>, progress) in
        lines.append(progress)
        switch event {
        case .started(let run): order.append("+" + run.id)
        case .ended(let outcome): order.append("-" + outcome.run.id)
        }
      }
    ) { run in
      if run.id == "cn-1" { throw Broken() }
      return 1
    }
    #expect(outcomes.count == runs.count)
    #expect(order == runs.flatMap { ["+" + $0.id, "-" + $0.id] })
    #expect(lines.count == 2 * runs.count)
    #expect(lines.allSatisfy { $0.total == runs.count && $0.done + $0.inFlight.count <= runs.count })
    #expect(lines.last!.done == runs.count)
    #expect(lines.last!.failed == 1)
    #expect(lines.last!.inFlight.isEmpty)
    #expect(lines.last!.remaining == .zero)
    #expect(lines[0].remaining == nil)
  }

  @Test func cancellingKeepsWhatIsThere() async {
    let (stream, started) = AsyncStream.makeStream(of: String.self)
    let runs = runs
    let task = Task {
      await RunPool(jobs: 2).run(runs) { run in
        if run.id == runs[0].id { return run.id }
        started.yield(run.id)
        try await Task.sleep(for: .seconds(60))
        return run.id
      }
    }
    var seen = 0
    for await _ in stream {
      seen += 1
      if seen == 2 { break }
    }
    task.cancel()
    let outcomes = await task.value
    #expect(outcomes.count == 3)
    #expect(outcomes.filter { (try? $0.result.get()) != nil }.map(\.run.id) == [runs[0].id])
  }

  @Test func aFatalErrorStopsTheRest() async {
    let outcomes: [RunPool.Outcome<Int>] = await RunPool(jobs: 2).run(runs, isFatal: { $0 is Broken }) { _ in
      throw Broken()
    }
    #expect(outcomes.count == 2)
  }

  @Test func theTimeLeftIgnoresOutliers() {
    let usual = Array(repeating: Duration.seconds(2), count: 7)
    #expect(RunEstimate.typical(usual + [.seconds(120)]) == .seconds(2))
    #expect(RunEstimate.typical([]) == nil)
    #expect(
      RunEstimate.remaining(ended: usual, queued: 4, inFlight: [.seconds(1), .seconds(9)], jobs: 2)
        == .milliseconds(4500))
  }
}
