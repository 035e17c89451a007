import Dispatch
import EnvprobeSandbox
import Synchronization

/// A run as others may reach it while it goes on: to send it a signal, or to stop it.
public final class RunningRun: Sendable {
  private struct State {
    var program: RunningProgram?
    var isStopped = false
    var isEnded = false
    var timedOut = false
  }
  private let state = Mutex(State())

  public init() {}

  /// Ends everything inside, now or as soon as it begins.
  public func stop() {
    state.withLock { state in
      state.isStopped = true
      if !state.isEnded { state.program?.kill() }
    }
  }

  /// Sends the program a signal. One that comes too early or too late is lost.
  public func send(signal: Int32) {
    state.withLock { state in
      if !state.isEnded { try? state.program?.send(signal: signal) }  // gone is as good as told
    }
  }

  func begin(_ program: RunningProgram, timeout: Double?) {
    let isStopped = state.withLock { state in
      state.program = program
      return state.isStopped
    }
    if isStopped { program.kill() }
    guard let timeout else { return }
    DispatchQueue.global().asyncAfter(deadline: .now() + timeout) { [self] in
      state.withLock { state in
        guard !state.isEnded else { return }
        state.timedOut = true
        state.program?.kill()
      }
    }
  }

  /// Says whether the run was stopped because it took too long.
  @discardableResult
  func end() -> Bool {
    state.withLock { state in
      state.isEnded = true
      state.program = nil
      return state.timedOut
    }
  }
}
