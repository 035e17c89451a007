import Crypto
import EnvprobeMatrix
import EnvprobeModel
import EnvprobeSandbox
import FoundationEssentials
import Glibc

/// Finds out what program a command is.
enum SubjectReader {
  /// The command with the file that it leads to, and that file's digest.
  static func subject(_ command: [String], in sandbox: Sandbox) throws -> Subject {
    let resolved = try sandbox.resolve(command[0])
    return Subject(argv: command, executable: .init(path: resolved.file, sha256: try digest(of: resolved.file)))
  }

  /// This envprobe.
  static func tool() throws -> ToolIdentity {
    ToolIdentity(tool: ToolVersion.named, sha256: try digest(of: "/proc/self/exe"))
  }

  /// The SHA-256 of a file, in hex. Programs of hundreds of megabytes are common; what was computed once is kept under
  /// all that changes when the file does.
  private static func digest(of path: String) throws -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw UsageError("cannot read \(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    guard let identity = FileIdentity(descriptor: file) else {
      throw UsageError("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    let known = cacheFile(for: identity)
    if let known, let text = FileManager.default.contents(atPath: known), text.count == 64 {
      return String(decoding: text, as: UTF8.self)
    }
    let digest = try compute(file, path: path)
    if let known {
      // Without a cache it is computed again.
      let folder = String(known[..<known.lastIndex(of: "/")!])
      try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try? Data(digest.utf8).write(to: URL(filePath: known), options: .atomic)
    }
    return digest
  }

  private static func compute(_ file: Int32, path: String) throws -> String {
    var hash = SHA256()
    let size = 1 << 20
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      let count = read(file, buffer.baseAddress, size)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw UsageError("cannot read \(path): \(String(cString: strerror(errno)))") }
      if count == 0 { break }
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    return Hexadecimal.encode(hash.finalize())
  }

  /// The SHA-256 of bytes, in hex.
  static func digest(of bytes: [UInt8]) -> String { Hexadecimal.encode(SHA256.hash(data: bytes)) }

  /// `nil` where the file is small enough to be read each time.
  private static func cacheFile(for file: FileIdentity) -> String? {
    guard file.size > 1 << 20, let cache = cacheFolder else { return nil }
    return "\(cache)/envprobe/digests/\(file.numbers.map { String($0, radix: 16) }.joined(separator: "-"))"
  }

  static var cacheFolder: String? {
    if let folder = getenv("XDG_CACHE_HOME").map({ String(cString: $0) }), folder.hasPrefix("/") { return folder }
    return getenv("HOME").map { String(cString: $0) + "/.cache" }
  }
}
