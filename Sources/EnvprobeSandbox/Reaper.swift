import CEnvprobeSandbox
import Glibc
import Synchronization

/// Processes 1 that have nothing left to do but to end.
///
/// The kernel takes milliseconds to dissolve their namespaces, for which no run should have to wait.
final class Reaper: Sendable {
  private let processes = Mutex<[pid_t]>([])

  func add(_ process: pid_t) { processes.withLock { $0.append(process) } }

  /// Reaps those that have ended.
  func collect() { processes.withLock { $0.removeAll { envprobe_reap($0, 0) != -EAGAIN } } }

  deinit { for process in processes.withLock({ $0 }) { _ = envprobe_reap(process, 1) } }
}
