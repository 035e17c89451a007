import CEnvprobeTracer
import EnvprobeModel
import Glibc
import Synchronization

/// Follows a program through what it creates and executes, and has its reads of variables written into rings.
///
/// The thread that seized the program calls ``run()``; another one empties the rings from time to time by ``drainAll()``.
/// Everything but the waiting happens under `lock`.
// Safe to share: every method that is called from outside takes `lock` before it touches anything mutable.
final class Tracer: @unchecked Sendable {
  private let lock = Mutex(())
  let sink: any EventSink
  let catalog: ExecutableCatalog
  private(set) var launched = Tracer.now()
  /// `nil` where the program's clock is the host's.
  private(set) var clock: ProgramClock?
  /// Whether reads of variables are recorded.
  let recordsReads: Bool
  let recordsMappings: Bool
  private let pidInside: @Sendable (Int32) -> Int?

  var threads: [Int32: TracedThread] = [:]
  var processes: [Int32: TracedProcess] = [:]
  var processesByKey: [UInt32: TracedProcess] = [:]
  /// Whose read was taken last.
  var latest: TracedProcess?
  /// Those with a ring.
  var spaces: [AddressSpace] = []
  var files = HeldFiles()
  var calls = SyscallDirectory()
  /// New threads that stopped before the one that made them told of it; and whether it is a group stop.
  private var early: [Int32: Bool] = [:]
  var nextKey: UInt32 = 1
  /// Reads that a full or damaged ring lost.
  var lost = 0
  var readCount = 0
  /// How many system call filters the program had when it was executed; more are its own.
  var launchFilters: Int?

  init(
    sink: any EventSink, catalog: ExecutableCatalog, recordsReads: Bool = true, recordsMappings: Bool,
    pidInside: @escaping @Sendable (Int32) -> Int?
  ) {
    self.sink = sink
    self.catalog = catalog
    self.recordsReads = recordsReads
    self.recordsMappings = recordsMappings
    self.pidInside = pidInside
  }

  /// Seizes the program's first process. Returns 0 or -errno.
  func seize(_ program: Int32) -> Int32 {
    lock.withLock { _ in
      let result = envprobe_tracer_seize(program)
      guard result >= 0 else { return result }
      _ = TracedThread.register(in: &threads, id: program, process: makeProcess(program, space: nil), isNew: false)
      return 0
    }
  }

  /// Makes now the instant from which times count.
  func launch(clock: ProgramClock?) {
    lock.withLock { _ in
      launched = Self.now()
      self.clock = clock
    }
  }

  /// Handles stops until nothing is left of the program.
  func run() {
    var stop = envprobe_stop()
    while envprobe_tracer_wait(-1, &stop) >= 0 { lock.withLock { _ in dispatch(stop) } }
    lock.withLock { _ in
      for process in processes.values { end(process) }
      processes.removeAll()
      threads.removeAll()
      files.releaseAll()
      if lost > 0 { sink.record(.gap(Gap(kind: .lostEvents, detail: "reads of variables", count: lost))) }
    }
  }

  /// Takes what the rings hold. Returns whether there was anything.
  func drainAll() -> Bool {
    lock.withLock { _ in
      let before = readCount
      for space in spaces { drain(space) }
      return readCount != before
    }
  }

  private func dispatch(_ stop: envprobe_stop) {
    let id = stop.thread
    let kind = envprobe_stop_kind(rawValue: stop.kind)
    if kind == ENVPROBE_STOP_EXITED { return exited(id) }
    guard let thread = threads[id] else {
      // Only a thread that nobody has told of yet is unknown; a late stop of one that is gone cannot be resumed anyway.
      if kind == ENVPROBE_STOP_START || kind == ENVPROBE_STOP_GROUP {
        early[id] = kind == ENVPROBE_STOP_GROUP
      } else {
        envprobe_tracer_resume(id, kind == ENVPROBE_STOP_SIGNAL ? Int32(stop.detail) : 0)
      }
      return
    }
    switch kind {
    case ENVPROBE_STOP_SIGNAL: signalled(thread, Int32(stop.detail))
    case ENVPROBE_STOP_GROUP:
      begin(thread)
      envprobe_tracer_listen(id)
    case ENVPROBE_STOP_START:
      begin(thread)
      envprobe_tracer_resume(id, 0)
    case ENVPROBE_STOP_FORK, ENVPROBE_STOP_CLONE, ENVPROBE_STOP_VFORK:
      created(Int32(truncatingIfNeeded: stop.detail), by: thread, waits: kind == ENVPROBE_STOP_VFORK)
      envprobe_tracer_resume(id, 0)
    case ENVPROBE_STOP_VFORK_DONE:
      returned(thread)
      envprobe_tracer_resume(id, 0)
    case ENVPROBE_STOP_EXEC:
      executed(thread)
      envprobe_tracer_resume(id, 0)
    case ENVPROBE_STOP_SECCOMP: trapped(thread, UInt32(truncatingIfNeeded: stop.detail))
    case ENVPROBE_STOP_SYSCALL:
      if !finishWaiting(thread) { finishMapping(thread) }
      envprobe_tracer_resume(id, 0)
    default: envprobe_tracer_resume(id, 0)
    }
  }

