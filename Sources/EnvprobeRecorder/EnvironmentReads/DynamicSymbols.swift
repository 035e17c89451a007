/// The names that a dynamically linked file exports and imports (`PT_DYNAMIC`), looked up by its own hash tables, as the
/// loader does.
struct DynamicSymbols {
  private let file: FileBytes
  private let executable: ExecutableFile
  private let symbols: UInt64
  private let strings: UInt64
  private let stringsSize: UInt64
  private var gnuHash: UInt64?
  private var hash: UInt64?
  private var hasName = false

  private static let entryLimit = 1024
  /// Longest chain and longest list of imports that are followed.
  private static let chainLimit = 1 << 16

  init?(file: FileBytes, segments: ExecutableFile, dynamic: (offset: UInt64, size: UInt64)) {
    self.file = file
    executable = segments
    var table: [UInt64: UInt64] = [:]
    for index in 0..<min(dynamic.size / 16, UInt64(Self.entryLimit)) {
      let (offset, overflow) = dynamic.offset.addingReportingOverflow(index * 16)
      guard !overflow, let tag: UInt64 = file.integer(at: offset), let value: UInt64 = file.integer(at: offset + 8)
      else { return nil }
      if tag == 0 { break }
      table[tag] = value
    }
    guard let symbols = table[6].flatMap(segments.offset(ofAddress:)),
      let strings = table[5].flatMap(segments.offset(ofAddress:)), let size = table[10]
    else { return nil }
    self.symbols = symbols
    self.strings = strings
    stringsSize = size
    gnuHash = table[0x6fff_fef5].flatMap(segments.offset(ofAddress:))
    hash = table[4].flatMap(segments.offset(ofAddress:))
    hasName = table[14] != nil
  }

  /// Whether it gives itself a library's name (`DT_SONAME`).
  var isLibrary: Bool { hasName }

  /// The link-time address of a name that the file defines.
  func address(of name: String) -> UInt64? {
    if gnuHash != nil { return gnuIndex(of: name).flatMap(definition) }
    return oldIndex(of: name).flatMap(definition)
  }

  /// Whether it defines or imports a name.
  func mentions(_ name: String) -> Bool {
    if address(of: name) != nil { return true }
    guard gnuHash != nil else { return oldIndex(of: name) != nil }
    // Imports come before what the hash table lists.
    guard let gnuHash, let first: UInt32 = file.integer(at: gnuHash &+ 4) else { return false }
    for index in 0..<UInt64(min(Int(first), Self.chainLimit)) where has(name, index) { return true }
    return false
  }

  /// Whether one of its version names starts so.
  func mentionsVersion(startingWith prefix: String) -> Bool {
    guard stringsSize < 1 << 24, let all = file.bytes(at: strings, count: Int(stringsSize)) else { return false }
    return ([0] + Array(prefix.utf8)).firstRange(in: all) != nil
  }

  private func definition(_ index: UInt64) -> UInt64? {
    guard let section: UInt16 = file.integer(at: symbols &+ index * 24 &+ 6), section != 0,
      let value: UInt64 = file.integer(at: symbols &+ index * 24 &+ 8)
    else { return nil }
    return value
  }

  private func has(_ name: String, _ index: UInt64) -> Bool {
    guard let position: UInt32 = file.integer(at: symbols &+ index * 24), UInt64(position) < stringsSize,
      let found = file.bytes(at: strings &+ UInt64(position), count: name.utf8.count + 1)
    else { return false }
    return found.last == 0 && found.dropLast().elementsEqual(name.utf8)
  }

  /// https://flapenguin.me/elf-dt-gnu-hash
  private func gnuIndex(of name: String) -> UInt64? {
    guard let table = gnuHash, let bucketCount: UInt32 = file.integer(at: table), bucketCount > 0,
      let first: UInt32 = file.integer(at: table &+ 4), let bloomCount: UInt32 = file.integer(at: table &+ 8)
    else { return nil }
    var hash: UInt32 = 5381
    for byte in name.utf8 { hash = hash &* 33 &+ UInt32(byte) }
    let buckets = table &+ 16 &+ UInt64(bloomCount) * 8
    let chains = buckets &+ UInt64(bucketCount) * 4
    guard let start: UInt32 = file.integer(at: buckets &+ UInt64(hash % bucketCount) * 4), start >= first, start > 0
    else { return nil }
    for index in UInt64(start)..<UInt64(start) + UInt64(Self.chainLimit) {
      guard let value: UInt32 = file.integer(at: chains &+ (index - UInt64(first)) * 4) else { return nil }
      if value | 1 == hash | 1, has(name, index) { return index }
      if value & 1 == 1 { return nil }
    }
    return nil
  }

  private func oldIndex(of name: String) -> UInt64? {
    guard let table = hash, let bucketCount: UInt32 = file.integer(at: table), bucketCount > 0 else { return nil }
    var hash: UInt32 = 0
    for byte in name.utf8 {
      hash = (hash << 4) &+ UInt32(byte)
      let high = hash & 0xf000_0000
      hash = (hash ^ (high >> 24)) & ~high
    }
    guard var index: UInt32 = file.integer(at: table &+ 8 &+ UInt64(hash % bucketCount) * 4) else { return nil }
    let chains = table &+ 8 &+ UInt64(bucketCount) * 4
    for _ in 0..<Self.chainLimit where index != 0 {
      if has(name, UInt64(index)) { return UInt64(index) }
      guard let next: UInt32 = file.integer(at: chains &+ UInt64(index) * 4) else { return nil }
      index = next
    }
    return nil
  }
}

extension Array<UInt8> {
  /// Where these bytes are found first in others.
  func firstRange(in haystack: [UInt8], from start: Int = 0) -> Range<Int>? {
    guard let first, !isEmpty, haystack.count >= count, start >= 0 else { return nil }
    return haystack.withUnsafeBufferPointer { all in
      withUnsafeBufferPointer { needle in
        var index = start
        while index <= all.count - needle.count {
          if all[index] == first, (1..<needle.count).allSatisfy({ all[index + $0] == needle[$0] }) {
            return index..<index + needle.count
          }
          index += 1
        }
        return nil
      }
    }
  }
}
