import CEnvprobeRecorder
import EnvprobeModel
import Glibc

/// A process under audit: how to read its memory, and how it is called inside.
final class Tracee {
  /// The id of its thread group as envprobe sees it.
  let group: Int32
  /// The process id as the program sees it.
  let pid: Int
  /// `/proc/PID/mem`. It stays readable when the process makes itself undumpable, and stays what it was when the
  /// process executes another program: then it must be opened anew.
  private var memory: Int32 = -1
  /// Where the vDSO is in it, once that was asked for.
  private var virtualLibrary: Range<UInt64>?
  private var ownerMaps: (users: OwnerMap, groups: OwnerMap)?
  /// Its root folder, once that was looked from.
  private var root: Root?
  /// The thread that asked for another program. Whether it got it shows when it, or the group's leader, makes a call.
  var executing: Int32?
  /// A pidfd, opened when first needed; -errno where that failed.
  private var handle: Int32?
  /// Whether its memory cannot be read for lack of permission, which is a gap and not the program's doing.
  private(set) var isClosedToUs = false

  init(group: Int32, pid: Int) {
    self.group = group
    self.pid = pid
  }

  /// The folder that absolute paths begin at.
  struct Root {
    let descriptor: Int32
    /// The same for processes with the same root, 0 where that cannot be told.
    let identity: UInt64
    /// Where it is in its mount namespace.
    let path: [UInt8]
  }

  /// `nil` where it cannot be opened.
  func root(thread: Int32) -> Root? {
    if let root { return root }
    var identity: UInt64 = 0
    let descriptor = envprobe_open_root(thread, &identity)
    guard descriptor >= 0 else { return nil }
    let root = Root(
      descriptor: descriptor, identity: identity, path: readLink("/proc/self/fd/\(descriptor)") ?? [UInt8(ascii: "/")])
    self.root = root
    return root
  }

  func closeRoot() {
    if let root { close(root.descriptor) }
    root = nil
  }

  deinit {
    closeMemory()
    closeRoot()
    if let handle, handle >= 0 { close(handle) }
  }

  var holdsMemory: Bool { memory >= 0 }

  func closeMemory() {
    if memory >= 0 { close(memory) }
    memory = -1
    virtualLibrary = nil
    ownerMaps = nil
  }

  /// A copy of one of its descriptors, `nil` where there is none.
  func copy(of descriptor: Int32) -> Int32? {
    let handle = self.handle ?? envprobe_open_process(group)
    self.handle = handle
    guard handle >= 0 else { return nil }
    let copy = envprobe_copy_descriptor(handle, descriptor)
    return copy >= 0 ? copy : nil
  }

  /// What ids of files are called in it.
  func owners(thread: Int32) -> (users: OwnerMap, groups: OwnerMap)? {
    if let ownerMaps { return ownerMaps }
    func map(_ name: String) -> OwnerMap? {
      let file = open("/proc/\(thread)/\(name)", O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return nil }
      defer { close(file) }
      return (try? readAll(file, limit: 1 << 16).get()).map { OwnerMap(String(decoding: $0, as: UTF8.self)) }
    }
    guard let users = map("uid_map"), let groups = map("gid_map") else { return nil }
    ownerMaps = (users, groups)
    return ownerMaps
  }

  /// Writes into its memory, also where it may not itself. 0 or -errno.
  func write(_ bytes: UnsafeRawBufferPointer, at address: UInt64, thread: Int32, isCurrent: () -> Bool) -> Int32 {
    guard let offset = off_t(exactly: address) else { return -EFAULT }
    if memory >= 0, pwrite(memory, bytes.baseAddress!, bytes.count, offset) == bytes.count { return 0 }
    closeMemory()
    memory = open("/proc/\(thread)/mem", O_RDWR | O_CLOEXEC)
    guard memory >= 0 else { return -errno }
    guard isCurrent() else {
      closeMemory()
      return -ESRCH
    }
    return pwrite(memory, bytes.baseAddress!, bytes.count, offset) == bytes.count ? 0 : -EFAULT
  }

