import CEnvprobeTracer
import EnvprobeModel
import Glibc

extension Tracer {
  /// A filter of ours, or of the program's own, handed a call to the tracer.
  func trapped(_ thread: TracedThread, _ data: UInt32) {
    if data == ENVPROBE_CLOCK_TRAP, clock != nil { return waits(thread) }
    var registers = envprobe_registers()
    guard envprobe_tracer_get_registers(thread.id, &registers) >= 0 else { return }
    guard data == ENVPROBE_LIBRARY_TRAP else {
      // A filter of the program's own that expects a tracer: without one the call fails so.
      registers.orig_rax = UInt64(bitPattern: -1)
      registers.rax = UInt64(bitPattern: -Int64(ENOSYS))
      envprobe_tracer_set_registers(thread.id, &registers)
      envprobe_tracer_resume(thread.id, 0)
      return
    }
    let file = UInt32(truncatingIfNeeded: registers.r8)
    if file == UInt32(ENVPROBE_BOOTSTRAP_FILE), thread.process.space?.bootstrap != nil {
      finishBootstrap(thread, registers, isTrapped: true)
      envprobe_tracer_resume(thread.id, 0)
      return
    }
    if recordsMappings { recordMapping(registers, of: thread.process) }
    guard let space = thread.process.space, space.obstacle == nil,
      let mapping = mapping(registers, Int32(bitPattern: file), of: thread.id)
    else {
      envprobe_tracer_resume(thread.id, 0)
      return
    }
    let isFixed = registers.r10 & UInt64(MAP_FIXED) != 0
    if isFixed, mapping.executable.targets.isEmpty {
      // Where it will be is known, and nothing is to be written there: no need to wait for the call's end.
      _ = addModule(mapping, at: registers.rdi, to: space)
      if mapping.executable.refersToEnviron { assess(thread.process) }
      envprobe_tracer_resume(thread.id, 0)
    } else {
      thread.mapping = mapping
      envprobe_tracer_resume_to_syscall(thread.id)
    }
  }

  private func recordMapping(_ registers: envprobe_registers, of process: TracedProcess) {
    let arguments = [registers.rsi, registers.rdx & 0xffff_ffff, registers.r10 & 0xffff_ffff].map {
      SyscallCall.Argument.number(Int64(bitPattern: $0))
    }
    let file = Int64(Int32(truncatingIfNeeded: registers.r8))
    sink.record(
      .syscall(
        SyscallCall(
          name: "mmap", arguments: arguments + [.number(file), .number(Int64(bitPattern: registers.r9))])),
      pid: process.insideID)
  }

  private func mapping(_ registers: envprobe_registers, _ file: Int32, of thread: Int32) -> TracedThread.Mapping? {
    let link = "/proc/\(thread)/fd/\(file)"
    var status = stat()
    guard stat(link, &status) == 0, let identity = FileIdentity(status),
      case .success(let executable) = catalog.file(identity, descriptor: { files.hold(identity, path: link) })
    else { return nil }
    _ = files.hold(identity, path: link)
    return TracedThread.Mapping(
      identity: identity, executable: executable, path: target(of: link) ?? "", length: registers.rsi,
      offset: registers.r9)
  }

  /// Its mapping is made: what is to be watched in it is hooked before anything runs there.
  func finishMapping(_ thread: TracedThread) {
    guard let mapping = thread.mapping else { return }
    thread.mapping = nil
    let process = thread.process
    var registers = envprobe_registers()
    guard let space = process.space, envprobe_tracer_get_registers(thread.id, &registers) >= 0,
      Int64(bitPattern: registers.rax) > 0 || Int64(bitPattern: registers.rax) < -4095,
      let module = addModule(mapping, at: registers.rax, to: space)
    else { return }
    if !mapping.executable.targets.isEmpty {
      let memory = openMemory(process.id)
      defer { if memory >= 0 { close(memory) } }
      if mapping.executable.asksByGetenv, space.ring != nil, space.page(near: registers.rax) == nil {
        mapPage(near: registers.rax, thread, registers, space, memory)
      }
      hook(module, in: space, process, thread.id, memory, range: module.range)
    }
    assess(process)
  }

