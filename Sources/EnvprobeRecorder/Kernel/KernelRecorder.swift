import CEnvprobeRecorder
import EnvprobeModel
import Glibc
import Synchronization

/// Records the system calls that a seccomp filter notifies, on a thread of its own.
///
/// Each call is copied while its thread waits, answered (it goes on, but for those the table denies), and only then
/// written down. A path is what the call's memory held when it was made: another thread of the program could change it
/// between the copy and the kernel's own reading.
public final class KernelRecorder: Sendable {
  /// Told about an address before the program's packet can reach it: of `connect`, and of `sendto`, `sendmsg` and
  /// `sendmmsg` with an internet address; and about the socket that it goes from. The program waits until it returns.
  public typealias ConnectHook = @Sendable (SocketAddress, SocketUse) -> Void

  /// What was recorded, and what could not be.
  public struct Summary: Hashable, Sendable {
    public var notifications = 0
    /// Calls that a signal had interrupted and the kernel made again: recorded once.
    public var repeated = 0
    public var denied = 0
    /// Notifications that could not be received or answered.
    public var lost = 0
    /// Calls of processes whose memory was closed to envprobe.
    public var unreadable = 0
    /// Seconds of processor time that the thread took.
    public var processorTime = 0.0
  }

  private let listener: Int32
  private let wake: Wake
  private let thread: KernelThread
  private let outcome: Outcome

  /// What the thread leaves behind.
  private final class Outcome: Sendable {
    let summary = Mutex(Summary())
  }

  /// Starts recording.
  ///
  /// - Parameters:
  ///   - listener: The descriptor of the filter's notifications. The recorder owns it from now on, and closes it at the
  ///     end: calls that are notified after that fail with ENOSYS, so that the program must have ended by then.
  ///   - sink: Where the events go.
  ///   - isTraced: Whether a tracer of envprobe's follows the program, which can then not trace its own processes.
  ///   - clock: What the program's clock shows, where its filter begins with ``ClockShift/filter``.
  ///   - folders: Where files may be that were made or changed in the run, for their times, as the program sees them.
  ///   - level: Which of the calls are recorded that such a filter has notified for their answers only.
  ///   - isHooked: Whether a ``RuntimeHook`` may tell of looks at the variables.
  /// - Throws: Where the kernel has no user notification, or one that this version does not know.
  public init(
    listener: Int32, sink: any EventSink, isTraced: Bool = false, clock: ClockShift? = nil, folders: [String] = [],
    level: TraceLevel = .default, isHooked: Bool = false, onConnect: ConnectHook? = nil
  ) throws(RecorderError) {
    let check = envprobe_notify_check()
    guard check == 0 else {
      throw RecorderError(
        "receive notifications of system calls", errno: -check,
        hint: check == -E2BIG ? "the kernel is newer than this envprobe" : "Linux 5.5 or later is needed")
    }
    self.listener = listener
    let wake = try Wake()
    self.wake = wake
    let outcome = Outcome()
    self.outcome = outcome
    thread = try KernelThread("envprobe-kernel") {
      var loop = NotificationLoop(
        listener: listener, wake: wake, sink: sink, isTraced: isTraced,
        clock: clock.map { ClockAnswers(shift: $0, folders: folders, isFull: level == .full) }, isHooked: isHooked,
        onConnect: onConnect)
      let summary = loop.run()
      outcome.summary.withLock { $0 = summary }
    }
  }

  /// Waits until every process under the filter has ended, and closes the listener.
  public func finish() -> Summary {
    thread.join()
    close(listener)
    return outcome.summary.withLock { $0 }
  }

  /// Ends recording though processes are left, which will then find that the kernel lacks all that was notified. For
  /// use after they were killed, where one of them cannot die (it hangs in the kernel).
  public func stop() -> Summary {
    wake.signal()
    return finish()
  }
}
