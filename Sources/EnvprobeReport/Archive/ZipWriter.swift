import CZlib

/// Writes a zip archive piece by piece (PKWARE's APPNOTE 6.3.10, with the 64-bit forms where they are needed).
///
/// It does no I/O: each call returns the bytes that come next in the file. Equal entries in equal order give equal bytes:
/// every entry has the time 1980-01-01 and the mode 0644, whatever the file had.
public struct ZipWriter: Sendable {
  private struct Entry: Sendable {
    var name: [UInt8]
    var method: UInt16
    var checksum: UInt32
    var compressedSize: Int
    var size: Int
    var offset: Int

    /// 32-bit fields that cannot hold a value say all ones, and an extra field holds it.
    var extra: [UInt8] {
      let values = [size, compressedSize].filter { _ in isLarge } + (offset >= ZipFormat.limit32 ? [offset] : [])
      if values.isEmpty { return [] }
      var bytes = ZipFormat.bytes(UInt16(ZipFormat.extraID64)) + ZipFormat.bytes(UInt16(values.count * 8))
      for value in values { bytes += ZipFormat.bytes(UInt64(value)) }
      return bytes
    }

    var isLarge: Bool { size >= ZipFormat.limit32 || compressedSize >= ZipFormat.limit32 }

    /// What local header and directory have in common, from the version to the length of the name.
    var common: [UInt8] {
      var bytes = ZipFormat.bytes(UInt16(extra.isEmpty ? 20 : 45))
      bytes += ZipFormat.bytes(ZipFormat.utf8Flag) + ZipFormat.bytes(method)
      bytes += ZipFormat.bytes(ZipFormat.time) + ZipFormat.bytes(ZipFormat.date) + ZipFormat.bytes(checksum)
      bytes += ZipFormat.bytes(isLarge ? UInt32.max : UInt32(compressedSize))
      bytes += ZipFormat.bytes(isLarge ? UInt32.max : UInt32(size))
      return bytes + ZipFormat.bytes(UInt16(name.count))
    }
  }

  private var entries: [Entry] = []
  private var names: Set<String> = []
  private var offset = 0

  public init() {}

  /// The bytes of one more file.
  ///
  /// - Parameter path: relative, with `/` between its parts.
  public mutating func entry(_ path: String, _ contents: [UInt8]) throws(ArchiveError) -> [UInt8] {
    if let problem = ZipFormat.problem(with: path) { throw ArchiveError(.write, subject: path, reason: problem) }
    guard names.insert(path).inserted else {
      throw ArchiveError(.write, subject: path, reason: "it is in the archive already")
    }
    let compressed = Deflate.compress(contents)
    let isSmaller = compressed.count < contents.count
    var entry = Entry(
      name: Array(path.utf8), method: isSmaller ? ZipFormat.deflated : ZipFormat.stored,
      checksum: ZipFormat.checksum(contents), compressedSize: isSmaller ? compressed.count : contents.count,
      size: contents.count, offset: 0)
    // The local header does not say where it is itself.
    let extra = entry.extra
    let header = ZipFormat.bytes(ZipFormat.localSignature) + entry.common + ZipFormat.bytes(UInt16(extra.count))
    entry.offset = offset
    entries.append(entry)
    let bytes = header + entry.name + extra + (isSmaller ? compressed : contents)
    offset += bytes.count
    return bytes
  }

  /// The bytes that end the archive, but for its comment: whoever has written these writes the comment after them.
  ///
  /// - Parameter commentLength: how many bytes the comment has.
  public func end(commentLength: Int = 0) -> [UInt8] {
    var directory: [UInt8] = []
    for entry in entries {
      let extra = entry.extra
      // Made on Unix; a regular file that its owner can write and all can read.
      directory += ZipFormat.bytes(ZipFormat.directorySignature) + ZipFormat.bytes(UInt16(3 << 8 | 45)) + entry.common
      directory += ZipFormat.bytes(UInt16(extra.count)) + [0, 0, 0, 0, 0, 0] + ZipFormat.bytes(UInt32(0o100644 << 16))
      directory += ZipFormat.bytes(UInt32(min(entry.offset, ZipFormat.limit32))) + entry.name + extra
    }
    var bytes = directory
    let isLarge = entries.count >= 0xffff || offset >= ZipFormat.limit32 || directory.count >= ZipFormat.limit32
    if isLarge {
      let record = offset + directory.count
      bytes += ZipFormat.bytes(ZipFormat.endSignature64) + ZipFormat.bytes(UInt64(44))
      bytes += ZipFormat.bytes(UInt16(3 << 8 | 45)) + ZipFormat.bytes(UInt16(45)) + [0, 0, 0, 0, 0, 0, 0, 0]
      for value in [entries.count, entries.count, directory.count, offset] { bytes += ZipFormat.bytes(UInt64(value)) }
      bytes += ZipFormat.bytes(ZipFormat.locatorSignature64) + [0, 0, 0, 0]
      bytes += ZipFormat.bytes(UInt64(record)) + ZipFormat.bytes(UInt32(1))
    }
    let count = UInt16(min(entries.count, 0xffff))
    bytes += ZipFormat.bytes(ZipFormat.endSignature) + [0, 0, 0, 0] + ZipFormat.bytes(count) + ZipFormat.bytes(count)
    bytes += ZipFormat.bytes(UInt32(min(directory.count, ZipFormat.limit32)))
    bytes += ZipFormat.bytes(UInt32(min(offset, ZipFormat.limit32)))
    return bytes + ZipFormat.bytes(UInt16(commentLength))
  }
}

/// Numbers of the format, and what both sides of it need.
enum ZipFormat {
  static let localSignature: UInt32 = 0x0403_4b50
  static let directorySignature: UInt32 = 0x0201_4b50
  static let endSignature: UInt32 = 0x0605_4b50
  static let endSignature64: UInt32 = 0x0606_4b50
  static let locatorSignature64: UInt32 = 0x0706_4b50
  static let extraID64 = 1
  static let limit32 = Int(UInt32.max)
  /// Names are UTF-8.
  static let utf8Flag: UInt16 = 1 << 11
  static let stored: UInt16 = 0
  static let deflated: UInt16 = 8
  /// 1980-01-01 00:00, the first moment that the format knows.
  static let time: UInt16 = 0
  static let date: UInt16 = 1 << 5 | 1

  static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count)) }
  }

  /// What is wrong with an entry's path, `nil` where nothing is: one that leads out of the folder in which it is unpacked
  /// is neither written nor read.
  static func problem(with path: String) -> String? {
    if path.isEmpty || path.utf8.count > 0xffff { return "its name is empty or too long" }
    if path.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "\\") }) { return "its name has a NUL or a backslash" }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.contains { $0.isEmpty || $0 == "." || $0 == ".." } ? "its name is no plain relative path" : nil
  }
}
