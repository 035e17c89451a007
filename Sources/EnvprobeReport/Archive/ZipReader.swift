/// Reads a zip archive that is held in memory. Foreign bytes: every offset and length is checked before it is used.
///
/// It reads the archives of ``ZipWriter`` and those of other programs that are stored or deflated; encrypted ones and
/// those of several volumes it refuses.
public struct ZipReader: Sendable {
  public struct Entry: Hashable, Sendable {
    public var path: String
    /// Bytes, once unpacked.
    public var size: Int
    fileprivate var method: UInt16
    fileprivate var checksum: UInt32
    fileprivate var compressedSize: Int
    fileprivate var offset: Int
  }

  /// In the order of the directory.
  public let entries: [Entry]
  public let comment: [UInt8]
  private let bytes: [UInt8]

  public init(_ bytes: [UInt8]) throws(ArchiveError) {
    self.bytes = bytes
    let archive = Fields(bytes)
    let end = try Self.end(in: archive)
    comment = Array(bytes[(end + 22)...])
    var (count, size, start) = (
      Int(try archive.number16(end + 10)), Int(try archive.number32(end + 12)), Int(try archive.number32(end + 16))
    )
    if count == 0xffff || size == ZipFormat.limit32 || start == ZipFormat.limit32 {
      (count, size, start) = try Self.largeEnd(in: archive, before: end)
    }
    guard start <= end, size <= end - start else { throw Fields.broken("its directory is not inside it") }
    var entries: [Entry] = []
    var names: Set<String> = []
    var offset = start
    while offset < start + size {
      let (entry, length) = try Self.entry(in: archive, at: offset)
      guard names.insert(entry.path).inserted else { throw Fields.broken("two entries have the name \(entry.path)") }
      entries.append(entry)
      offset += length
    }
    guard entries.count == count, offset == start + size else { throw Fields.broken("its directory is cut") }
    self.entries = entries
  }

  /// The bytes of an entry, which are as long as it says and match their checksum.
  public func contents(of entry: Entry) throws(ArchiveError) -> [UInt8] {
    let archive = Fields(bytes)
    func broken(_ reason: String) -> ArchiveError { ArchiveError(.read, subject: entry.path, reason: reason) }
    guard try archive.number32(entry.offset) == ZipFormat.localSignature else { throw broken("it has no header") }
    let nameLength = Int(try archive.number16(entry.offset + 26))
    let start = entry.offset + 30 + nameLength + Int(try archive.number16(entry.offset + 28))
    guard try archive.slice(entry.offset + 30, nameLength).elementsEqual(entry.path.utf8) else {
      throw broken("its header has another name")
    }
    let packed = Array(try archive.slice(start, entry.compressedSize))
    let contents: [UInt8]
    if entry.method == ZipFormat.stored {
      contents = packed
    } else {
      guard let text = Deflate.decompress(packed, size: entry.size) else {
        throw broken("its bytes cannot be unpacked")
      }
      contents = text
    }
    guard contents.count == entry.size, ZipFormat.checksum(contents) == entry.checksum else {
      throw broken("its bytes do not match their checksum")
    }
    return contents
  }

  // MARK: - Directory

  /// Where the record stands that ends the archive: the last one whose comment reaches to the end of the file.
  private static func end(in archive: Fields) throws(ArchiveError) -> Int {
    let count = archive.bytes.count
    var offset = count - 22
    while offset >= max(0, count - 22 - 0xffff) {
      if try archive.number32(offset) == ZipFormat.endSignature,
        Int(try archive.number16(offset + 20)) == count - offset - 22
      {
        guard try archive.number16(offset + 4) == 0, try archive.number16(offset + 6) == 0 else {
          throw Fields.broken("it has several volumes")
        }
        return offset
      }
      offset -= 1
    }
    throw Fields.broken("it is no zip archive, or its end is missing")
  }