  // MARK: Processes and threads

  func makeProcess(_ id: Int32, space: AddressSpace?, isFork: Bool = false) -> TracedProcess {
    let process = TracedProcess(
      id: id, insideID: pidInside(id), key: nextKeyValue(), space: space, isFork: isFork)
    processes[id] = process
    processesByKey[process.key] = process
    return process
  }

  private func created(_ id: Int32, by thread: TracedThread, waits: Bool) {
    let parent = thread.process
    guard threads[id] == nil else { return }
    guard envprobe_tracer_is_process(id) != 0 else {
      _ = TracedThread.register(in: &threads, id: id, process: parent, isNew: true)
      return beginEarly(id)
    }
    if let space = parent.space { drain(space) }
    let process = makeProcess(id, space: parent.space, isFork: true)
    process.bulkCopy = parent.bulkCopy
    process.goEnvironment = parent.goEnvironment
    let child = TracedThread.register(in: &threads, id: id, process: process, isNew: true)
    if sharesMemory(thread.id, id, waits: waits) {
      // It has no page of its own in which its number could be put.
      child.isNew = false
      if waits { lend(parent, to: process, by: thread) }
    }
    beginEarly(id)
  }

  private func beginEarly(_ id: Int32) {
    guard let isGroupStop = early.removeValue(forKey: id), let thread = threads[id] else { return }
    begin(thread)
    if isGroupStop { envprobe_tracer_listen(id) } else { envprobe_tracer_resume(id, 0) }
  }

  /// Gives a forked process its number, before its first instruction.
  private func begin(_ thread: TracedThread) {
    guard thread.isNew else { return }
    thread.isNew = false
    guard thread.id == thread.process.id else { return }
    writeKeys(thread.process, by: thread.id, counts: true)
  }

  func writeKeys(_ process: TracedProcess, by thread: Int32, counts: Bool) {
    for page in process.space?.pages ?? [] {
      envprobe_tracer_poke(thread, page.address, envprobe_hook_keys(process.key, counts ? 1 : 0))
    }
  }

  private func sharesMemory(_ parent: Int32, _ child: Int32, waits: Bool) -> Bool {
    let result = envprobe_tracer_shares_memory(parent, child)
    return result >= 0 ? result == 1 : waits
  }

  /// While the child runs in its parent's memory, its reads carry its parent's number, and are told by their thread. They
  /// must not be added to counts of its parent's.
  private func lend(_ parent: TracedProcess, to child: TracedProcess, by thread: TracedThread) {
    guard let space = parent.space, space.ring != nil else { return }
    var registers = envprobe_registers()
    guard envprobe_tracer_get_registers(thread.id, &registers) >= 0 else { return }
    space.borrowers.append(
      .init(child: child.key, parent: parent.key, parentThread: thread.id, threadPointer: registers.fs_base))
    writeKeys(parent, by: thread.id, counts: false)
  }

  private func returned(_ thread: TracedThread) {
    guard let space = thread.process.space, space.borrowers.contains(where: { $0.parentThread == thread.id }) else {
      return
    }
    drain(space)
    space.borrowers.removeAll { $0.parentThread == thread.id }
    if !space.borrowers.contains(where: { $0.parent == thread.process.key }) {
      writeKeys(thread.process, by: thread.id, counts: true)
    }
  }

  private func exited(_ id: Int32) {
    early[id] = nil
    guard let thread = threads.removeValue(forKey: id) else { return }
    let process = thread.process
    process.threads.remove(id)
    process.space?.deaths += 1
    // Children that it made and could not tell of any more.
    for orphan in early.keys where TraceeStatus(orphan).map({ !isKnownParent($0) || $0.parent == process.id }) ?? true {
      created(orphan, by: thread, waits: false)
    }
    // The kernel tells the end of the first thread when it was the last.
    guard id == process.id else { return }
    for other in process.threads { threads[other] = nil }
    processes[id] = nil
    end(process)
  }

  private func isKnownParent(_ status: TraceeStatus) -> Bool { processes[status.parent] != nil }
}

extension TracedThread {
  static func register(
    in threads: inout [Int32: TracedThread], id: Int32, process: TracedProcess, isNew: Bool
  ) -> TracedThread {
    let thread = TracedThread(id: id, process: process, isNew: isNew)
    threads[id] = thread
    return thread
  }
}
