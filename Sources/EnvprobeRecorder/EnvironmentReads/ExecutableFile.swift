/// What is known of an executable or a library before it runs: where it is asked for variables, and whether it can read
/// them without asking.
struct ExecutableFile: Sendable, Hashable {
  /// A stretch of the file that is mapped into memory (`PT_LOAD`).
  struct Segment: Sendable, Hashable {
    var address: UInt64
    var offset: UInt64
    var fileSize: UInt64
    var isExecutable: Bool
  }

  /// A function that is watched.
  struct Target: Sendable, Hashable {
    enum Role: Sendable, Hashable {
      /// `char *getenv(const char *)`
      case getenv
      /// Go's `func(key string) …`, in the register convention of Go 1.17 and later
      case goGetenv, goSetenv, goUnsetenv, goClearenv
      /// Row of ``BulkCopier/table``
      case bulk(Int)
    }
    var role: Role
    /// Link-time address of the instruction that is replaced.
    var address: UInt64
    /// The bytes there, to be compared with what is in memory before anything is written.
    var code: [UInt8]
  }

  var entry: UInt64
  var segments: [Segment]
  /// The loader it asks for, `nil` for a static program and for most libraries.
  var interpreter: String?
  var targets: [Target] = []
  /// Whether it names the variable `environ`, and could walk through it by itself.
  var refersToEnviron = false
  /// The language runtime it is or carries.
  var runtime: String?
  /// Why reads of this program cannot be seen, where it is static and that is known already.
  var obstacle: String?

  var asksByGetenv: Bool { targets.contains { $0.role == .getenv } }
  var asksByGo: Bool { targets.contains { $0.role == .goGetenv } }
  /// The lowest link-time address, rounded down to a page.
  var base: UInt64 { (segments.map(\.address).min() ?? 0) & ~0xfff }

  /// The link-time address of a byte of the file.
  func address(ofOffset offset: UInt64) -> UInt64? {
    for segment in segments where offset >= segment.offset && offset - segment.offset < segment.fileSize {
      return segment.address &+ (offset - segment.offset)
    }
    return nil
  }

  func offset(ofAddress address: UInt64) -> UInt64? {
    for segment in segments where address >= segment.address && address - segment.address < segment.fileSize {
      let (offset, overflow) = segment.offset.addingReportingOverflow(address - segment.address)
      return overflow ? nil : offset
    }
    return nil
  }
}

/// Why a file is not one that can be looked into.
enum ExecutableFileError: Error, Hashable {
  case notELF
  /// An ELF file of another processor or word size.
  case foreign(String)
  case damaged(String)
}

extension ExecutableFile {
  /// Longest prologue that is looked at.
  static let codeLength = 48
  private static let segmentLimit = 128

  /// Reads the headers and looks up the functions.
  init(reading file: FileBytes) throws(ExecutableFileError) {
    guard let identification = file.bytes(at: 0, count: 16), identification.starts(with: [0x7F, 0x45, 0x4C, 0x46])
    else { throw .notELF }
    guard identification[4] == 2, identification[5] == 1 else { throw .foreign("a 32-bit program") }
    guard let machine: UInt16 = file.integer(at: 18), machine == 62 else { throw .foreign("another processor's code") }
    guard let entry: UInt64 = file.integer(at: 24), let headers: UInt64 = file.integer(at: 32),
      let headerSize: UInt16 = file.integer(at: 54), headerSize >= 56, let count: UInt16 = file.integer(at: 56)
    else { throw .damaged("header") }
    self.entry = entry
    segments = []
    var dynamic: (offset: UInt64, size: UInt64)?
    for index in 0..<UInt64(min(Int(count), Self.segmentLimit)) {
      let (offset, overflow) = headers.addingReportingOverflow(index * UInt64(headerSize))
      guard !overflow, let kind: UInt32 = file.integer(at: offset), let flags: UInt32 = file.integer(at: offset + 4),
        let start: UInt64 = file.integer(at: offset + 8), let address: UInt64 = file.integer(at: offset + 16),
        let size: UInt64 = file.integer(at: offset + 32)
      else { throw .damaged("program headers") }
      switch kind {
      case 1: segments.append(Segment(address: address, offset: start, fileSize: size, isExecutable: flags & 1 != 0))
      case 2: dynamic = (start, size)
      case 3: interpreter = file.text(at: start)
      default: break
      }
    }
    let names = dynamic.flatMap { DynamicSymbols(file: file, segments: self, dynamic: $0) }
    if let names { take(names, file) }
    if !asksByGetenv, interpreter == nil || names == nil || SectionTable.hasGoTable(file) {
      lookThrough(file, isLibrary: interpreter == nil && names?.isLibrary == true)
    }
  }

