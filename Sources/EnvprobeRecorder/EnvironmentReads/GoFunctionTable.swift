/// The table of functions that every Go program carries, also a stripped one (`runtime.pclntab`).
///
/// Layout: `internal/abi` and `debug/gosym` of the Go distribution; the forms of Go 1.16, 1.18 and 1.20.
struct GoFunctionTable {
  /// The functions that are watched, and what a call of each means.
  static let names: [String: ExecutableFile.Target.Role] = [
    "syscall.Getenv": .goGetenv, "runtime.gogetenv": .goGetenv, "syscall.Setenv": .goSetenv,
    "syscall.Unsetenv": .goUnsetenv, "syscall.Clearenv": .goClearenv,
    "syscall.Environ": .bulk(BulkCopier.index(of: "syscall.Environ")!),
  ]
  static let sectionNames: Set<String> = [".gopclntab", ".data.rel.ro.gopclntab"]
  private static let functionLimit: UInt64 = 1 << 22

  /// Whether arguments are passed in registers: Go 1.17 and later on x86-64. The table's form changed with Go 1.18, so
  /// that 1.17 is not told from older ones by it.
  let usesRegisters: Bool
  private let file: FileBytes
  private let text: UInt64
  private let count: UInt64
  private let functionNames: UInt64
  private let functions: UInt64

  init?(_ file: FileBytes, sections: SectionTable?, segments: ExecutableFile) {
    guard let section = sections?.sections.first(where: { Self.sectionNames.contains($0.name) }) else {
      guard segments.interpreter == nil || sections == nil, let start = Self.search(file, segments) else { return nil }
      self.init(file, at: start, text: nil)
      return
    }
    self.init(file, at: section.offset, text: sections?[".text"]?.address)
  }

  private init?(_ file: FileBytes, at start: UInt64, text codeSection: UInt64?) {
    self.file = file
    guard let magic: UInt32 = file.integer(at: start), let pointerSize: UInt8 = file.integer(at: start &+ 7),
      pointerSize == 8, let count: UInt64 = file.integer(at: start &+ 8), count > 0, count < Self.functionLimit
    else { return nil }
    self.count = count
    switch magic {
    case 0xffff_fff0, 0xffff_fff1:
      guard let text: UInt64 = file.integer(at: start &+ 24), let names: UInt64 = file.integer(at: start &+ 32),
        let functions: UInt64 = file.integer(at: start &+ 64), names < file.size, functions < file.size
      else { return nil }
      usesRegisters = true
      // In a position-independent program the word is left to be filled in, and since Go 1.26 it is not used.
      self.text = text != 0 ? text : codeSection ?? 0
      functionNames = start &+ names
      self.functions = start &+ functions
    case 0xffff_fffa, 0xffff_fffb:
      usesRegisters = false
      text = 0
      functionNames = 0
      functions = 0
    default: return nil
    }
  }

  /// The table in a file without sections, by the first bytes of its header.
  private static func search(_ file: FileBytes, _ segments: ExecutableFile) -> UInt64? {
    for segment in segments.segments where !segment.isExecutable {
      var offset = segment.offset
      let end = segment.offset &+ min(segment.fileSize, 1 << 30)
      while offset < end, offset < file.size {
        let size = Int(min(end - offset, file.size - offset, 1 << 20))
        guard let bytes = file.bytes(at: offset, count: size) else { break }
        for index in stride(from: 0, to: size - 16, by: 16)
        where (bytes[index] == 0xf0 || bytes[index] == 0xf1) && bytes[index + 1] == 0xff && bytes[index + 2] == 0xff
          && bytes[index + 3] == 0xff && bytes[index + 4] == 0 && bytes[index + 5] == 0 && bytes[index + 7] == 8
        {
          let start = offset + UInt64(index)
          if let table = GoFunctionTable(file, at: start, text: nil), table.isPlausible { return start }
        }
        offset += UInt64(size)
      }
    }
    return nil
  }

  private var isPlausible: Bool {
    functionNames < file.size && functions < file.size && name(of: 0) != nil && name(of: count - 1) != nil
  }

  /// The addresses of functions with these names.
  func addresses(of wanted: some Collection<String>) -> [(name: String, address: UInt64)] {
    // Names first: they lie together, before anything else, and there are few to be found.
    guard functions > functionNames, functions - functionNames < 1 << 28,
      let text = file.bytes(at: functionNames, count: Int(min(functions - functionNames, file.size - functionNames)))
    else { return [] }
    var offsets: [UInt32: String] = [:]
    for name in wanted {
      let pattern = [0] + Array(name.utf8) + [0]
      if let range = pattern.firstRange(in: text), let offset = UInt32(exactly: range.lowerBound + 1) {
        offsets[offset] = name
      }
    }
    guard !offsets.isEmpty, let table = file.bytes(at: functions, count: Int(count) * 8) else { return [] }
    var result: [(String, UInt64)] = []
    for index in 0..<Int(count) {
      let entry = table.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
      guard let offset: UInt32 = file.integer(at: functions &+ (entry >> 32) &+ 4), let name = offsets[offset] else {
        continue
      }
      result.append((name, self.text &+ (entry & 0xffff_ffff)))
      if result.count == offsets.count { break }
    }
    return result
  }

  /// The function that holds an address.
  func function(at address: UInt64) -> (name: String, start: UInt64)? {
    guard usesRegisters, address >= text, address - text <= UInt32.max else { return nil }
    let wanted = UInt32(address - text)
    var low: UInt64 = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      guard let start: UInt32 = file.integer(at: functions &+ middle * 8) else { return nil }
      if start <= wanted { low = middle + 1 } else { high = middle }
    }
    guard low > 0, let start: UInt32 = file.integer(at: functions &+ (low - 1) * 8), let name = name(of: low - 1) else {
      return nil
    }
    return (name, text &+ UInt64(start))
  }

  private func name(of index: UInt64) -> String? {
    guard let entry: UInt32 = file.integer(at: functions &+ index * 8 &+ 4),
      let offset: UInt32 = file.integer(at: functions &+ UInt64(entry) &+ 4)
    else { return nil }
    return file.text(at: functionNames &+ UInt64(offset), limit: 4096)
  }

  /// How long the code is with which a function makes sure that it has stack: a comparison with the goroutine's limit
  /// and a jump to where more is asked for, after which the function begins again.
  static func lengthOfStackCheck(_ code: [UInt8]) -> Int {
    var length = 0
    if code.starts(with: [0x49, 0x3B, 0x66]) {
      length = 4
    } else if code.starts(with: [0x4C, 0x8D, 0x64, 0x24]), code.count > 9, code[5] == 0x4D, code[6] == 0x3B {
      length = 9
    } else if code.starts(with: [0x4C, 0x8D, 0xA4, 0x24]), code.count > 12, code[8] == 0x4D, code[9] == 0x3B {
      length = 12
    } else {
      return 0
    }
    guard code.count > length + 1 else { return 0 }
    if code[length] == 0x76 { return length + 2 }
    if code[length] == 0x0F, code[length + 1] == 0x86 { return length + 6 }
    return 0
  }
}
