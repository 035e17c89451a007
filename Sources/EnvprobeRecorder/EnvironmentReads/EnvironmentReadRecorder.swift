import CEnvprobeTracer
import EnvprobeModel
import Glibc
import Synchronization

/// Records which environment variables a program asks for, in all its processes: names that are set and names that are
/// not, static programs included, without privileges and without anything that is visible in its environment.
///
/// A thread of its own seizes the program with `ptrace(2)` before it is executed, leads `getenv` of everything that is
/// mapped through a page that writes to memory shared with envprobe, and stops the program only where it executes,
/// creates processes or threads, or maps a library.
public final class EnvironmentReadRecorder: Sendable {
  /// The system call filter that the program must have, as an array of `struct sock_filter`: it hands the mapping of a
  /// library to the tracer. It must be installed before the filter with the listener, whose answers come first.
  public static var libraryFilter: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
      count = max(0, Int(envprobe_library_filter(buffer.baseAddress, 256)))
    }
  }

  /// Whether reads can be recorded on this processor architecture.
  public static var isSupported: Bool { envprobe_tracer_is_supported() == 1 }

  /// Which argument of a system call tells whether this recorder makes it in the program, and not the program itself;
  /// `nil` for calls that it never makes. Such a call must go on like any other, and not be recorded.
  static func markedArgument(of name: String) -> Int? { SyscallRule.markedArguments[name] }

  /// Whether an argument carries this recorder's mark: in its upper half, of which the kernel takes no notice.
  static func isMarked(_ argument: UInt64) -> Bool { argument >> 32 == UInt64(ENVPROBE_CALL_MARK) }

  private let tracer: Tracer
  private let thread: KernelThread
  private let drainer: KernelThread
  private let isOver: Wake

  /// Starts to follow the program. When this returns, the program can be let go.
  ///
  /// - Parameters:
  ///   - program: Its process id as envprobe sees it. It must not have executed anything yet, and have one thread.
  ///   - sink: Where the events go, from threads of this recorder.
  ///   - catalog: What is known of executables already.
  ///   - recordsReads: Whether reads of variables are recorded at all, or the program is followed for its clock only.
  ///   - recordsMappings: Whether the calls that the library filter takes from the kernel recorder are recorded here.
  ///   - pidInside: The process id inside of one outside; called once for every process, while it is stopped.
  public init(
    program: Int32, sink: any EventSink, catalog: ExecutableCatalog = .shared, recordsReads: Bool = true,
    recordsMappings: Bool = false,
    pidInside: @escaping @Sendable (Int32) -> Int? = EnvironmentReadRecorder.innermostID
  ) throws(RecorderError) {
    guard Self.isSupported else {
      throw RecorderError("record reads of variables", errno: ENOSYS, hint: "this works on x86-64 only")
    }
    let tracer = Tracer(
      sink: sink, catalog: catalog, recordsReads: recordsReads, recordsMappings: recordsMappings,
      pidInside: pidInside)
    self.tracer = tracer
    let seized = try SeizeResult()
    let isOver = try Wake()
    self.isOver = isOver
    thread = try KernelThread("env-tracer") {
      let result = tracer.seize(program)
      seized.set(result)
      if result >= 0 { tracer.run() }
      isOver.signal()
    }
    drainer = try KernelThread("env-drainer") { Self.drain(tracer, until: isOver) }
    let result = seized.wait()
    guard result >= 0 else {
      thread.join()
      drainer.join()
      throw RecorderError(
        "follow", subject: "process \(program)", errno: -result,
        hint: result == -EPERM
          ? "a process can be traced once, and only where kernel.yama.ptrace_scope is at most 1" : nil)
    }
  }

  /// Makes now the instant from which the events' times count. Until then they count from the recorder's creation.
  ///
  /// - Parameters:
  ///   - clock: What the program's clock shows; `nil` for the host's time. Its ``ClockShift/filter`` must stand in front
  ///     of the filter that notifies, and its notifications must be answered by a ``KernelRecorder`` that knows it, too.
  ///   - level: Which calls are recorded, of those that a shifted clock keeps from being notified.
  public func launched(clock: ClockShift? = nil, level: TraceLevel = .default) {
    tracer.launch(clock: clock.map { ProgramClock(shift: $0, level: level) })
  }

  /// Waits until no process of the program is left, and records what is still to be recorded.
  public func finish() {
    thread.join()
    drainer.join()
  }

  /// The id of a process in the innermost namespace that it is in, as `/proc` tells.
  @Sendable public static func innermostID(_ process: Int32) -> Int? { TraceeStatus(process)?.insideID }

  /// Looks into the rings every few milliseconds, more often while there is something.
  private static func drain(_ tracer: Tracer, until isOver: Wake) {
    var pause: Int32 = 2
    while !isOver.waits(milliseconds: pause) { pause = tracer.drainAll() ? 1 : min(pause * 2, 16) }
  }
}

/// A number that one thread waits for and another one sets, once.
private final class SeizeResult: Sendable {
  private let value = Mutex<Int32?>(nil)
  private let wake: Wake

  init() throws(RecorderError) { wake = try Wake() }

  func set(_ result: Int32) {
    value.withLock { $0 = result }
    wake.signal()
  }

  func wait() -> Int32 {
    while true {
      if let result = value.withLock({ $0 }) { return result }
      _ = wake.waits(milliseconds: -1)
    }
  }
}

extension Wake {
  /// Waits for ``signal()``, without clearing it. Returns whether there was one.
  fileprivate func waits(milliseconds: Int32) -> Bool {
    var source = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&source, 1, milliseconds) > 0
  }
}
