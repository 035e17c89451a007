import CEnvprobeTracer
import EnvprobeModel
import Glibc

extension Tracer {
  /// Breakpoints of one process after which they are taken away: a program that asks that often is not to be slowed
  /// down any further.
  private static let hitLimit = 20_000
  /// Longest name that is copied from a Go program.
  private static let nameLimit = 4096

  func signalled(_ thread: TracedThread, _ signal: Int32) {
    restartUnbegunCall(of: thread)
    var registers = envprobe_registers()
    guard let space = thread.process.space, signal == SIGTRAP || (signal == SIGSEGV && space.bootstrap != nil),
      envprobe_tracer_is_fault(thread.id) == 1, envprobe_tracer_get_registers(thread.id, &registers) >= 0
    else {
      envprobe_tracer_resume(thread.id, signal)
      return
    }
    if let bootstrap = space.bootstrap {
      // Without the filter that hands the last call to the tracer, the bootstrap ends in an instruction that faults.
      let isInside = registers.rip >= bootstrap.entry && registers.rip - bootstrap.entry < UInt64(bootstrap.length)
      guard isInside else {
        envprobe_tracer_resume(thread.id, signal)
        return
      }
      finishBootstrap(thread, registers, isTrapped: false)
      envprobe_tracer_resume(thread.id, 0)
      return
    }
    if space.pages.contains(where: { $0.fullAddress == registers.rip }) {
      makeRoom(space)
      envprobe_tracer_resume(thread.id, 0)
      return
    }
    guard let breakpoint = space.breakpoints[registers.rip &- 1] else {
      envprobe_tracer_resume(thread.id, signal)
      return
    }
    hit(breakpoint, at: registers.rip &- 1, thread, registers)
    registers.rip = breakpoint.detour
    envprobe_tracer_set_registers(thread.id, &registers)
    envprobe_tracer_resume(thread.id, 0)
  }

  private func hit(
    _ breakpoint: AddressSpace.Breakpoint, at address: UInt64, _ thread: TracedThread, _ registers: envprobe_registers
  ) {
    let process = thread.process
    let memory = Memory(process.id)
    switch breakpoint.role {
    case .getenv:
      let name = memory.text(at: registers.rdi, limit: Self.nameLimit)
      note(name, isSet: nil, from: memory.word(at: registers.rsp) ?? 0, process)
    case .goGetenv:
      let name = goString(memory, registers.rax, registers.rbx)
      let isSet = name.value.map { goEnvironment(of: process).contains($0.bytes) }
      note(name, isSet: isSet, from: goReader(memory, registers, process), process)
    case .goSetenv:
      var environment = goEnvironment(of: process)
      if case .complete(let name) = goString(memory, registers.rax, registers.rbx) { environment.set(name.bytes) }
      process.goEnvironment = environment
    case .goUnsetenv:
      var environment = goEnvironment(of: process)
      if case .complete(let name) = goString(memory, registers.rax, registers.rbx) { environment.unset(name.bytes) }
      process.goEnvironment = environment
    case .goClearenv:
      var environment = goEnvironment(of: process)
      environment.clear()
      process.goEnvironment = environment
    case .bulk(let row):
      if process.bulkCopy == nil {
        process.bulkCopy = BulkCopier.table[row].reason
        assess(process)
      }
    }
    process.hits += 1
    if process.hits == Self.hitLimit { disarm(process, by: thread.id) }
  }

  /// Puts back what the breakpoints replaced. They stay known: a thread may have met one already.
  private func disarm(_ process: TracedProcess, by thread: Int32) {
    guard let space = process.space else { return }
    let memory = openMemory(process.id)
    defer { if memory >= 0 { close(memory) } }
    for (address, breakpoint) in space.breakpoints where breakpoint.role != .getenv || space.watchesGo {
      _ = envprobe_tracer_write(thread, memory, address, [breakpoint.original], 1)
    }
    sink.record(
      .gap(
        Gap(kind: .lostEvents, detail: "reads of variables beyond \(Self.hitLimit) by breakpoint", count: 1)),
      pid: process.insideID)
    space.obstacle = "it asked for variables too often for breakpoints"
    instrument(process, .notInstrumented, space.obstacle!)
  }

  private func goString(_ memory: borrowing Memory, _ address: UInt64, _ length: UInt64) -> Observed<ByteString> {
    let count = Int(min(length, UInt64(Self.nameLimit)))
    let bytes = memory.bytes(at: address, count: count)
    guard bytes.count == count else { return .unreadable(errno: "EFAULT") }
    return UInt64(count) < length
      ? .truncated(ByteString(bytes), of: Int(clamping: length)) : .complete(ByteString(bytes))
  }

  private func goEnvironment(of process: TracedProcess) -> GoEnvironment {
    if let known = process.goEnvironment { return known }
    let file = Glibc.open("/proc/\(process.id)/environ", O_RDONLY | O_CLOEXEC)
    var block: [UInt8] = []
    if file >= 0 {
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      while block.count < 1 << 23 {
        let count = Glibc.read(file, &piece, piece.count)
        guard count > 0 else { break }
        block += piece[..<count]
      }
      close(file)
    }
    let environment = GoEnvironment(block: block)
    process.goEnvironment = environment
    return environment
  }

  /// Who asked: `os.Getenv` and `os.LookupEnv` only hand on, so that it is the one who called them.
  private func goReader(_ memory: borrowing Memory, _ registers: envprobe_registers, _ process: TracedProcess) -> UInt64
  {
    guard let direct = memory.word(at: registers.rsp) else { return 0 }
    guard ["os.Getenv", "os.LookupEnv"].contains(reader(at: direct, of: process).symbol),
      let caller = memory.word(at: registers.rbp &+ 8)
    else { return direct }
    return caller
  }

  /// Empties a ring that a stopped thread found full. A record that is begun is waited for a little: its writer was only
  /// taken off the processor.
  private func makeRoom(_ space: AddressSpace) {
    guard let ring = space.ring else { return }
    for _ in 0..<500 {
      drain(space)
      let head = envprobe_ring_head(ring)
      if head < space.tail || head - space.tail < UInt64(ENVPROBE_RING_RECORDS) / 2 { return }
      usleep(200)
    }
    drain(space, skippingUnfinished: true)
  }
}

/// A stopped process's memory.
private struct Memory: ~Copyable {
  private let file: Int32

  init(_ process: Int32) { file = Glibc.open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC) }
  deinit { if file >= 0 { close(file) } }

  /// Fewer than asked for where they are not mapped.
  func bytes(at address: UInt64, count: Int) -> [UInt8] {
    guard count > 0, file >= 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, got in
      got = max(0, pread(file, buffer.baseAddress, count, off_t(truncatingIfNeeded: address)))
    }
  }

  func word(at address: UInt64) -> UInt64? {
    let bytes = bytes(at: address, count: 8)
    return bytes.count == 8 ? bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } : nil
  }

  func text(at address: UInt64, limit: Int) -> Observed<ByteString> {
    var result: [UInt8] = []
    while result.count < limit {
      let position = address &+ UInt64(result.count)
      // Page by page: what follows may not be mapped.
      let piece = bytes(at: position, count: min(limit - result.count, 4096 - Int(position & 4095)))
      guard !piece.isEmpty else { return .unreadable(errno: "EFAULT") }
      if let end = piece.firstIndex(of: 0) { return .complete(ByteString(result + piece[..<end])) }
      result += piece
    }
    return .truncated(ByteString(result), of: nil)
  }
}
