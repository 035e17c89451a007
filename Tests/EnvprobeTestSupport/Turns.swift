import Foundation
import Testing

/// Lets so many go on at once, and the others wait their turn: tests that start many processes share few processors.
public actor Turns {
  /// For everything that starts envprobe: two at a time, as it starts processes itself.
  public static let shared = Turns(2)

  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  public init(_ count: Int) { free = count }

  public func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  public func giveBack() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }

  /// The body runs on a thread of its own, as it blocks, and in the task of its test, which its failures belong to.
  public nonisolated func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    await take()
    let result = await withTaskExecutorPreference(Threads()) { await Self.result(of: body) }
    await giveBack()
    return try result.get()
  }

  private nonisolated static func result<Value>(of body: @Sendable () throws -> Value) async -> Result<Value, any Error>
  {
    Result { try body() }
  }
}

/// A thread for each job.
private final class Threads: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

extension Trait where Self == ConditionTrait {
  /// A test that needs root is skipped without it, but not in CI.
  public static var asRoot: ConditionTrait {
    .enabled(
      if: geteuid() == 0 || ProcessInfo.processInfo.environment["CI"] != nil,
      "needs root, to change users and to mount: run the tests as root")
  }
}