  private mutating func take(_ names: DynamicSymbols, _ file: FileBytes) {
    add(.getenv, at: names.address(of: "getenv"), file)
    // The C library is where the variable lives; it is not a reader of its own.
    refersToEnviron =
      names.address(of: "__libc_start_main") == nil
      && ["environ", "__environ", "_environ"].contains { names.mentions($0) }
    if names.mentionsVersion(startingWith: "BUN_") { runtime = "bun" }
    for (index, row) in BulkCopier.table.enumerated() {
      guard runtime != "bun", let address = names.address(of: row.symbol) else { continue }
      add(.bulk(index), at: address, file)
      runtime = row.runtime
      refersToEnviron = false
    }
  }

  /// Adds a target whose code can be read.
  mutating func add(_ role: Target.Role, at address: UInt64?, _ file: FileBytes) {
    guard let address, let code = code(at: address, file) else { return }
    guard !targets.contains(where: { $0.address == address }) else { return }
    targets.append(Target(role: role, address: address, code: code))
  }

  /// The code at a link-time address, as far as the file holds it.
  func code(at address: UInt64, _ file: FileBytes) -> [UInt8]? {
    for segment in segments where segment.isExecutable && address >= segment.address {
      guard address - segment.address < segment.fileSize else { continue }
      let count = Int(min(UInt64(Self.codeLength), segment.fileSize - (address - segment.address)))
      let (offset, overflow) = segment.offset.addingReportingOverflow(address - segment.address)
      return overflow ? nil : file.bytes(at: offset, count: count)
    }
    return nil
  }

  /// Static programs, and those of Go: the symbol table, Go's function table, or the code itself.
  private mutating func lookThrough(_ file: FileBytes, isLibrary: Bool) {
    let sections = SectionTable(file)
    var wanted = GoFunctionTable.names
    wanted["getenv"] = .getenv
    if let symbols = sections?.symbols {
      for (name, address) in symbols.addresses(ofFunctions: wanted.keys) {
        guard let role = wanted[name] else { continue }
        if role == .getenv { add(role, at: address, file) } else { addGo(role, at: address, file) }
      }
    }
    if let table = GoFunctionTable(file, sections: sections, segments: self) {
      runtime = "go"
      guard table.usesRegisters else {
        targets.removeAll { $0.role != .getenv }
        obstacle = "made by a Go older than 1.17"
        return
      }
      if !asksByGo {
        for (name, address) in table.addresses(of: wanted.keys) {
          if let role = wanted[name], role != .getenv { addGo(role, at: address, file) }
        }
      }
      if !asksByGo { obstacle = "a Go program that never asks for a variable by name" }
      return
    }
    guard targets.isEmpty, interpreter == nil, !isLibrary else { return }
    if let address = CodeSignature.find(in: file, segments: self) {
      add(.getenv, at: address, file)
    } else {
      obstacle = "a static program without symbols, of an unknown C library"
    }
  }

  /// A Go function is stopped after the check of its stack: it is run again from the start after the stack has grown.
  private mutating func addGo(_ role: Target.Role, at address: UInt64, _ file: FileBytes) {
    guard let code = code(at: address, file) else { return }
    add(role, at: address &+ UInt64(GoFunctionTable.lengthOfStackCheck(code)), file)
  }
}
