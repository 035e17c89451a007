import CEnvprobeTracer

/// The vDSO of a 64-bit program, as far as its clock functions go: the library that the kernel maps into every program so
/// that it can read clocks without a system call (`vdso(7)`).
struct VirtualLibrary {
  /// Bytes that are looked at: what any kernel's vDSO fits in.
  static let limit = 4 * 4096

  /// The functions' places in the image.
  let gettime: Int
  let timeofday: Int
  /// What is to be written into it: offset and bytes.
  private let symbols: [(at: Int, function: Function)]
  /// Where nothing is used any more, up to the end of the last page.
  let free: Range<Int>

  enum Function: Hashable { case gettime, timeofday, time }

  /// - Parameter image: The bytes in memory from its beginning, of whole pages, and of some more behind it.
  /// - Returns: `nil` where it is not an image that this can be done with.
  init?(_ image: [UInt8]) {
    func load<T: FixedWidthInteger>(_ offset: Int, _ type: T.Type = T.self) -> T? {
      guard offset >= 0, offset <= image.count - MemoryLayout<T>.size else { return nil }
      return image.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
    }
    func offset(_ value: UInt64?) -> Int? { value.flatMap { $0 < UInt64(image.count) ? Int($0) : nil } }
    guard image.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]), let headers = offset(load(32)),
      let count: UInt16 = load(56), let sections: UInt64 = load(40), let sectionCount: UInt16 = load(60)
    else { return nil }
    var end = sections < UInt64(image.count) ? Int(sections) + Int(sectionCount) * 64 : 0
    var dynamic: Int?
    for index in 0..<min(Int(count), 16) {
      let header = headers + index * 56
      guard let kind: UInt32 = load(header), let start: UInt64 = load(header + 8),
        let address: UInt64 = load(header + 16),
        let size: UInt64 = load(header + 40), let place = offset(start), start == address
      else { return nil }
      if kind == 1 {
        guard size <= UInt64(image.count - place) else { return nil }
        end = max(end, place + Int(size))
      }
      if kind == 2 { dynamic = place }
    }
    guard var entry = dynamic, end <= image.count else { return nil }
    var tables: [UInt64: Int] = [:]
    while let tag: UInt64 = load(entry), tag != 0 {
      if let value = offset(load(entry + 8)) { tables[tag] = value }
      entry += 16
    }
    // DT_HASH, DT_STRTAB, DT_SYMTAB: the second word of the hash table is the number of symbols.
    guard let hash = tables[4], let names = tables[5], let table = tables[6], let symbolCount: UInt32 = load(hash + 4)
    else { return nil }
    var symbols: [(Int, Function)] = []
    var places: [Function: Int] = [:]
    for index in 0..<min(Int(symbolCount), 256) {
      let symbol = table + index * 24
      guard let name: UInt32 = load(symbol), let value: UInt64 = load(symbol + 8) else { return nil }
      guard let place = offset(value), place > 0, let start = offset(UInt64(names) + UInt64(name)) else { continue }
      let text = image[start...].prefix { $0 != 0 }
      let function: Function? =
        switch String(decoding: text.starts(with: Array("__vdso_".utf8)) ? text.dropFirst(7) : text, as: UTF8.self) {
        case "clock_gettime": .gettime
        case "gettimeofday": .timeofday
        case "time": .time
        default: nil
        }
      guard let function else { continue }
      symbols.append((symbol + 8, function))
      places[function] = place
    }
    guard let gettime = places[.gettime], let timeofday = places[.timeofday] else { return nil }
    self.gettime = gettime
    self.timeofday = timeofday
    self.symbols = symbols.map { (at: $0.0, function: $0.1) }
    // Up to the end of its last page; what follows in memory is another's.
    free = min((end + 63) & ~63, image.count)..<min((end + 4095) & ~4095, image.count)
    guard image[free].allSatisfy({ $0 == 0 }) else { return nil }
  }

  /// What must be written into the image for its functions to show the shifted clock, the code first.
  ///
  /// - Returns: `nil` where there is no room.
  func changes(for shift: ClockShift) -> [(at: Int, bytes: [UInt8])]? {
    var code = [UInt8](repeating: 0, count: free.count)
    var entries = envprobe_clock_entries()
    let length = Int(
      envprobe_clock_build(
        &code, code.count, shift.seconds, shift.nanoseconds, Int64(gettime - free.lowerBound),
        Int64(timeofday - free.lowerBound), &entries))
    guard length > 0 else { return nil }
    code.removeLast(code.count - length)
    return [(free.lowerBound, code)]
      + symbols.map { symbol in
        let entry =
          switch symbol.function {
          case .gettime: entries.gettime
          case .timeofday: entries.timeofday
          case .time: entries.time
          }
        let value = UInt64(free.lowerBound) + UInt64(entry)
        return (symbol.at, withUnsafeBytes(of: value.littleEndian) { Array($0) })
      }
  }
}