  /// Whether an instruction is one of the vDSO's, which falls back on a system call for what it cannot tell itself.
  func isInVirtualLibrary(_ instruction: UInt64, thread: Int32) -> Bool {
    let range =
      virtualLibrary
      ?? (ImageVector(thread)?.virtualLibrary).map { $0..<($0 &+ UInt64(VirtualLibrary.limit)) } ?? 0..<0
    virtualLibrary = range
    return range.contains(instruction)
  }

  /// What it is about to do with one of its sockets.
  func use(of descriptor: Int32) -> SocketUse {
    let handle = self.handle ?? envprobe_open_process(group)
    self.handle = handle
    guard handle >= 0 else { return SocketUse(pid: pid) }
    var cookie: UInt64 = 0
    let type = envprobe_socket_type(handle, descriptor, &cookie)
    guard type >= 0 else { return SocketUse(pid: pid) }
    return SocketUse(pid: pid, isStream: type == Int32(SOCK_STREAM.rawValue), cookie: cookie == 0 ? nil : cookie)
  }

  /// Copies memory. Fewer bytes than asked for where the rest is not mapped; -errno where nothing could be read.
  ///
  /// - Parameter isCurrent: Whether the notification still stands, asked after the file was opened: only then is the
  ///   file known to be this process's and not that of another with the same id.
  func read(
    _ address: UInt64, _ buffer: UnsafeMutableRawPointer, _ count: Int, thread: Int32, isCurrent: () -> Bool
  ) -> Int {
    // The file's offsets are signed, and nothing of a program lives in the upper half.
    guard let offset = off_t(exactly: address), count > 0 else { return Int(-EFAULT) }
    if memory >= 0 {
      let got = pread(memory, buffer, count, offset)
      if got > 0 { return got }
      // 0: nobody uses this memory any more. The process executed another program, or died and left its id to another.
      if got < 0 { return errno == EIO ? Int(-EFAULT) : Int(-errno) }
      closeMemory()
    }
    memory = open("/proc/\(thread)/mem", O_RDWR | O_CLOEXEC)
    guard memory >= 0 else { return readDirectly(address, buffer, count, thread: thread, isCurrent: isCurrent) }
    guard isCurrent() else {
      closeMemory()
      return Int(-ESRCH)
    }
    let got = pread(memory, buffer, count, offset)
    if got > 0 { return got }
    return got < 0 && errno != EIO ? Int(-errno) : Int(-EFAULT)
  }

  /// For where `/proc` is not to be had.
  private func readDirectly(
    _ address: UInt64, _ buffer: UnsafeMutableRawPointer, _ count: Int, thread: Int32, isCurrent: () -> Bool
  ) -> Int {
    let got = envprobe_read_memory(thread, address, buffer, count)
    if got == -Int(EPERM) || got == -Int(EACCES) { isClosedToUs = true }
    if got >= 0, !isCurrent() { return Int(-ESRCH) }
    return got == 0 ? Int(-EFAULT) : got
  }
}

/// A thread under audit.
final class TraceeThread {
  /// As envprobe sees it.
  let id: Int32
  /// As the program sees it.
  let innerID: Int
  let process: Tracee
  /// Coarse seconds of the monotonic clock at its last call.
  var lastCall: Int
  /// A call that a signal interrupted while it waited for envprobe. If the handler has `SA_RESTART`, the kernel makes it
  /// again, and it is the same one.
  var interrupted: (number: Int32, arguments: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64))?

  init(id: Int32, innerID: Int, process: Tracee, lastCall: Int) {
    self.id = id
    self.innerID = innerID
    self.process = process
    self.lastCall = lastCall
  }
}

/// The processes and threads seen so far.
struct TraceeDirectory {
  /// Seconds after which a thread that made no call is looked up again: its id may belong to another by now. Ids come
  /// round again only after thousands of others.
  private static let trust = 2
  /// Processes of which descriptors are held, two or three each, of the 1024 that a process has by default.
  private static let memoryLimit = 192

