import Crypto
import EnvprobeModel

/// What a folder held before the run.
public struct FolderSnapshot: Sendable {
  public struct Entry: Hashable, Sendable {
    public var kind: FileChange.Kind
    /// The permission bits; `nil` where they are not to be compared.
    public var mode: Int?
    public var size: Int?
    /// The SHA-256 of a regular file's contents, in hex.
    public var sha256: String?
    public var linkTarget: ByteString?

    public init(
      kind: FileChange.Kind, mode: Int? = nil, size: Int? = nil, sha256: String? = nil, linkTarget: ByteString? = nil
    ) {
      self.kind = kind
      self.mode = mode
      self.size = size
      self.sha256 = sha256
      self.linkTarget = linkTarget
    }

    public static let directory = Entry(kind: .directory)
    public static func link(to target: String) -> Entry { Entry(kind: .link, linkTarget: ByteString(target.utf8)) }
    public static func file(_ contents: [UInt8], mode: Int? = nil) -> Entry {
      Entry(kind: .file, mode: mode, size: contents.count, sha256: Hexadecimal.encode(SHA256.hash(data: contents)))
    }
  }

  /// By path relative to the folder.
  public var entries: [ByteString: Entry]

  public init(_ entries: [ByteString: Entry] = [:]) { self.entries = entries }

  /// Nothing.
  public static let empty = FolderSnapshot()

  /// What is in a folder now, its subfolders included.
  public init(of path: String) throws(RecorderError) {
    entries = [:]
    try add(Folder(path: path), prefix: [])
  }

  private mutating func add(_ folder: Folder, prefix: [UInt8]) throws(RecorderError) {
    for found in try folder.entries() {
      let path = prefix + found.name
      var entry = Entry(kind: found.kind, mode: found.mode, size: found.size)
      switch found.kind {
      case .directory: try add(try folder.folder(found.name), prefix: path + [UInt8(ascii: "/")])
      case .file: entry.sha256 = try folder.digest(found.name)
      case .link: entry.linkTarget = folder.linkTarget(found.name).map { ByteString($0) }
      case .fifo, .socket, .device: break
      }
      entries[ByteString(path)] = entry
    }
  }
}
