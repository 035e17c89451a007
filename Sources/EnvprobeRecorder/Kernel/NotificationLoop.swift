import CEnvprobeRecorder
import EnvprobeModel
import Glibc

/// The loop of the kernel recorder's thread.
struct NotificationLoop {
  private typealias Arguments = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

  /// Every how many calls it is looked whether another thread's waits too. Looking costs a system call.
  private static let sampling = 16
  /// Samples in a row that found one, after which the program is taken to keep all processors busy: to hand one's own
  /// over to the thread that was answered then only makes the others wait.
  private static let busyStreak = 8

  private let listener: Int32
  private let wake: Wake
  private let sink: any EventSink
  private let isTraced: Bool
  private let onConnect: KernelRecorder.ConnectHook?
  private let decoder: CallDecoder
  private var paths = PathObserver()
  /// `nil` where no hooks are in the program's runtimes.
  private var hooks: HookReports?
  private var syscalls = SyscallDirectory()
  private var tracees = TraceeDirectory()
  private var summary = KernelRecorder.Summary()
  private var isSynchronous: Bool
  private let canBeSynchronous: Bool
  private var streak = 0
  private var hasTraced = false
  private var closedProcesses: Set<Int> = []
  /// `nil` where the program's clock is the host's.
  private var clock: ClockAnswers?

  init(
    listener: Int32, wake: Wake, sink: any EventSink, isTraced: Bool, clock: ClockAnswers?, isHooked: Bool,
    onConnect: KernelRecorder.ConnectHook?
  ) {
    self.clock = clock
    hooks = isHooked ? HookReports() : nil
    self.listener = listener
    self.wake = wake
    self.sink = sink
    self.isTraced = isTraced
    self.onConnect = onConnect
    decoder = CallDecoder(listener: listener)
    // Before Linux 6.6 both threads are woken as any others are.
    canBeSynchronous = envprobe_notify_synchronous(listener, 1) == 0
    isSynchronous = canBeSynchronous
  }

  mutating func run() -> KernelRecorder.Summary {
    while waitForCall() { handleCall() }
    decoder.deallocate()
    paths.deallocate()
    clock?.deallocate()
    recordGaps()
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    summary.processorTime = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    return summary
  }

  /// False once nobody is left who could make a call, or on ``KernelRecorder/stop()``.
  private mutating func waitForCall() -> Bool {
    var waiting = [
      pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      let count = poll(&waiting, 2, -1)
      if count < 0 && errno != EINTR {
        summary.lost += 1
        return false
      }
      guard count > 0 else { continue }
      if waiting[1].revents != 0 { return false }
      // Otherwise POLLHUP, or a descriptor that is none.
      return waiting[0].revents & Int16(POLLIN) != 0
    }
  }

  /// To be called while the thread of the call at hand still waits: after that, its own next call would be taken for
  /// another's.
  private mutating func adaptToQueue() {
    guard canBeSynchronous, summary.notifications % Self.sampling == 0 else { return }
    var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    let isBusy = poll(&waiting, 1, 0) > 0 && waiting.revents & Int16(POLLIN) != 0
    streak = isBusy == isSynchronous ? streak + 1 : 0
    guard streak >= Self.busyStreak else { return }
    streak = 0
    if envprobe_notify_synchronous(listener, isSynchronous ? 0 : 1) == 0 { isSynchronous.toggle() }
  }

  private mutating func handleCall() {
    var notification = envprobe_notification()
    let received = envprobe_notify_receive(listener, &notification)
    guard received == 0 else {
      // ENOENT: the thread died before it could be heard, and its call with it.
      if received != -ENOENT && received != -EINTR { summary.lost += 1 }
      return
    }
    summary.notifications += 1
    adaptToQueue()
    let (thread, seen) = tracees.thread(Int32(bitPattern: notification.pid))
    noticeExec(of: thread)
    paths.begins(thread)
    let entry = syscalls.entry(number: notification.number, architecture: notification.architecture)
    if let marked = entry.markedArgument, EnvironmentReadRecorder.isMarked(notification.argument(marked)) {
      // A recorder's doing, and not the program's.
      let answered = envprobe_notify_continue(listener, notification.id)
      if answered != 0 && answered != -ENOENT { summary.lost += 1 }
      if let seen { sink.record(.process(seen), pid: thread.process.pid) }
      return
    }
    var call = CallDecoder.Call(
      id: notification.id, thread: thread, entry: entry, arguments: notification.arguments)
    if entry.rule?.roles.first == .socketCall { call = decoder.unwrap(call, in: &syscalls) }

    var payload = decoder.decode(call)
    let isChange = PathObserver.isChange(call)
    // What it names will not be the same any more; and a program that begins anew has other things to do.
    if isChange || call.entry.effect == .execute { payload = paths.observed(payload, call) }
    if isChange { paths.changes(call) }
    if call.entry.effect == .send { announce(payload, call) }
    if call.entry.effect == .execute { thread.process.executing = thread.id }
    let listener = listener
    let clockAnswer = clock?.answer(notification, payload, of: thread) {
      envprobe_notify_is_valid(listener, notification.id) == 0
    }
    let answered =
      switch clockAnswer {
      case .result(let error, let value): envprobe_notify_answer(listener, call.id, error, value)
      case .goOn, nil:
        entry.denial == 0
          ? envprobe_notify_continue(listener, call.id)
          : envprobe_notify_answer(listener, call.id, entry.denial, 0)
      }

    // The program runs again: time is free from here on.
    if !isChange, call.entry.effect != .execute { payload = paths.observed(payload, call) }
    if call.entry.changesRoot { thread.process.closeRoot() }
    if answered != 0 && answered != -ENOENT { summary.lost += 1 }
    if entry.denial != 0 { summary.denied += 1 }
    if let seen { sink.record(.process(aboutToExecute(payload, seen)), pid: thread.process.pid) }
    if hooks?.isReport(payload) == true {
      if let event = hooks?.event(payload, of: thread) { sink.record(event, pid: thread.process.pid) }
      return
    }
    let isForAnswerOnly = clock?.isRecorded(entry.rule, notification) == false
    if isRepeated(notification, by: thread, wasInterrupted: answered == -ENOENT) {
      summary.repeated += 1
    } else if !isForAnswerOnly {
      sink.record(payload, pid: thread.process.pid)
    }
    if isTraced, entry.name == "ptrace" { noteTracing(call[0]) }
    if thread.process.isClosedToUs { noteClosed(thread.process) }
    switch entry.effect {
    case .exitThread: tracees.remove(thread)
    case .exitProcess: tracees.remove(thread.process)
    case .none, .execute, .send: break
    }
  }