  private func addModule(
    _ mapping: TracedThread.Mapping, at address: UInt64, to space: AddressSpace
  ) -> AddressSpace.Module? {
    let (end, overflow) = address.addingReportingOverflow(mapping.length)
    guard !overflow, end > address,
      let segment = mapping.executable.segments.first(where: {
        $0.isExecutable && mapping.offset < $0.offset &+ $0.fileSize && $0.offset < mapping.offset &+ mapping.length
      })
    else { return nil }
    let module = AddressSpace.Module(
      range: address..<end, bias: address &- mapping.offset &+ segment.offset &- segment.address,
      identity: mapping.identity, path: mapping.path, executable: mapping.executable)
    space.modules.removeAll { $0.range.overlaps(module.range) }
    space.modules.append(module)
    return module
  }

  // MARK: Hooks

  /// Leads the functions of a module that lie in `range` to a hook page.
  func hook(
    _ module: AddressSpace.Module, in space: AddressSpace, _ process: TracedProcess, _ thread: Int32, _ memory: Int32,
    range: Range<UInt64>
  ) {
    for target in module.executable.targets {
      let address = module.bias &+ target.address
      guard range.contains(address), space.breakpoints[address] == nil else { continue }
      // What is not as it is in the file is not touched.
      var code = [UInt8](repeating: 0, count: target.code.count)
      guard memory >= 0, pread(memory, &code, code.count, off_t(truncatingIfNeeded: address)) == code.count,
        code == target.code, let page = space.page(near: address)
      else { continue }
      let isHooked: Bool
      if target.role == .getenv, let prologue = Prologue(code, atLeast: 5),
        let thunk = space.pages[page].addThunk(for: address, prologue)
      {
        isHooked =
          write(space.pages[page], from: thunk.at, thread, memory)
          && envprobe_tracer_write(thread, memory, address, thunk.jump, thunk.jump.count) >= 0
      } else {
        isHooked = setBreakpoint(target.role, at: address, code, in: space, page, thread, memory)
      }
      guard isHooked else { continue }
      switch target.role {
      case .getenv: space.watchesGetenv = true
      case .goGetenv: space.watchesGo = true
      default: break
      }
    }
  }

  private func setBreakpoint(
    _ role: ExecutableFile.Target.Role, at address: UInt64, _ code: [UInt8], in space: AddressSpace, _ page: Int,
    _ thread: Int32, _ memory: Int32
  ) -> Bool {
    guard let first = Prologue(code, atLeast: 1), let detour = space.pages[page].addDetour(for: address, first),
      write(space.pages[page], from: detour, thread, memory),
      envprobe_tracer_write(thread, memory, address, [0xCC], 1) >= 0
    else { return false }
    space.breakpoints[address] = .init(
      role: role, detour: space.pages[page].address + UInt64(detour), original: code[0])
    return true
  }

  private func write(_ page: HookPage, from start: Int, _ thread: Int32, _ memory: Int32) -> Bool {
    let code = Array(page.code[start...])
    return envprobe_tracer_write(thread, memory, page.address + UInt64(start), code, code.count) >= 0
  }

  /// Lets a thread that stands at the end of a system call make one more, which maps a page near `address`.
  private func mapPage(
    near address: UInt64, _ thread: TracedThread, _ registers: envprobe_registers, _ space: AddressSpace,
    _ memory: Int32
  ) {
    var call = registers
    // The instruction that it has just executed is the one that is needed.
    call.rip = registers.rip - 2
    defer {
      var registers = registers
      envprobe_tracer_set_registers(thread.id, &registers)
    }
    for step in 1...16 {
      call.rax = 9
      call.orig_rax = UInt64(bitPattern: -1)
      call.rdi = (address & ~0xfff) &- UInt64(step) * 0x100000
      call.rsi = UInt64(ENVPROBE_HOOK_PAGE)
      call.rdx = UInt64(PROT_READ | PROT_EXEC)
      call.r10 = UInt64(MAP_PRIVATE) | UInt64(MAP_ANONYMOUS) | 0x100000
      call.r8 = UInt64(ENVPROBE_CALL_MARK) << 32 | UInt64(UInt32.max)
      call.r9 = 0
      guard envprobe_tracer_set_registers(thread.id, &call) >= 0 else { return }
      var stop = envprobe_stop()
      // Its beginning, then its end.
      for _ in 0..<2 {
        guard envprobe_tracer_resume_to_syscall(thread.id) >= 0, envprobe_tracer_wait(thread.id, &stop) >= 0,
          stop.kind == ENVPROBE_STOP_SYSCALL.rawValue
        else { return }
      }
      var result = envprobe_registers()
      guard envprobe_tracer_get_registers(thread.id, &result) >= 0 else { return }
      if result.rax == call.rdi { return addPage(at: call.rdi, to: space, thread.process, memory) }
    }
  }
}
