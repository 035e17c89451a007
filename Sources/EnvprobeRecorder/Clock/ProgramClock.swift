import CEnvprobeTracer
import EnvprobeModel
import Glibc

/// Makes a program's clock show another time than the host's, as far as a tracer has to do that: where a program is
/// executed, and where a thread waits for a point in time.
///
/// What reads the clock by a system call of its own is answered by ``ClockAnswers``.
struct ProgramClock {
  let shift: ClockShift
  /// Which calls with a deadline are recorded; those that are handed to the tracer are not notified.
  let level: TraceLevel

  /// A deadline that was put in another's place while its thread is in the call.
  struct Deadline {
    /// The argument that points to it, in a program of which word size.
    var argument: Int
    var isWide: Bool
    var pointer: UInt64
    /// What must be put back where there was no other room for it.
    var overwritten: [UInt8]?
  }

  // MARK: Execution

  /// Leads the clock functions of a program that was just executed to ones that add the offset.
  ///
  /// - Returns: Why that could not be done.
  func enter(_ process: Int32) -> String? {
    guard let vector = ImageVector(process) else { return "its auxiliary vector cannot be read" }
    // Without a vDSO it asks the kernel.
    guard let address = vector.virtualLibrary else { return nil }
    let memory = open("/proc/\(process)/mem", O_RDWR | O_CLOEXEC)
    guard memory >= 0 else { return "its memory cannot be written (\(ErrnoName.name(of: errno)))" }
    defer { close(memory) }
    return vector.isWide ? redirect(address, memory, process) : hide(vector, memory, process)
  }

  private func redirect(_ address: UInt64, _ memory: Int32, _ process: Int32) -> String? {
    let image = [UInt8](unsafeUninitializedCapacity: VirtualLibrary.limit) { buffer, count in
      count = max(0, pread(memory, buffer.baseAddress, buffer.count, off_t(truncatingIfNeeded: address)))
    }
    guard let changes = VirtualLibrary(image)?.changes(for: shift) else {
      return "the kernel's vDSO cannot be understood, or has no room"
    }
    for change in changes {
      let result = envprobe_tracer_write(
        process, memory, address + UInt64(change.at), change.bytes, change.bytes.count)
      if result < 0 { return "its vDSO cannot be written (\(ErrnoName.name(of: -result)))" }
    }
    return nil
  }

  /// A 32-bit program is not told that there is a vDSO: it then asks the kernel.
  private func hide(_ vector: ImageVector, _ memory: Int32, _ process: Int32) -> String? {
    var stack: UInt64 = 0
    guard envprobe_tracer_stack_pointer(process, &stack) >= 0, let place = vector.find(above: stack, memory) else {
      return "its auxiliary vector cannot be found"
    }
    var ignored: UInt32 = 1  // AT_IGNORE
    let result = envprobe_tracer_write(process, memory, place, &ignored, 4)
    return result < 0 ? "its auxiliary vector cannot be written (\(ErrnoName.name(of: -result)))" : nil
  }

  // MARK: Deadlines

  /// Puts a deadline on the host's clock in the place of the program's, in a thread that stands in a call.
  ///
  /// - Returns: What is to be undone at the call's end; `nil` where the call can go on as it is.
  func translate(_ call: envprobe_call, of thread: Int32, in process: Int32) -> Deadline? {
    let isWide = call.architecture == Self.amd64
    guard let row = (isWide ? DeadlineCall.amd64 : DeadlineCall.i386)[call.number],
      isShifted(row.clock, call, thread, process)
    else { return nil }
    let arguments = withUnsafeBytes(of: call.arguments) { Array($0.bindMemory(to: UInt64.self)) }
    let pointer = arguments[row.argument]
    let memory = open("/proc/\(thread)/mem", O_RDWR | O_CLOEXEC)
    guard memory >= 0 else { return nil }
    defer { close(memory) }
    var bytes = [UInt8](repeating: 0, count: row.size)
    guard pread(memory, &bytes, row.size, off_t(truncatingIfNeeded: pointer)) == row.size,
      let translated = translate(bytes, row)
    else { return nil }
    var registers = envprobe_registers()
    guard envprobe_tracer_get_wide_registers(thread, &registers) >= 0 else { return nil }
    // Below the stack and the 128 bytes under it that leaf functions use; the kernel copies it before anything else
    // happens in this thread. A signal's frame may overwrite it only after that.
    let scratch = (call.stack &- 256) & ~15
    if pwrite(memory, translated, translated.count, off_t(truncatingIfNeeded: scratch)) == translated.count {
      registers[row.argument, isWide: isWide] = scratch
      guard envprobe_tracer_set_wide_registers(thread, &registers) >= 0 else { return nil }
      return Deadline(argument: row.argument, isWide: isWide, pointer: pointer)
    }
    guard pwrite(memory, translated, translated.count, off_t(truncatingIfNeeded: pointer)) == translated.count else {
      return nil
    }
    return Deadline(argument: row.argument, isWide: isWide, pointer: pointer, overwritten: bytes)
  }

