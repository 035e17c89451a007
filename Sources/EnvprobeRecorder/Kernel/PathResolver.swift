import EnvprobeModel
import Glibc

/// Makes the paths of a program absolute, as the program sees them.
///
/// Links under `/proc` name a folder from the root of its own mount namespace. That is what the program sees too, but
/// for one that lives under `chroot`: there the path of its root is what has to go.
struct PathResolver {
  static let currentDirectory: Int32 = -100  // AT_FDCWD

  /// A path that the program passed, relative to `folder`, one of its descriptors or `currentDirectory`.
  func absolute(_ path: [UInt8], relativeTo folder: Int32, of thread: TraceeThread) -> Observed<ByteString> {
    if path.first == UInt8(ascii: "/") { return .complete(ByteString(resolvingSelf(path, of: thread))) }
    switch self.folder(folder, of: thread) {
    case .failure(let error): return .unreadable(errno: ErrnoName.name(of: error.errno))
    case .success(var base):
      if path.isEmpty { return .complete(ByteString(base)) }
      if base.last != UInt8(ascii: "/") { base.append(UInt8(ascii: "/")) }
      return .complete(ByteString(base + path))
    }
  }

  /// The path of an open folder, or of the working directory.
  private func folder(_ descriptor: Int32, of thread: TraceeThread) -> Result<[UInt8], RecorderError> {
    let link = descriptor == Self.currentDirectory ? "/proc/\(thread.id)/cwd" : "/proc/\(thread.id)/fd/\(descriptor)"
    guard let target = readLink(link) else {
      // The number is no open file, which the call will find out too.
      return .failure(RecorderError("read", subject: link, errno: errno == ENOENT ? EBADF : errno))
    }
    return .success(inside(target, link: link, of: thread.id))
  }

  /// The target of a link under `/proc`, from the program's root.
  func inside(_ target: [UInt8], link: String, of thread: Int32) -> [UInt8] {
    var path = target
    let deleted = Array(" (deleted)".utf8)
    if path.count > deleted.count, path.suffix(deleted.count).elementsEqual(deleted) {
      var status = stat()
      // A folder may really have this name.
      if stat(link, &status) == 0, status.st_nlink == 0 { path.removeLast(deleted.count) }
    }
    guard let root = readLink("/proc/\(thread)/root"), root.count > 1, path.starts(with: root) else { return path }
    let rest = path[root.count...]
    if rest.isEmpty { return [UInt8(ascii: "/")] }
    return rest.first == UInt8(ascii: "/") ? Array(rest) : path
  }

  /// `/proc/self/…` and `/proc/thread-self/…` with the numbers that they stand for inside.
  func resolvingSelf(_ path: [UInt8], of thread: TraceeThread) -> [UInt8] {
    for (prefix, isThread) in Self.selves where path.starts(with: prefix) {
      let rest = path[prefix.count...]
      guard rest.isEmpty || rest.first == UInt8(ascii: "/") else { continue }
      let task = isThread ? "/task/\(thread.innerID)" : ""
      return Array("/proc/\(thread.process.pid)\(task)".utf8) + rest
    }
    return path
  }

  private static let selves = [(Array("/proc/self".utf8), false), (Array("/proc/thread-self".utf8), true)]
}
