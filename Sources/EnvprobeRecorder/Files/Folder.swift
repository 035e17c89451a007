import CEnvprobeRecorder
import Crypto
import EnvprobeModel
import Glibc

/// An open folder. Its names are bytes, and no link in it is ever followed.
final class Folder {
  /// What a name in a folder stands for.
  struct Entry {
    var name: [UInt8]
    var kind: FileChange.Kind
    /// The permission bits.
    var mode: Int
    var size: Int
    /// Whether it is overlayfs's mark for a name that was removed: a character device 0:0.
    var isWhiteout: Bool
  }

  let descriptor: Int32

  /// Opens a folder by its path, of which every component but the last may be a link.
  init(path: String) throws(RecorderError) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw RecorderError("open the folder", subject: path, errno: errno) }
  }

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// A folder in it.
  func folder(_ name: [UInt8]) throws(RecorderError) -> Folder {
    Folder(descriptor: try openBeneath(name, O_RDONLY | O_DIRECTORY))
  }

  /// What is in it, sorted by name.
  func entries() throws(RecorderError) -> [Entry] {
    // `closedir` closes what it is given.
    let copy = dup(descriptor)
    guard copy >= 0, let stream = fdopendir(copy) else { throw RecorderError("read the folder", errno: errno) }
    defer { closedir(stream) }
    rewinddir(stream)
    var names: [[UInt8]] = []
    errno = 0
    while let next = readdir(stream) {
      let name = withUnsafeBytes(of: &next.pointee.d_name) { [UInt8]($0.prefix { $0 != 0 }) }
      if name != [UInt8(ascii: ".")] && name != Array("..".utf8) { names.append(name) }
      errno = 0
    }
    if errno != 0 { throw RecorderError("read the folder", errno: errno) }
    names.sort { $0.lexicographicallyPrecedes($1) }
    var result: [Entry] = []
    for name in names { if let entry = entry(name) { result.append(entry) } }
    return result
  }

  /// What a name stands for, `nil` where there is none.
  func entry(_ name: [UInt8]) -> Entry? {
    var status = stat()
    guard withCString(name, { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else { return nil }
    let isCharacterDevice = status.st_mode & S_IFMT == S_IFCHR
    return Entry(
      name: name, kind: Self.kind(status.st_mode), mode: Int(status.st_mode & 0o7777), size: Int(status.st_size),
      isWhiteout: isCharacterDevice && status.st_rdev == 0)
  }

  /// Whether it hides the folder of the same name below it.
  var isOpaque: Bool {
    ["trusted.overlay.opaque", "user.overlay.opaque"].contains { name in
      var value: UInt8 = 0
      return envprobe_attribute(descriptor, name, &value, 1) == 1 && value == UInt8(ascii: "y")
    }
  }

  /// The path in the layer below that its contents come from, where it was renamed there.
  var redirect: [UInt8]? {
    for name in ["trusted.overlay.redirect", "user.overlay.redirect"] {
      let value = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
        count = max(0, envprobe_attribute(descriptor, name, buffer.baseAddress, buffer.count))
      }
      if !value.isEmpty { return value }
    }
    return nil
  }

  func linkTarget(_ name: [UInt8]) -> [UInt8]? {
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
      count = withCString(name) { name in
        buffer.withMemoryRebound(to: CChar.self) { max(0, readlinkat(descriptor, name, $0.baseAddress!, $0.count)) }
      }
    }
    return bytes.isEmpty ? nil : bytes
  }

  /// The contents of a regular file.
  func contents(_ name: [UInt8]) throws(RecorderError) -> [UInt8] {
    let file = try openFile(name)
    defer { close(file) }
    return try readAll(file).get()
  }

  /// The SHA-256 of a regular file, in hex.
  func digest(_ name: [UInt8]) throws(RecorderError) -> String {
    let file = try openFile(name)
    defer { close(file) }
    var hash = SHA256()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(file, buffer.baseAddress, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw RecorderError("read", errno: errno) }
      if count == 0 { return Hexadecimal.encode(hash.finalize()) }
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  private func openFile(_ name: [UInt8]) throws(RecorderError) -> Int32 {
    // Not blocking, should it have become a fifo since it was looked at.
    let file = try openBeneath(name, O_RDONLY | O_NONBLOCK)
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(file)
      throw RecorderError("read", errno: EINVAL)
    }
    return file
  }

  private func openBeneath(_ name: [UInt8], _ flags: Int32) throws(RecorderError) -> Int32 {
    let opened = withCString(name) { envprobe_open_beneath(descriptor, $0, flags) }
    guard opened >= 0 else { throw RecorderError("open", errno: -opened) }
    return opened
  }

  private func withCString<Result>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (name + [0]).withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
  }

  private static func kind(_ mode: mode_t) -> FileChange.Kind {
    switch mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .directory
    case S_IFLNK: .link
    case S_IFIFO: .fifo
    case S_IFSOCK: .socket
    default: .device
    }
  }
}
