import CEnvprobeTracer
import EnvprobeModel
import Glibc

/// What the kernel passes to a program when it is executed (`getauxval(3)`).
struct AuxiliaryVector {
  private var values: [UInt64: UInt64] = [:]

  init?(_ process: Int32) {
    let file = open("/proc/\(process)/auxv", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var words = [UInt64](repeating: 0, count: 128)
    let size = words.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
    guard size > 0 else { return nil }
    for index in stride(from: 0, to: size / 8 - 1, by: 2) where words[index] != 0 {
      values[words[index]] = words[index + 1]
    }
  }

  var entry: UInt64 { values[9] ?? 0 }
  /// Where the loader is; 0 in a static program.
  var loader: UInt64 { values[7] ?? 0 }
}

extension Tracer {
  /// A process executes another program: what was known of its memory is gone.
  func executed(_ thread: TracedThread) {
    let id = thread.id
    for other in thread.process.threads where other != id { threads[other] = nil }
    end(thread.process, isReplaced: true)
    let process = TracedProcess(
      id: id, insideID: thread.process.insideID, key: nextKeyValue(), space: nil, isFork: false)
    processes[id] = process
    processesByKey[process.key] = process
    _ = TracedThread.register(in: &threads, id: id, process: process, isNew: false)
    setClock(of: process)
    guard recordsReads else { return }

    let space = open(program: id)
    process.space = space
    space.users = 1
    if let obstacle = space.obstacle { return instrument(process, .notInstrumented, obstacle) }
    let filters = TraceeStatus(id)?.filterCount ?? 0
    if launchFilters == nil { launchFilters = filters }
    if let launchFilters, filters > launchFilters {
      // What it forbids is not known, and the calls that the bootstrap makes may be the end of it.
      space.obstacle = "it runs under a system call filter of its own"
      return instrument(process, .notInstrumented, space.obstacle!)
    }
    let result = startBootstrap(space, process)
    if result < 0 {
      space.obstacle = "its memory cannot be written (\(ErrnoName.name(of: -result)))"
      instrument(process, .notInstrumented, space.obstacle!)
    }
  }

  private func open(program id: Int32) -> AddressSpace {
    let link = "/proc/\(id)/exe"
    let path = target(of: link)
    var status = stat()
    guard stat(link, &status) == 0, let identity = FileIdentity(status) else {
      let space = AddressSpace(executable: nil, path: path)
      space.obstacle = "its executable cannot be read (\(ErrnoName.name(of: errno)))"
      return space
    }
    let executable: ExecutableFile
    switch catalog.file(identity, descriptor: { files.hold(identity, path: link) }) {
    case .success(let file): executable = file
    case .failure(let error):
      let space = AddressSpace(executable: nil, path: path)
      space.obstacle =
        switch error {
        case .notELF: "its executable is not an ELF file"
        case .foreign(let what): "it is \(what)"
        case .damaged(let part): "its executable cannot be understood (\(part))"
        }
      return space
    }
    _ = files.hold(identity, path: link)
    let space = AddressSpace(executable: executable, path: path)
    guard let auxiliary = AuxiliaryVector(id) else {
      space.obstacle = "its auxiliary vector cannot be read"
      return space
    }
    let bias = auxiliary.entry &- executable.entry
    addModule(to: space, executable, identity, path: path ?? "", bias: bias)
    if auxiliary.loader != 0, let interpreter = executable.interpreter {
      openLoader(interpreter, of: id, at: auxiliary.loader, in: space)
    }
    if auxiliary.loader == 0, space.modules.allSatisfy(\.executable.targets.isEmpty) {
      space.obstacle = executable.obstacle ?? "it asks for no variable in a known way"
    }
    return space
  }

