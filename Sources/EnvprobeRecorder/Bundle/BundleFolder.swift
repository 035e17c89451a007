import EnvprobeModel
import Glibc

/// The files of a bundle, by the names they have in its folder.
enum BundleFile {
  static let manifest = "run.json"
  /// The manifest that will be. It is made at the start with room for its contents, so that a full disk cannot keep
  /// envprobe from saying that the disk was full.
  static let nextManifest = "run.json.next"
  static let events = "events.ndjson"
  static let blobs = "blobs"
  static let manifestRoom = 64 << 10
}

/// A folder to make files in. Errors are errnos; the caller knows what they are about.
struct BundleFolder: Sendable {
  let path: String
  let descriptor: Int32

  /// Makes the folder, with those above it, or takes one that is there.
  init(creating path: String) throws(BundleError) {
    self.path = path
    var prefix = ""
    for component in path.split(separator: "/", omittingEmptySubsequences: false) {
      prefix += component
      if !component.isEmpty, mkdir(prefix, 0o777) < 0, errno != EEXIST {
        throw BundleError("make the folder", subject: prefix, errno: errno)
      }
      prefix += "/"
    }
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw BundleError("open the folder", subject: path, errno: errno) }
  }

  func close() { _ = Glibc.close(descriptor) }

  /// Makes a file or empties one. The descriptor, or -errno.
  func create(_ name: String, exclusively: Bool = false) -> Int32 {
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | (exclusively ? O_EXCL : 0)
    let file = openat(descriptor, name, flags, 0o666)
    return file < 0 ? -errno : file
  }

  /// Gives `name` new contents at once: a reader sees the old or the new, and never a part.
  func replace(_ name: String, with bytes: [UInt8], by next: String) -> Int32 {
    // Not emptied first: the room it has is what it is there for.
    let file = openat(descriptor, next, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard file >= 0 else { return -errno }
    defer { _ = Glibc.close(file) }
    let error = writeAll(file, bytes)
    guard error == 0 else {
      unlinkat(descriptor, next, 0)
      return error
    }
    if ftruncate(file, off_t(bytes.count)) < 0 { return -errno }
    return renameat(descriptor, next, descriptor, name) < 0 ? -errno : 0
  }
}

/// Writes all of it, however often that takes. 0, or -errno.
func writeAll(_ file: Int32, _ bytes: [UInt8]) -> Int32 {
  bytes.withUnsafeBytes { writeAll(file, $0) }
}

func writeAll(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32 {
  var written = 0
  while written < bytes.count {
    let count = write(file, bytes.baseAddress! + written, bytes.count - written)
    if count >= 0 {
      written += count
    } else if errno == EAGAIN {
      // A terminal that somebody else made non-blocking.
      var waiting = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
      poll(&waiting, 1, -1)
    } else if errno != EINTR {
      return -errno
    }
  }
  return 0
}
