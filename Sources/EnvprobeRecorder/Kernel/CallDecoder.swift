import CEnvprobeRecorder
import EnvprobeModel
import Glibc

/// Copies what a call's arguments point to and says what it means. Used while the program waits for its answer.
struct CallDecoder {
  /// Bytes of a string that are kept: Linux' `PATH_MAX`.
  static let stringLimit = 4096
  /// Bytes of `argv` and of `envp` that are kept: half of what Linux allows by default.
  static let vectorLimit = 1 << 20
  /// Messages of a `sendmmsg` whose addresses are decoded.
  private static let messageLimit = 16

  let listener: Int32
  private let resolver = PathResolver()
  private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.stringLimit, alignment: 16)

  /// A call under the decoder's eyes.
  struct Call {
    let id: UInt64
    let thread: TraceeThread
    let entry: SyscallEntry
    let arguments: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    subscript(index: Int) -> UInt64 {
      switch index {
      case 0: arguments.0
      case 1: arguments.1
      case 2: arguments.2
      case 3: arguments.3
      case 4: arguments.4
      default: arguments.5
      }
    }
  }

  func deallocate() { scratch.deallocate() }

  // MARK: Calls

  func decode(_ call: Call) -> Event.Payload {
    if call.entry.effect == .execute, let exec = decodeExec(call) { return .exec(exec) }
    return .syscall(
      SyscallCall(
        name: call.entry.name, architecture: call.entry.architecture, arguments: decodeArguments(call),
        denied: call.entry.denialName))
  }

  private func decodeArguments(_ call: Call) -> [SyscallCall.Argument] {
    guard let rule = call.entry.rule else { return (0..<6).map { .number(Int64(bitPattern: call[$0])) } }
    var result: [SyscallCall.Argument] = []
    result.reserveCapacity(rule.roles.count)
    var folder = PathResolver.currentDirectory
    var createsFile: Bool?
    for (index, role) in rule.roles.enumerated() {
      let value = call[index]
      switch role {
      case .directoryFD: folder = Int32(truncatingIfNeeded: value)
      case .path:
        result.append(.path(path(value, relativeTo: folder, call)))
        folder = PathResolver.currentDirectory
      case .linkText, .text: result.append(.text(string(value, call)))
      case .sizedText:
        let size = Int(clamping: Int32(truncatingIfNeeded: call[index + 1]))
        result.append(.text(block(value, min(max(0, size), Self.stringLimit), call).map { ByteString($0) }))
      case .number:
        let isWide = call.entry.wordSize == 8
        result.append(.number(isWide ? Int64(bitPattern: value) : Int64(UInt32(truncatingIfNeeded: value))))
      case .int, .fd: result.append(.number(Int64(Int32(truncatingIfNeeded: value))))
      case .mode:
        if createsFile ?? true { result.append(.number(Int64(value & 0xffff))) }
      case .openFlags:
        createsFile = value & FlagTable.createsFile != 0
        result.append(flags(index, role, value & 0xffff_ffff, call))
      case .atFlags, .cloneFlags, .unshareFlags, .mountFlags, .socketFamily, .socketType, .accessMode, .signal,
        .ioctlRequest, .prctlOption, .seccompOperation, .ptraceRequest, .renameFlags, .clockID, .resource:
        result.append(flags(index, role, value & 0xffff_ffff, call))
      case .openHow, .cloneArguments:
        // The flags are the first field of both.
        if let bits: UInt64 = load(value, call) { result.append(flags(index, role, bits, call)) }
      case .socketAddress:
        if value != 0 { result.append(.address(address(value, length: call[index + 1], call))) }
      case .messageHeader:
        if let address = messageName(value, call) { result.append(.address(address)) }
      case .messageVector:
        let stride: UInt64 = call.entry.wordSize == 8 ? 64 : 32
        let count = min(UInt64(UInt32(truncatingIfNeeded: call[index + 1])), UInt64(Self.messageLimit))
        for position in 0..<count {
          if let address = messageName(value &+ position * stride, call) { result.append(.address(address)) }
        }
      case .socketCall: result.append(.number(Int64(Int32(truncatingIfNeeded: value))))
      case .argumentVector, .environmentVector, .opaque: break
      }
    }
    return result
  }

  private func flags(_ index: Int, _ role: SyscallRule.Role, _ value: UInt64, _ call: Call) -> SyscallCall.Argument {
    .flags(role.flags.map { call.entry.flags(at: index, of: value, in: $0) } ?? [])
  }

  private func decodeExec(_ call: Call) -> ExecCall? {
    guard let roles = call.entry.rule?.roles, let argv = roles.firstIndex(of: .argumentVector),
      let envp = roles.firstIndex(of: .environmentVector), let name = roles.firstIndex(of: .path)
    else { return nil }
    let folder = roles.contains(.directoryFD) ? Int32(truncatingIfNeeded: call[0]) : PathResolver.currentDirectory
    let path = path(call[name], relativeTo: folder, call)
    return ExecCall(path: path, arguments: vector(call[argv], call), environment: vector(call[envp], call))
  }

  /// The call that i386's `socketcall` stands for; its arguments lie in memory, 32 bits each.
  func unwrap(_ call: Call, in directory: inout SyscallDirectory) -> Call {
    guard call.entry.rule?.roles.first == .socketCall, let name = Self.socketCalls[call[0] & 0xffff_ffff],
      case .complete(let bytes) = block(call[1], 24, call)
    else { return call }
    let words = bytes.withUnsafeBytes { raw in
      (0..<6).map { UInt64(raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) }
    }
    return Call(
      id: call.id, thread: call.thread, entry: directory.entry(socketCall: name),
      arguments: (words[0], words[1], words[2], words[3], words[4], words[5]))
  }

  /// `linux/net.h`
  private static let socketCalls: [UInt64: String] = [
    1: "socket", 2: "bind", 3: "connect", 4: "listen", 5: "accept", 6: "getsockname", 7: "getpeername", 8: "socketpair",
    9: "send", 10: "recv", 11: "sendto", 12: "recvfrom", 13: "shutdown", 14: "setsockopt", 15: "getsockopt",
    16: "sendmsg", 17: "recvmsg", 18: "accept4", 19: "recvmmsg", 20: "sendmmsg",
  ]

  // MARK: Arguments

  private func path(_ pointer: UInt64, relativeTo folder: Int32, _ call: Call) -> Observed<ByteString> {
    // With a descriptor and no path, `utimensat` and since Linux 6.11 `statx` mean the file itself.
    if pointer == 0, folder != PathResolver.currentDirectory {
      return resolver.absolute([], relativeTo: folder, of: call.thread)
    }
    switch string(pointer, call) {
    case .complete(let text):
      if text.bytes.isEmpty, !acceptsEmptyPath(call) { return .complete(text) }
      return resolver.absolute(text.bytes, relativeTo: folder, of: call.thread)
    case .truncated(let text, let total):
      guard case .complete(let path) = resolver.absolute(text.bytes, relativeTo: folder, of: call.thread) else {
        return .truncated(text, of: total)
      }
      return .truncated(path, of: nil)
    case .unreadable(let errno): return .unreadable(errno: errno)
    }
  }

  /// Whether `AT_EMPTY_PATH` is among its flags: an empty path is then the descriptor's own file.
  private func acceptsEmptyPath(_ call: Call) -> Bool {
    guard let index = call.entry.rule?.roles.firstIndex(of: .atFlags) else { return false }
    return call[index] & 0x1000 != 0
  }

  private func address(_ pointer: UInt64, length: UInt64, _ call: Call) -> Observed<SocketAddress> {
    // `struct sockaddr_storage`; the kernel refuses what is longer, or negative.
    let length = Int32(truncatingIfNeeded: length)
    guard (0...128).contains(length) else { return .unreadable(errno: "EINVAL") }
    return block(pointer, Int(length), call).map { SocketAddress(bytes: $0) }
  }

  private func messageName(_ pointer: UInt64, _ call: Call) -> Observed<SocketAddress>? {
    let isWide = call.entry.wordSize == 8
    switch block(pointer, isWide ? 12 : 8, call) {
    case .complete(let header):
      let (name, length) = header.withUnsafeBytes { raw in
        isWide
          ? (raw.loadUnaligned(as: UInt64.self), raw.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
          : (UInt64(raw.loadUnaligned(as: UInt32.self)), raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
      }
      return name == 0 ? nil : address(name, length: UInt64(length), call)
    case .truncated: return .unreadable(errno: "EFAULT")
    case .unreadable(let errno): return .unreadable(errno: errno)
    }
  }

  // MARK: Memory

  private func read(_ address: UInt64, _ buffer: UnsafeMutableRawPointer, _ count: Int, _ call: Call) -> Int {
    call.thread.process.read(address, buffer, count, thread: call.thread.id) {
      envprobe_notify_is_valid(listener, call.id) == 0
    }
  }

  private func load<T: BitwiseCopyable>(_ address: UInt64, _ call: Call) -> T? {
    let size = MemoryLayout<T>.size
    return read(address, scratch.baseAddress!, size, call) == size ? scratch.loadUnaligned(as: T.self) : nil
  }

  /// A number of bytes, all of which the kernel will want.
  private func block(_ address: UInt64, _ count: Int, _ call: Call) -> Observed<[UInt8]> {
    if count == 0 { return .complete([]) }
    let got = read(address, scratch.baseAddress!, min(count, scratch.count), call)
    if got < 0 { return .unreadable(errno: ErrnoName.name(of: Int32(-got))) }
    return got == count ? .complete(Array(scratch[..<got])) : .unreadable(errno: "EFAULT")
  }

  /// A NUL-terminated string.
  private func string(_ address: UInt64, _ call: Call) -> Observed<ByteString> {
    var filled = 0
    var want = 256
    while filled < scratch.count {
      let got = read(address &+ UInt64(filled), scratch.baseAddress! + filled, want, call)
      if got < 0 { return .unreadable(errno: ErrnoName.name(of: Int32(-got))) }
      if let end = memchr(scratch.baseAddress! + filled, 0, got) {
        return .complete(ByteString([UInt8](scratch[..<(end - scratch.baseAddress!)])))
      }
      filled += got
      // It runs into memory that is not mapped.
      if got < want { return .unreadable(errno: "EFAULT") }
      want = scratch.count - filled
    }
    return .truncated(ByteString([UInt8](scratch)), of: nil)
  }

  /// A NULL-terminated vector of strings. They lie one behind the other as a rule: they are copied by the stretch.
  private func vector(_ pointer: UInt64, _ call: Call) -> Observed<[ByteString]> {
    // Linux takes a missing vector for an empty one.
    if pointer == 0 { return .complete([]) }
    let size = call.entry.wordSize
    var window = MemoryWindow { address, buffer, count in self.read(address, buffer, count, call) }
    var pointers = MemoryWindow { address, buffer, count in self.read(address, buffer, count, call) }
    var result: [ByteString] = []
    var total = 0
    var position = pointer
    while true {
      guard let word = pointers.bytes(at: position, count: size) else {
        return result.isEmpty ? .unreadable(errno: "EFAULT") : .truncated(result, of: nil)
      }
      let address = word.withUnsafeBytes {
        size == 8 ? $0.loadUnaligned(as: UInt64.self) : UInt64($0.loadUnaligned(as: UInt32.self))
      }
      if address == 0 { return .complete(result) }
      guard let text = window.string(at: address, limit: Self.vectorLimit - total) else {
        return result.isEmpty ? .unreadable(errno: "EFAULT") : .truncated(result, of: nil)
      }
      result.append(ByteString(text))
      total += text.count + size
      if total >= Self.vectorLimit { return .truncated(result, of: nil) }
      position &+= UInt64(size)
    }
  }
}

/// A stretch of a program's memory that was copied last, for reading things that lie close together.
struct MemoryWindow {
  private static let size = 4096
  /// Copies memory; fewer bytes than asked for, or -errno.
  let read: (UInt64, UnsafeMutableRawPointer, Int) -> Int
  private var start: UInt64 = 0
  private var content: [UInt8] = []

  init(read: @escaping (UInt64, UnsafeMutableRawPointer, Int) -> Int) { self.read = read }

  /// The bytes, `nil` where one of them cannot be read.
  mutating func bytes(at address: UInt64, count: Int) -> [UInt8]? {
    if !holds(address, count), !load(address) || !holds(address, count) { return nil }
    let offset = Int(address - start)
    return Array(content[offset..<(offset + count)])
  }

  /// The bytes up to the first NUL, at most about `limit`; `nil` where there is none before the memory ends.
  mutating func string(at address: UInt64, limit: Int) -> [UInt8]? {
    var result: [UInt8] = []
    var position = address
    while result.count <= limit {
      if !holds(position, 1), !load(position) { return nil }
      let rest = content[Int(position - start)...]
      if let end = rest.firstIndex(of: 0) { return result + rest[..<end] }
      result += rest
      position &+= UInt64(rest.count)
    }
    return result
  }

  private func holds(_ address: UInt64, _ count: Int) -> Bool {
    address >= start && Int(exactly: address - start).map { $0 + count <= content.count } ?? false
  }

  private mutating func load(_ address: UInt64) -> Bool {
    start = address
    content = [UInt8](unsafeUninitializedCapacity: Self.size) { buffer, count in
      count = max(0, read(address, buffer.baseAddress!, Self.size))
    }
    return !content.isEmpty
  }
}

extension Observed {
  /// The same with the value replaced.
  func map<Other>(_ transform: (Value) -> Other) -> Observed<Other> {
    switch self {
    case .complete(let value): .complete(transform(value))
    case .truncated(let value, let total): .truncated(transform(value), of: total)
    case .unreadable(let errno): .unreadable(errno: errno)
    }
  }
}