  private func openLoader(_ interpreter: String, of id: Int32, at address: UInt64, in space: AddressSpace) {
    let root = Glibc.open("/proc/\(id)/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { return }
    defer { close(root) }
    let file = envprobe_tracer_open_beneath(root, interpreter)
    guard file >= 0 else { return }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, let identity = FileIdentity(status) else { return }
    _ = files.hold(identity, path: "/proc/self/fd/\(file)")
    guard case .success(let executable) = catalog.file(identity, descriptor: { file }) else { return }
    addModule(to: space, executable, identity, path: interpreter, bias: address &- executable.base)
  }

  private func addModule(
    to space: AddressSpace, _ executable: ExecutableFile, _ identity: FileIdentity, path: String, bias: UInt64
  ) {
    for segment in executable.segments where segment.isExecutable {
      let start = bias &+ segment.address
      let (end, overflow) = start.addingReportingOverflow(segment.fileSize)
      guard !overflow else { continue }
      space.modules.append(
        .init(range: start..<end, bias: bias, identity: identity, path: path, executable: executable))
    }
  }

  // MARK: The bootstrap

  /// Puts the code that maps the ring and the hook pages where the program will begin.
  private func startBootstrap(_ space: AddressSpace, _ process: TracedProcess) -> Int32 {
    var registers = envprobe_registers()
    let result = envprobe_tracer_get_registers(process.id, &registers)
    guard result >= 0 else { return result }
    let isDynamic = space.modules.count > 0 && space.executable?.interpreter != nil
    let nearProgram: UInt64
    if let program = space.modules.first, !program.executable.targets.isEmpty {
      let base = program.bias &+ program.executable.base
      nearProgram = base > 0x120000 ? (base - 0x10000) & ~0xfff : UInt64(ENVPROBE_PAGE_NONE)
    } else {
      nearProgram = UInt64(ENVPROBE_PAGE_NONE)
    }
    var code = [UInt8](repeating: 0, count: 1024)
    let length = Int(
      envprobe_bootstrap_build(
        &code, isDynamic ? UInt64(ENVPROBE_PAGE_ANYWHERE) : UInt64(ENVPROBE_PAGE_NONE), nearProgram))
    guard length > 0 else { return Int32(length) }
    code.removeLast(code.count - length)
    let memory = openMemory(process.id)
    guard memory >= 0 else { return -errno }
    defer { close(memory) }
    var original = [UInt8](repeating: 0, count: length)
    guard pread(memory, &original, length, off_t(truncatingIfNeeded: registers.rip)) == length else { return -EFAULT }
    let written = envprobe_tracer_write(process.id, memory, registers.rip, code, length)
    guard written >= 0 else { return written }
    space.bootstrap = (registers.rip, original, length)
    return 0
  }

  /// The pages are there: fills them, leads the functions to them, and lets the program begin.
  ///
  /// - Parameter isTrapped: Whether the thread stands in a system call, which is then changed into the one that closes
  ///   the ring's file.
  func finishBootstrap(_ thread: TracedThread, _ registers: envprobe_registers, isTrapped: Bool) {
    let process = thread.process
    guard let space = process.space, let bootstrap = space.bootstrap else { return }
    space.bootstrap = nil
    let memory = openMemory(process.id)
    defer { if memory >= 0 { close(memory) } }
    _ = envprobe_tracer_write(thread.id, memory, bootstrap.entry, bootstrap.code, bootstrap.length)

    let file = Int64(bitPattern: registers.r12)
    var ring: UnsafeMutableRawPointer?
    if file < 0 {
      space.obstacle = "it could not make a file for the ring (\(ErrnoName.name(of: Int32(truncatingIfNeeded: -file))))"
    } else if Int64(bitPattern: registers.r13) < 0 {
      space.obstacle =
        "it could not map the ring (\(ErrnoName.name(of: Int32(truncatingIfNeeded: 0 &- registers.r13))))"
    } else {
      let result = envprobe_ring_take(process.id, Int32(truncatingIfNeeded: file), &ring)
      if result < 0 { space.obstacle = "the ring could not be shared (\(ErrnoName.name(of: -result)))" }
    }
    if let ring {
      space.ring = ring
      space.ringAddress = registers.r13
      spaces.append(space)
      for address in [registers.r14, registers.r15]
      where Int64(bitPattern: address) > 0 && address != UInt64(ENVPROBE_PAGE_NONE) {
        addPage(at: address, to: space, process, memory)
      }
      for module in space.modules { hook(module, in: space, process, thread.id, memory, range: module.range) }
    }
    var next = envprobe_registers()
    next = registers
    next.rip = bootstrap.entry
    next.r12 = 0
    next.r13 = 0
    next.r14 = 0
    next.r15 = 0
    next.rbx = 0
    next.rbp = 0
    next.rsi = 0
    next.rdx = 0
    next.r10 = 0
    next.r8 = 0
    next.r9 = 0
    next.rcx = 0
    next.r11 = 0
    next.rax = 0
    next.rdi = 0
    if isTrapped, file >= 0 {
      next.orig_rax = 3  // close
      next.rdi = UInt64(ENVPROBE_CALL_MARK) << 32 | UInt64(bitPattern: file)
    } else {
      next.orig_rax = UInt64(bitPattern: -1)
    }
    envprobe_tracer_set_registers(thread.id, &next)
    if let obstacle = space.obstacle { instrument(process, .notInstrumented, obstacle) } else { assess(process) }
  }

  func addPage(at address: UInt64, to space: AddressSpace, _ process: TracedProcess, _ memory: Int32) {
    let page = HookPage(address: address, key: process.key, ring: space.ringAddress)
    guard envprobe_tracer_write(process.id, memory, address, page.code, page.code.count) >= 0 else { return }
    space.pages.append(page)
  }

  func openMemory(_ id: Int32) -> Int32 { Glibc.open("/proc/\(id)/mem", O_RDWR | O_CLOEXEC) }

  func target(of link: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { readlink(link, $0.baseAddress!, $0.count) }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }
}