  /// The call is over: the program finds its registers and its memory as it left them.
  func undo(_ deadline: Deadline, of thread: Int32) {
    var registers = envprobe_registers()
    if envprobe_tracer_get_wide_registers(thread, &registers) >= 0 {
      registers[deadline.argument, isWide: deadline.isWide] = deadline.pointer
      envprobe_tracer_set_wide_registers(thread, &registers)
    }
    guard let bytes = deadline.overwritten else { return }
    envprobe_tracer_write(thread, -1, deadline.pointer, bytes, bytes.count)
  }

  private static let amd64: UInt32 = 0xc000_003e

  private func translate(_ bytes: [UInt8], _ row: DeadlineCall) -> [UInt8]? {
    var result = bytes
    func number(_ index: Int) -> Int {
      bytes.withUnsafeBytes {
        let at = row.offset + index * row.width
        return row.width == 8
          ? $0.loadUnaligned(fromByteOffset: at, as: Int.self)
          : Int($0.loadUnaligned(fromByteOffset: at, as: Int32.self))
      }
    }
    let time = timespec(tv_sec: number(0), tv_nsec: number(1))
    // What the kernel refuses, and a timer that is stopped, stay as they are.
    guard time.tv_sec >= 0, (0..<1_000_000_000).contains(time.tv_nsec),
      !row.hasInterval || time.tv_sec != 0 || time.tv_nsec != 0
    else { return nil }
    let host = shift.host(time)
    for (index, value) in [host.tv_sec, host.tv_nsec].enumerated() {
      let at = row.offset + index * row.width
      result.withUnsafeMutableBytes {
        if row.width == 8 {
          $0.storeBytes(of: value, toByteOffset: at, as: Int.self)
        } else {
          $0.storeBytes(of: Int32(clamping: value), toByteOffset: at, as: Int32.self)
        }
      }
    }
    return result
  }

  private func isShifted(
    _ clock: DeadlineCall.Clock, _ call: envprobe_call, _ thread: Int32, _ process: Int32
  ) -> Bool {
    switch clock {
    case .known: true
    case .argument(let index):
      ClockShift.isShifted(
        Int32(
          truncatingIfNeeded: withUnsafeBytes(of: call.arguments) {
            $0.load(fromByteOffset: index * 8, as: UInt64.self)
          }))
    case .timerDescriptor:
      Self.number(
        after: "clockid: ", in: "/proc/\(thread)/fdinfo/\(Int32(truncatingIfNeeded: call.arguments.0))"
      ).map { ClockShift.isShifted($0) } ?? false
    case .timer:
      Self.clock(ofTimer: Int32(truncatingIfNeeded: call.arguments.0), in: process).map { ClockShift.isShifted($0) }
        ?? false
    }
  }

  /// `/proc/PID/timers` tells of each timer `ID: …`, and last `ClockID: …`.
  private static func clock(ofTimer id: Int32, in process: Int32) -> Int32? {
    let text = text(of: "/proc/\(process)/timers")
    var isIt = false
    for line in text.split(separator: "\n") {
      if line.hasPrefix("ID: ") { isIt = Int32(line.dropFirst(4)) == id }
      if isIt, line.hasPrefix("ClockID: ") { return Int32(line.dropFirst(9)) }
    }
    return nil
  }

