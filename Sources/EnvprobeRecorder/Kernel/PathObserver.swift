import CEnvprobeRecorder
import EnvprobeModel
import Glibc

/// Looks up what the paths of calls mean, from the caller's own root folder.
///
/// Programs name the same paths again and again. What was found is kept until a call goes on that makes, moves or removes
/// something, and at most for a second, as what is not under the filter may do so too.
struct PathObserver {
  private struct Key: Hashable {
    var root: UInt64
    var follows: Bool
    var path: [UInt8]
  }

  /// Paths kept; a program that asks for more begins anew.
  private static let limit = 4096
  /// Seconds that a change is taken to be under way when its thread makes no further call, and that a target is kept.
  private static let trust = 1

  private var known: [Key: PathTarget] = [:]
  private var keptSince = 0
  /// The threads whose changes may be under way, since when.
  private var changing: [Int32: Int] = [:]
  private let resolver = PathResolver()
  private let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(PATH_MAX))

  func deallocate() { buffer.deallocate() }

  /// To be called with every call: the thread's last one is over.
  mutating func begins(_ thread: TraceeThread) {
    if !changing.isEmpty, changing.removeValue(forKey: thread.id) != nil { known.removeAll(keepingCapacity: true) }
  }

  /// To be called before a call goes on after which names may mean something else.
  mutating func changes(_ call: CallDecoder.Call) {
    known.removeAll(keepingCapacity: true)
    changing[call.thread.id] = call.thread.lastCall
  }

  /// Whether after a call names may mean something else.
  static func isChange(_ call: CallDecoder.Call) -> Bool {
    guard let rule = call.entry.rule else { return false }
    return call.entry.changesNames || call.entry.openFlags.map { call[$0] & FlagTable.createsFile != 0 } ?? false
      || rule.roles.contains(.openHow)
  }

  /// The same payload with what its paths mean.
  mutating func observed(_ payload: Event.Payload, _ call: CallDecoder.Call) -> Event.Payload {
    switch payload {
    case .syscall(var decoded):
      decoded.observed = targets(decoded, call)
      return decoded.observed == nil ? payload : .syscall(decoded)
    case .exec(var exec):
      guard case .complete(let path) = exec.path else { return payload }
      let target = target(of: path, follows: true, call)
      exec.exists = target.exists
      exec.resolved = target.resolved
      return .exec(exec)
    default: return payload
    }
  }

  private mutating func targets(_ decoded: SyscallCall, _ call: CallDecoder.Call) -> [PathTarget]? {
    guard call.entry.namesPath else { return nil }
    let flags = call.entry.atFlags.map { call[$0] } ?? 0
    // With an empty path, what is meant has no name to look up: it is an open file.
    if flags & Self.emptyPath != 0 { return nil }
    var follows = call.entry.isAboutLinks ? flags & Self.follow != 0 : flags & Self.noFollow == 0
    if let openFlags = call.entry.openFlags, call[openFlags] & FlagTable.noFollow != 0 { follows = false }
    var result: [PathTarget] = []
    for case .path(let path) in decoded.arguments {
      switch path {
      case .complete(let path): result.append(target(of: path, follows: follows, call))
      case .truncated, .unreadable: result.append(.unknown)
      }
    }
    return result.contains { $0 != .unknown } ? result : nil
  }

  /// `AT_SYMLINK_NOFOLLOW`, `AT_SYMLINK_FOLLOW` and `AT_EMPTY_PATH`.
  private static let noFollow: UInt64 = 0x100
  private static let follow: UInt64 = 0x400
  private static let emptyPath: UInt64 = 0x1000

  private mutating func target(of path: ByteString, follows: Bool, _ call: CallDecoder.Call) -> PathTarget {
    // An empty path names nothing; a relative one is the name of an open file that has no path.
    guard path.bytes.first == UInt8(ascii: "/") else { return path.bytes.isEmpty ? .missing : .unknown }
    guard let root = call.thread.process.root(thread: call.thread.id) else { return .unknown }
    let now = call.thread.lastCall
    if now - keptSince > Self.trust {
      known.removeAll(keepingCapacity: true)
      changing = changing.filter { now - $0.value <= Self.trust }
      keptSince = now
    }
    let key = Key(root: root.identity, follows: follows, path: path.bytes)
    if let target = known[key] { return target }
    let target = lookUp(path, follows: follows, root, call.thread, depth: 0)
    // What the kernel makes up of processes and devices comes and goes by itself.
    let isMade = path.bytes.starts(with: Self.processes) || path.bytes.starts(with: Self.devices)
    if root.identity != 0, changing.isEmpty, !isMade {
      if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
      known[key] = target
    }
    return target
  }

  private static let processes = Array("/proc/".utf8), devices = Array("/dev/".utf8)

  private func lookUp(
    _ path: ByteString, follows: Bool, _ root: Tracee.Root, _ thread: TraceeThread, depth: Int
  ) -> PathTarget {
    let text = path.bytes + [0]
    // A path with a NUL in it cannot be: it comes from a C string.
    let length = text.withUnsafeBytes {
      envprobe_look_up(
        root.descriptor, $0.baseAddress!.assumingMemoryBound(to: CChar.self), follows ? 1 : 0, buffer.baseAddress!,
        buffer.count)
    }
    switch Int32(truncatingIfNeeded: -length) {
    case ENOENT, ENOTDIR:
      guard follows, length == -Int(ENOENT), depth == 0 else { return .missing }
      return ownProcess(text, root, thread) ?? .missing
    case ELOOP, ENAMETOOLONG: return .missing
    case ..<0:
      let found = UnsafeRawBufferPointer(start: buffer.baseAddress!, count: length)
      if found.elementsEqual(path.bytes) { return .present }
      // Cut off: no program can name it by this path.
      guard length < buffer.count, found.first == UInt8(ascii: "/") else { return .present }
      var inside = Array(found)
      if root.path.count > 1, inside.starts(with: root.path) {
        inside.removeFirst(root.path.count)
        if inside.isEmpty { inside = [UInt8(ascii: "/")] }
      }
      // Without a process id namespace, envprobe's own is there to be found.
      if follows, depth == 0, inside.starts(with: Self.ownFolder), let own = ownProcess(text, root, thread) {
        return own
      }
      return inside == path.bytes ? .present : .elsewhere(ByteString(inside))
    default: return .unknown
    }
  }

  private static let ownFolder = Array("/proc/\(getpid())/".utf8)

  /// Where a link to something below `/proc/self` leads for a thread. It leads to the process that follows it, and
  /// envprobe is none of those inside.
  private func ownProcess(_ path: [UInt8], _ root: Tracee.Root, _ thread: TraceeThread) -> PathTarget? {
    let length = path.withUnsafeBytes {
      envprobe_read_link(
        root.descriptor, $0.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.baseAddress!, buffer.count)
    }
    guard length > 0 else { return nil }
    var text = Array(UnsafeRawBufferPointer(start: buffer.baseAddress!, count: length))
    // `../proc/self/mounts`, as Debian has it in /etc.
    var isRelative = false
    while text.starts(with: Array("../".utf8)) {
      text.removeFirst(3)
      isRelative = true
    }
    if isRelative { text.insert(UInt8(ascii: "/"), at: 0) }
    let own = resolver.resolvingSelf(text, of: thread)
    if own == text { return nil }
    let target = lookUp(ByteString(own), follows: true, root, thread, depth: 1)
    return target == .present ? .elsewhere(ByteString(own)) : target
  }
}