  private var threads: [Int32: TraceeThread] = [:]
  private var processes: [Int32: Tracee] = [:]
  private var latest: TraceeThread?
  /// How many process id namespaces deep the program runs, seen from here: the last of the ids of the first process.
  private var depth: Int?

  /// The thread that made a call; and what is to be recorded of its process, where that is new.
  ///
  /// The first process of all has no executable yet: it is envprobe's own, on its way to execute the program.
  mutating func thread(_ id: Int32) -> (thread: TraceeThread, seen: ProcessSeen?) {
    let now = Self.coarseSeconds()
    if let latest, latest.id == id, now - latest.lastCall <= Self.trust {
      latest.lastCall = now
      return (latest, nil)
    }
    if let known = threads[id], now - known.lastCall <= Self.trust {
      known.lastCall = now
      latest = known
      return (known, nil)
    }
    let status = ProcessStatus(thread: id)
    let isFirst = processes.isEmpty && depth == nil
    if depth == nil { depth = status.map { $0.groupIDs.count } }
    let group = status?.group ?? id
    let pid = inner(status?.groupIDs) ?? Int(group)
    var seen: ProcessSeen?
    let process: Tracee
    if let known = processes[group], known.pid == pid {
      process = known
    } else {
      trim()
      process = Tracee(group: group, pid: pid)
      processes[group] = process
      seen = ProcessSeen(
        parent: status.map { parent($0.parent) } ?? 0, executable: isFirst ? nil : executable(of: id))
    }
    let thread = TraceeThread(id: id, innerID: inner(status?.threadIDs) ?? Int(id), process: process, lastCall: now)
    threads[id] = thread
    latest = thread
    return (thread, seen)
  }

  mutating func remove(_ thread: TraceeThread) {
    threads[thread.id] = nil
    latest = nil
  }

  mutating func remove(_ process: Tracee) {
    processes[process.group] = nil
    threads = threads.filter { $0.value.process !== process }
    latest = nil
  }

  private func inner(_ ids: [Int]?) -> Int? {
    guard let ids, let depth, ids.count >= depth, depth > 0 else { return nil }
    return ids[depth - 1]
  }

  private func executable(of thread: Int32) -> String? {
    let link = "/proc/\(thread)/exe"
    return readLink(link).map { String(decoding: PathResolver().inside($0, link: link, of: thread), as: UTF8.self) }
  }

  private func parent(_ id: Int32) -> Int {
    if let known = processes[id] { return known.pid }
    return inner(ProcessStatus(thread: id)?.groupIDs) ?? 0
  }

  /// Gives descriptors back. A process that goes on gets its own anew.
  private mutating func trim() {
    guard processes.count % Self.memoryLimit == Self.memoryLimit - 1 else { return }
    for process in processes.values {
      process.closeMemory()
      process.closeRoot()
    }
    let dead = processes.values.filter { access("/proc/\($0.group)", F_OK) < 0 }
    for process in dead { remove(process) }
  }

  private static func coarseSeconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return time.tv_sec
  }
}

/// The part of `/proc/PID/status` that says who a thread is.
struct ProcessStatus {
  var group: Int32 = 0
  var parent: Int32 = 0
  /// The ids of the group and the thread in each process id namespace, from that of `/proc` inwards.
  var groupIDs: [Int] = []
  var threadIDs: [Int] = []

  init?(thread: Int32) {
    guard let fields = StatusFields(thread) else { return nil }
    self.init(fields)
    if group == 0 { return nil }
  }

  init(_ fields: StatusFields) {
    group = Int32(truncatingIfNeeded: fields["Tgid:"].first ?? 0)
    parent = Int32(truncatingIfNeeded: fields["PPid:"].first ?? 0)
    groupIDs = fields["NStgid:"]
    threadIDs = fields["NSpid:"]
  }
}

/// Where a symbolic link points, `nil` where it cannot be read.
func readLink(_ path: String) -> [UInt8]? {
  let bytes = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
    count = max(0, buffer.withMemoryRebound(to: CChar.self) { readlink(path, $0.baseAddress!, $0.count) })
  }
  return bytes.isEmpty ? nil : bytes
}
