import CEnvprobeSandbox
import EnvprobeModel
import Glibc
import SystemPackage

/// The few file operations that a launch needs, each with its step in the error.
enum HostFiles {
  private static var last: Errno { Errno(rawValue: Glibc.errno) }

  static func bytes(_ path: String) throws(LaunchError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw LaunchError(.read, subject: path, errno: last) }
    defer { close(file) }
    var status = stat()
    var result: [UInt8] = []
    result.reserveCapacity(fstat(file, &status) == 0 ? max(Int(status.st_size), 1024) + 1 : 4096)
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count == 0 { return result }
      if count < 0 {
        if Glibc.errno == EINTR { continue }
        throw LaunchError(.read, subject: path, errno: last)
      }
      result.append(contentsOf: buffer[..<count])
    }
  }

  static func text(_ path: String) throws(LaunchError) -> String {
    String(decoding: try bytes(path), as: UTF8.self)
  }

  static func write(_ bytes: some Collection<UInt8>, to path: String, mode: mode_t = 0o644) throws(LaunchError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
    guard file >= 0 else { throw LaunchError(.write, subject: path, errno: last) }
    defer { close(file) }
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 {
        if Glibc.errno == EINTR { continue }
        throw LaunchError(.write, subject: path, errno: last)
      }
      rest = rest.dropFirst(count)
    }
  }

  static func makeFolder(_ path: String, mode: mode_t = 0o755) throws(LaunchError) {
    if mkdir(path, mode) != 0, Glibc.errno != EEXIST { throw LaunchError(.makeFolder, subject: path, errno: last) }
  }

  /// The folder and those it lies in.
  static func makeFolders(_ path: String, mode: mode_t = 0o755) throws(LaunchError) {
    if mkdir(path, mode) == 0 || Glibc.errno == EEXIST { return }
    guard Glibc.errno == ENOENT, let parent = parent(of: path) else {
      throw LaunchError(.makeFolder, subject: path, errno: last)
    }
    try makeFolders(parent, mode: mode)
    try makeFolder(path, mode: mode)
  }

  static func makeLink(_ path: String, to target: String) throws(LaunchError) {
    if symlink(target, path) != 0 { throw LaunchError(.makeLink, subject: path, errno: last) }
  }

  /// A new folder that only the caller can open, named by chance.
  static func makeTemporaryFolder(in folder: String) throws(LaunchError) -> String {
    var template = Array("\(folder)/run-XXXXXX\0".utf8CString.dropLast())
    guard mkdtemp(&template) != nil else { throw LaunchError(.makeFolder, subject: folder, errno: last) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func changeOwner(of path: String, user: uid_t, group: gid_t) throws(LaunchError) {
    if lchown(path, user, group) != 0 { throw LaunchError(.write, subject: path, errno: last) }
  }

  /// The names in a folder.
  static func list(_ path: String) throws(LaunchError) -> [(name: String, kind: Kind)] {
    guard let folder = opendir(path) else { throw LaunchError(.list, subject: path, errno: last) }
    defer { closedir(folder) }
    var result: [(name: String, kind: Kind)] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      let kind: Kind =
        switch Int(entry.pointee.d_type) {
        case Int(DT_DIR): .folder
        case Int(DT_REG): .file
        case Int(DT_LNK): .link
        case Int(DT_UNKNOWN): self.kind(path == "/" ? "/" + name : "\(path)/\(name)") ?? .other
        default: .other
        }
      result.append((name, kind))
    }
    return result
  }

  enum Kind { case file, folder, link, other }

  /// What is at a path, `nil` where nothing is. Links are not followed.
  static func kind(_ path: String) -> Kind? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    return kind(of: status)
  }

  static func kind(of status: stat) -> Kind {
    switch status.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    case S_IFLNK: .link
    default: .other
    }
  }

  /// What a path leads to, `nil` where it leads nowhere.
  static func status(_ path: String) -> stat? {
    var result = stat()
    return stat(path, &result) == 0 ? result : nil
  }

  static func isFolder(_ path: String) -> Bool { status(path).map { kind(of: $0) == .folder } ?? false }

  /// Whether a folder is on an overlay file system.
  static func isOverlay(_ path: String) -> Bool {
    envprobe_is_overlay(path) != 0
  }

  static func linkTarget(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { bytes in
      readlink(path, bytes.bindMemory(to: CChar.self).baseAddress!, bytes.count)
    }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }

  /// Absolute and without symbolic links, `nil` where it leads nowhere.
  static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  static func workingDirectory() throws(LaunchError) -> String {
    guard let path = realPath(".") else { throw LaunchError(.read, subject: "the working directory", errno: last) }
    return path
  }

  /// The text before the last slash, `/` for what lies in the root, `nil` for the root.
  static func parent(of path: String) -> String? {
    guard let slash = path.lastIndex(of: "/"), path != "/" else { return nil }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// Removes a folder with everything in it. Programs leave folders behind that their owner cannot enter.
  static func removeTree(_ path: String) throws(LaunchError) {
    if unlink(path) == 0 || Glibc.errno == ENOENT { return }
    if rmdir(path) == 0 { return }
    guard Glibc.errno == ENOTEMPTY || Glibc.errno == EEXIST || Glibc.errno == EACCES else {
      throw LaunchError(.remove, subject: path, errno: last)
    }
    _ = chmod(path, 0o700)
    for entry in try list(path) { try removeTree("\(path)/\(entry.name)") }
    if rmdir(path) != 0 { throw LaunchError(.remove, subject: path, errno: last) }
  }

  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
