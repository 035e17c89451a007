import Glibc

/// A file of somebody else's, read in bounded pieces: whatever its headers claim, nothing beyond its end is read, and it
/// is never mapped, because a mapping of a file that shrinks ends the process that looks at it.
final class FileBytes {
  private static let blockSize = 1 << 16
  /// At most 64 MiB of one file are kept.
  private static let blockLimit = 1 << 10

  let size: UInt64
  private let source: Source
  private var blocks: [UInt64: [UInt8]] = [:]

  private enum Source {
    case descriptor(Int32)
    case bytes([UInt8])
  }

  /// - Parameter descriptor: Stays the caller's.
  init(descriptor: Int32, size: UInt64) {
    source = .descriptor(descriptor)
    self.size = size
  }

  init(_ bytes: [UInt8]) {
    source = .bytes(bytes)
    size = UInt64(bytes.count)
  }

  /// `count` bytes from `offset`, `nil` where the file does not have them all.
  func bytes(at offset: UInt64, count: Int) -> [UInt8]? {
    guard count >= 0, offset <= size, UInt64(count) <= size - offset else { return nil }
    if case .bytes(let all) = source { return Array(all[Int(offset)..<Int(offset) + count]) }
    // A table is read whole and once; small pieces come again and again from the same places.
    if count > Self.blockSize { return load(offset, count) }
    var result: [UInt8] = []
    result.reserveCapacity(count)
    while result.count < count {
      let position = offset + UInt64(result.count)
      guard let block = block(position / UInt64(Self.blockSize)) else { return nil }
      let start = Int(position % UInt64(Self.blockSize))
      let end = min(block.count, start + count - result.count)
      guard start < end else { return nil }
      result += block[start..<end]
    }
    return result
  }

  func integer<T: FixedWidthInteger>(_ type: T.Type = T.self, at offset: UInt64) -> T? {
    guard let bytes = bytes(at: offset, count: MemoryLayout<T>.size) else { return nil }
    return bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(as: T.self)) }
  }

  /// The text up to the next NUL, `nil` where there is none within `limit` bytes.
  func text(at offset: UInt64, limit: Int = 4096) -> String? {
    guard offset < size else { return nil }
    let count = Int(min(UInt64(limit), size - offset))
    guard let bytes = bytes(at: offset, count: count), let end = bytes.firstIndex(of: 0) else { return nil }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  private func block(_ number: UInt64) -> [UInt8]? {
    if let block = blocks[number] { return block }
    let start = number * UInt64(Self.blockSize)
    guard start < size, let block = load(start, Int(min(UInt64(Self.blockSize), size - start))) else { return nil }
    if blocks.count >= Self.blockLimit { blocks.removeAll() }
    blocks[number] = block
    return block
  }

  private func load(_ offset: UInt64, _ count: Int) -> [UInt8]? {
    guard count <= Self.blockSize * Self.blockLimit, case .descriptor(let descriptor) = source,
      let start = off_t(exactly: offset)
    else { return nil }
    let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count {
        let got = pread(descriptor, buffer.baseAddress! + initialized, count - initialized, start + off_t(initialized))
        if got < 0, errno == EINTR { continue }
        guard got > 0 else { break }
        initialized += got
      }
    }
    return result.count == count ? result : nil
  }
}

/// What tells one version of a file from another without reading it.
struct FileIdentity: Hashable, Sendable {
  var device: UInt64
  var inode: UInt64
  var size: UInt64
  /// Nanoseconds.
  var modified: Int64

  /// - Returns: `nil` where `status` is not that of a regular file.
  init?(_ status: stat) {
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size >= 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = UInt64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
  }
}
