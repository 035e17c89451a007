import Glibc

/// What tells one state of a file from another without reading it: `stat(2)`.
public struct FileIdentity: Hashable, Sendable {
  /// Bytes.
  public var size: Int
  public var owner: UInt32
  public var kind: Kind
  public enum Kind: Sendable { case regular, folder, link, other }

  /// All that changes when the file does: device, inode, size, and the times of its contents and of its inode.
  public var numbers: [Int]

  /// What the path leads to, `nil` where that is nothing.
  public init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// What stands at the path itself, which may be a link.
  public init?(link path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// An open file.
  public init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    size = Int(status.st_size)
    owner = status.st_uid
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    numbers = [
      Int(status.st_dev), Int(status.st_ino), size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
      status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
    ]
  }
}