  private static func largeEnd(in archive: Fields, before end: Int) throws(ArchiveError) -> (Int, Int, Int) {
    guard end >= 20, try archive.number32(end - 20) == ZipFormat.locatorSignature64 else {
      throw Fields.broken("its end says neither where the directory is nor who knows")
    }
    let record = try archive.number64(end - 12)
    guard try archive.number32(record) == ZipFormat.endSignature64 else {
      throw Fields.broken("its 64-bit end is missing")
    }
    return (try archive.number64(record + 32), try archive.number64(record + 40), try archive.number64(record + 48))
  }

  private static func entry(in archive: Fields, at offset: Int) throws(ArchiveError) -> (Entry, length: Int) {
    guard try archive.number32(offset) == ZipFormat.directorySignature else {
      throw Fields.broken("its directory is cut")
    }
    let flags = try archive.number16(offset + 8)
    let method = try archive.number16(offset + 10)
    let nameLength = Int(try archive.number16(offset + 28))
    let extraLength = Int(try archive.number16(offset + 30))
    let commentLength = Int(try archive.number16(offset + 32))
    guard let path = String(validating: try archive.slice(offset + 46, nameLength), as: UTF8.self) else {
      throw Fields.broken("the name of an entry is not UTF-8")
    }
    func broken(_ reason: String) -> ArchiveError { ArchiveError(.read, subject: path, reason: reason) }
    if let problem = ZipFormat.problem(with: path) { throw broken(problem) }
    guard flags & 1 == 0, [ZipFormat.stored, ZipFormat.deflated].contains(method) else {
      throw broken("it is encrypted, or packed by a method other than deflate")
    }
    var values = [
      Int(try archive.number32(offset + 24)), Int(try archive.number32(offset + 20)),
      Int(try archive.number32(offset + 42)),
    ]
    if values.contains(ZipFormat.limit32) {
      var extra = try extra64(in: archive, at: offset + 46 + nameLength, length: extraLength)
      for index in values.indices where values[index] == ZipFormat.limit32 {
        guard !extra.isEmpty else { throw broken("its 64-bit sizes are missing") }
        values[index] = extra.removeFirst()
      }
    }
    let entry = Entry(
      path: path, size: values[0], method: method, checksum: try archive.number32(offset + 16),
      compressedSize: values[1], offset: values[2])
    return (entry, 46 + nameLength + extraLength + commentLength)
  }

  /// The values of the extra field that holds what 32 bits cannot.
  private static func extra64(in archive: Fields, at start: Int, length: Int) throws(ArchiveError) -> [Int] {
    var offset = start
    while offset + 4 <= start + length {
      let size = Int(try archive.number16(offset + 2))
      if Int(try archive.number16(offset)) == ZipFormat.extraID64 {
        var values: [Int] = []
        for index in 0..<(size / 8) { values.append(try archive.number64(offset + 4 + index * 8)) }
        return values
      }
      offset += 4 + size
    }
    return []
  }
}

/// Little-endian numbers at offsets that need not be there.
private struct Fields {
  let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func broken(_ reason: String) -> ArchiveError {
    ArchiveError(.read, subject: "the archive", reason: reason)
  }

  func slice(_ offset: Int, _ count: Int) throws(ArchiveError) -> ArraySlice<UInt8> {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
      throw Self.broken("it ends before what its directory tells of")
    }
    return bytes[offset..<(offset + count)]
  }

  func number16(_ offset: Int) throws(ArchiveError) -> UInt16 { UInt16(truncatingIfNeeded: try number(offset, 2)) }
  func number32(_ offset: Int) throws(ArchiveError) -> UInt32 { UInt32(truncatingIfNeeded: try number(offset, 4)) }

  /// A number that must fit into a file's size.
  func number64(_ offset: Int) throws(ArchiveError) -> Int {
    guard let value = Int(exactly: try number(offset, 8)), value < 1 << 60 else {
      throw Self.broken("it tells of sizes that no file has")
    }
    return value
  }

  private func number(_ offset: Int, _ count: Int) throws(ArchiveError) -> UInt64 {
    try slice(offset, count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