  private static func number(after key: String, in file: String) -> Int32? {
    for line in text(of: file).split(separator: "\n") where line.hasPrefix(key) {
      return Int32(line.dropFirst(key.count))
    }
    return nil
  }

  private static func text(of path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    return String(decoding: (try? readAll(file, limit: 1 << 20).get()) ?? [], as: UTF8.self)
  }
}

extension envprobe_registers {
  /// An argument of a system call (`syscall(2)`).
  fileprivate subscript(index: Int, isWide isWide: Bool) -> UInt64 {
    get { self[keyPath: Self.place(index, isWide)] }
    set { self[keyPath: Self.place(index, isWide)] = newValue }
  }

  private static func place(_ index: Int, _ isWide: Bool) -> WritableKeyPath<Self, UInt64> {
    isWide
      ? [\.rdi, \.rsi, \.rdx, \.r10, \.r8, \.r9][index] : [\.rbx, \.rcx, \.rdx, \.rsi, \.rdi, \.rbp][index]
  }
}

/// The auxiliary vector of a program of either word size (`getauxval(3)`).
struct ImageVector {
  private let bytes: [UInt8]
  let isWide: Bool
  /// Where the vDSO is; `nil` where the program was told of none.
  let virtualLibrary: UInt64?

  init?(_ process: Int32) {
    let file = open("/proc/\(process)/auxv", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let bytes = [UInt8](unsafeUninitializedCapacity: 2048) { buffer, count in
      count = max(0, read(file, buffer.baseAddress, buffer.count))
    }
    self.init(bytes)
  }

  init?(_ bytes: [UInt8]) {
    // AT_PAGESZ is there always, and its value is not what a pair of narrow words makes.
    guard let isWide = [true, false].first(where: { Self.value(of: 6, in: bytes, isWide: $0) == 4096 }) else {
      return nil
    }
    self.bytes = bytes
    self.isWide = isWide
    virtualLibrary = Self.value(of: 33, in: bytes, isWide: isWide)
  }

  private static func value(of key: UInt64, in bytes: [UInt8], isWide: Bool) -> UInt64? {
    place(of: key, in: bytes, isWide: isWide).map { word(bytes, $0 + (isWide ? 8 : 4), isWide) }
  }

  private static func place(of key: UInt64, in bytes: [UInt8], isWide: Bool) -> Int? {
    let size = isWide ? 16 : 8
    var position = 0
    while position + size <= bytes.count {
      let found = word(bytes, position, isWide)
      if found == key { return position }
      if found == 0 { return nil }
      position += size
    }
    return nil
  }

  private static func word(_ bytes: [UInt8], _ at: Int, _ isWide: Bool) -> UInt64 {
    bytes.withUnsafeBytes {
      isWide
        ? $0.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        : UInt64($0.loadUnaligned(fromByteOffset: at, as: UInt32.self))
    }
  }

  /// Where in a narrow program's memory the word is that announces the vDSO. The vector lies behind its arguments and
  /// variables.
  func find(above stack: UInt64, _ memory: Int32) -> UInt64? {
    guard let place = Self.place(of: 33, in: bytes, isWide: isWide) else { return nil }
    let pattern = Array(bytes[..<min(bytes.count, 64)])
    let size = 1 << 16
    var window: [UInt8] = []
    var start = stack
    while start &- stack < 1 << 23 {
      let chunk = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = max(0, pread(memory, buffer.baseAddress, size, off_t(truncatingIfNeeded: start)))
      }
      if chunk.isEmpty { return nil }
      window += chunk
      let base = start &+ UInt64(chunk.count) &- UInt64(window.count)
      let found = window.withUnsafeBytes { bytes in
        stride(from: 0, through: bytes.count - pattern.count, by: 4).first {
          memcmp(bytes.baseAddress! + $0, pattern, pattern.count) == 0
        }
      }
      if let found { return base &+ UInt64(found) &+ UInt64(place) }
      window = Array(window.suffix(pattern.count))
      start &+= UInt64(chunk.count)
    }
    return nil
  }
}