  /// A process whose first call is an exec has not done anything as the program it is a copy of.
  private func aboutToExecute(_ payload: Event.Payload, _ seen: ProcessSeen) -> ProcessSeen {
    guard case .exec(let exec) = payload, exec.exists == true, case .complete(let path) = exec.path else { return seen }
    return ProcessSeen(parent: seen.parent, executable: path.displayText)
  }

  /// Finds out, at a process's next call, that its memory is another's since it executed a program.
  private func noticeExec(of thread: TraceeThread) {
    guard let executing = thread.process.executing else { return }
    thread.process.closeMemory()
    // Its thread is back from the call, or gone: the new program runs in the leader. Until then another thread may have
    // been quicker than the exec.
    if executing == thread.id || access("/proc/\(thread.process.group)/task/\(executing)", F_OK) < 0 {
      thread.process.executing = nil
    }
  }

  /// Whether the kernel makes a call again that was recorded when a signal interrupted it.
  private func isRepeated(
    _ notification: envprobe_notification, by thread: TraceeThread, wasInterrupted: Bool
  ) -> Bool {
    let arguments = notification.arguments
    let isSame = thread.interrupted.map { $0.number == notification.number && $0.arguments == arguments } ?? false
    if wasInterrupted {
      thread.interrupted = (notification.number, arguments)
    } else if isSame {
      thread.interrupted = nil
    }
    return isSame
  }

  private func announce(_ payload: Event.Payload, _ call: CallDecoder.Call) {
    guard let onConnect, case .syscall(let decoded) = payload else { return }
    var use: SocketUse?
    for case .address(.complete(let address)) in decoded.arguments where address.isInternet && address.port != nil {
      let known = use ?? call.thread.process.use(of: Int32(truncatingIfNeeded: call[0]))
      use = known
      // Nothing may be done for a thread that died meanwhile: its id, and with it its address, may be another's.
      guard envprobe_notify_is_valid(listener, call.id) == 0 else { return }
      onConnect(address, known)
    }
  }

  // MARK: Gaps

  private mutating func noteClosed(_ process: Tracee) {
    summary.unreadable += 1
    guard closedProcesses.insert(process.pid).inserted else { return }
    sink.record(
      .gap(Gap(kind: .unreadableMemory, detail: "the memory of process \(process.pid) is closed to envprobe")),
      pid: process.pid)
  }

  /// The program wants to trace, or to be traced, and envprobe is in its way.
  private mutating func noteTracing(_ request: UInt64) {
    // PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE
    guard !hasTraced, [0, 16, 0x4206].contains(request) else { return }
    hasTraced = true
    sink.record(
      .gap(
        Gap(
          kind: .environmentReads,
          detail: "the program traces processes, which fails while they are followed; "
            + "--env-reads off and --clock host let it")))
  }

  private func recordGaps() {
    if summary.lost > 0 {
      sink.record(.gap(Gap(kind: .lostEvents, detail: "system calls were not recorded", count: summary.lost)))
    }
    if let clock, clock.failures > 0 {
      sink.record(
        .gap(
          Gap(
            kind: .profile, detail: "readings of the clock could not be answered, and showed the host's",
            count: clock.failures)))
    }
  }
}

extension envprobe_notification {
  func argument(_ index: Int) -> UInt64 {
    withUnsafeBytes(of: arguments) { $0.load(fromByteOffset: index * 8, as: UInt64.self) }
  }
}
