/// The sections of an ELF file, as far as they are needed and can be believed.
struct SectionTable {
  struct Section {
    var name: String
    var kind: UInt32
    var address: UInt64
    var offset: UInt64
    var size: UInt64
    var link: UInt32
  }
  let sections: [Section]
  private let file: FileBytes

  private static let limit = 4096

  init?(_ file: FileBytes) {
    guard let start: UInt64 = file.integer(at: 40), start > 0, let entrySize: UInt16 = file.integer(at: 58),
      entrySize >= 64, let count: UInt16 = file.integer(at: 60), let names: UInt16 = file.integer(at: 62),
      let namesStart: UInt64 = file.integer(at: start &+ UInt64(names) * UInt64(entrySize) &+ 24)
    else { return nil }
    var sections: [Section] = []
    for index in 0..<UInt64(min(Int(count), Self.limit)) {
      let header = start &+ index * UInt64(entrySize)
      guard let name: UInt32 = file.integer(at: header), let kind: UInt32 = file.integer(at: header &+ 4),
        let address: UInt64 = file.integer(at: header &+ 16), let offset: UInt64 = file.integer(at: header &+ 24),
        let size: UInt64 = file.integer(at: header &+ 32), let link: UInt32 = file.integer(at: header &+ 40)
      else { return nil }
      sections.append(
        Section(
          name: file.text(at: namesStart &+ UInt64(name), limit: 64) ?? "", kind: kind, address: address,
          offset: offset, size: size, link: link))
    }
    self.sections = sections
    self.file = file
  }

  subscript(name: String) -> Section? { sections.first { $0.name == name } }

  /// The full symbol table, `nil` in a stripped file.
  var symbols: SymbolTable? { table(2) }
  /// The full symbol table, else that of exported and imported names.
  var bestSymbols: SymbolTable? { table(2) ?? table(11) }

  private func table(_ kind: UInt32) -> SymbolTable? {
    guard let section = sections.first(where: { $0.kind == kind }), Int(section.link) < sections.count else {
      return nil
    }
    let strings = sections[Int(section.link)]
    return SymbolTable(
      file: file, offset: section.offset, size: section.size, strings: strings.offset, stringsSize: strings.size)
  }

  static func hasGoTable(_ file: FileBytes) -> Bool {
    SectionTable(file)?.sections.contains { GoFunctionTable.sectionNames.contains($0.name) } ?? false
  }
}

/// A table of symbols (`Elf64_Sym`), gone through from end to end: it is not sorted, and what is asked of it is little.
struct SymbolTable {
  let file: FileBytes
  let offset: UInt64
  let size: UInt64
  let strings: UInt64
  let stringsSize: UInt64

  private static let entrySize = 24
  private static let limit = 1 << 22
  private static let indexLimit = 1 << 20
  private static let stringsLimit: UInt64 = 1 << 27
  private static let piece = 8192

  /// The addresses of functions with these names.
  func addresses(ofFunctions names: some Collection<String>) -> [(name: String, address: UInt64)] {
    var result: [(String, UInt64)] = []
    let wanted = names.map { Array($0.utf8) + [0] }
    guard stringsSize < 1 << 28, let text = file.bytes(at: strings, count: Int(stringsSize)) else { return [] }
    text.withUnsafeBufferPointer { text in
      forEach { name, information, section, address, _ in
        guard information & 15 == 2, section != 0, Int(name) < text.count else { return }
        for candidate in wanted where candidate[0] == text[Int(name)] && candidate.count <= text.count - Int(name) {
          guard candidate.indices.allSatisfy({ text[Int(name) + $0] == candidate[$0] }) else { continue }
          result.append((String(decoding: candidate.dropLast(), as: UTF8.self), address))
        }
      }
    }
    return result
  }

  /// Its functions, to look up many addresses; `nil` where there are too many to be held in memory.
  func index() -> FunctionIndex? {
    guard size / UInt64(Self.entrySize) <= UInt64(Self.indexLimit), stringsSize <= Self.stringsLimit,
      let text = file.bytes(at: strings, count: Int(stringsSize))
    else { return nil }
    var functions: [FunctionIndex.Function] = []
    forEach { name, information, section, address, size in
      let kind = information & 15
      guard kind == 2 || kind == 10, section != 0 else { return }
      functions.append(.init(start: address, size: size, name: name, isLocal: information >> 4 == 0))
    }
    return FunctionIndex(functions, names: text)
  }

  private func forEach(_ body: (UInt32, UInt8, UInt16, UInt64, UInt64) -> Void) {
    let count = Int(min(size / UInt64(Self.entrySize), UInt64(Self.limit)))
    for first in stride(from: 0, to: count, by: Self.piece) {
      let number = min(Self.piece, count - first)
      guard
        let bytes = file.bytes(at: offset &+ UInt64(first * Self.entrySize), count: number * Self.entrySize)
      else { return }
      bytes.withUnsafeBytes { bytes in
        for index in 0..<number {
          let entry = index * Self.entrySize
          body(
            bytes.loadUnaligned(fromByteOffset: entry, as: UInt32.self), bytes[entry + 4],
            bytes.loadUnaligned(fromByteOffset: entry + 6, as: UInt16.self),
            bytes.loadUnaligned(fromByteOffset: entry + 8, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: entry + 16, as: UInt64.self))
        }
      }
    }
  }
}

/// Functions by their addresses.
struct FunctionIndex: Sendable {
  struct Function: Sendable {
    var start: UInt64
    var size: UInt64
    var name: UInt32
    var isLocal: Bool
  }
  private let functions: [Function]
  private let names: [UInt8]

  init(_ functions: [Function], names: [UInt8]) {
    // Of several names for one place, the first exported one in the alphabet of the table: always the same.
    self.functions = functions.sorted {
      ($0.start, $0.isLocal ? 0 : 1, $1.name) < ($1.start, $1.isLocal ? 0 : 1, $0.name)
    }
    self.names = names
  }

  /// The function that holds an address, or the last one before it that has no size.
  func function(at address: UInt64) -> (name: String, start: UInt64)? {
    var low = 0
    var high = functions.count
    while low < high {
      let middle = (low + high) / 2
      if functions[middle].start <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let function = functions[low - 1]
    // Beyond the end of the last function that is named, the address belongs to one that is not.
    guard function.size == 0 || address - function.start < function.size, Int(function.name) < names.count,
      let end = names[Int(function.name)...].firstIndex(of: 0)
    else { return nil }
    return (String(decoding: names[Int(function.name)..<end], as: UTF8.self), function.start)
  }
}
