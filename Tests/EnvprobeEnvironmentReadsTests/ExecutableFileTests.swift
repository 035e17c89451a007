import EnvprobeTestSupport
import Foundation
import Testing

@testable import EnvprobeRecorder

@Suite struct ExecutableFileTests {
  static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

  @Test(.requires("gcc")) func findsGetenv() throws {
    let file = FileBytes(try Self.bytes(Probes.build(Probes.staticC)))
    let executable = try ExecutableFile(reading: file)
    #expect(executable.asksByGetenv)
    #expect(executable.interpreter == nil)
    let address = try #require(executable.targets.first).address
    let index = SectionTable(file)?.bestSymbols?.index()
    #expect(ExecutableCatalog.function(in: file, executable, index, at: address)?.start == address)
    // By its code as well as by its symbol.
    #expect(CodeSignature.find(in: file, segments: executable) == address)
  }

  @Test(.requires("go")) func findsGoFunctionsWithoutSymbols() throws {
    let whole = try ExecutableFile(reading: FileBytes(Self.bytes(Probes.build(Probes.go))))
    let stripped = try ExecutableFile(reading: FileBytes(Self.bytes(Probes.build(Probes.strippedGo))))
    #expect(Set(whole.targets.map(\.role)) == Set(stripped.targets.map(\.role)))
    // Its own reads and the runtime's; and what else of these the linker kept.
    #expect(whole.targets.count { $0.role == .goGetenv } == 2)
    #expect(Set(whole.targets.map(\.role)).isSuperset(of: [.goSetenv, .goUnsetenv]))
    #expect(whole.runtime == "go")
  }

  @Test(arguments: [[], [0x7F, 0x45], Array("#!/bin/sh\n".utf8), [UInt8](repeating: 0, count: 4096)])
  func refusesWhatIsNoProgram(bytes: [UInt8]) {
    #expect(throws: ExecutableFileError.notELF) { try ExecutableFile(reading: FileBytes(bytes)) }
  }

  @Test func refusesForeignPrograms() {
    let header: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 1, 1] + [UInt8](repeating: 0, count: 58)
    #expect(throws: ExecutableFileError.foreign("a 32-bit program")) { try ExecutableFile(reading: FileBytes(header)) }
  }

  static let subjects = [Probes.dynamicC, Probes.musl, Probes.strippedGo]

  /// Whatever stands in a file's tables, reading it ends, and reads nothing beyond its end.
  @Test(.requires("gcc", "musl-gcc", "go"), arguments: subjects) func survivesLies(recipe: Probes.Recipe) throws {
    let original = try Self.bytes(Probes.build(recipe))
    var random = SplitMix(state: 42)
    let tables = Self.interesting(original)
    for _ in 0..<Self.rounds(150) {
      var bytes = original
      for _ in 0..<(1 + Int(random.next() % 12)) {
        let range = tables[Int(random.next() % UInt64(tables.count))]
        let place = range.lowerBound + Int(random.next() % UInt64(range.count))
        bytes[place] = [0, 0xFF, 0x7F, 0x80, UInt8(truncatingIfNeeded: random.next())][Int(random.next() % 5)]
      }
      if random.next() % 8 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
      let file = FileBytes(bytes)
      guard let executable = try? ExecutableFile(reading: file) else { continue }
      let index = SectionTable(file)?.bestSymbols?.index()
      for _ in 0..<4 {
        _ = ExecutableCatalog.function(in: file, executable, index, at: random.next() >> (random.next() % 64))
      }
    }
  }

  /// How often: `ENVPROBE_FUZZ=1000` makes it a thousand times as long.
  static func rounds(_ number: Int) -> Int {
    number * max(1, ProcessInfo.processInfo.environment["ENVPROBE_FUZZ"].flatMap { Int($0) } ?? 1)
  }

  /// Go's table of functions by itself, where a damaged one may still be found by its beginning.
  @Test(.requires("go")) func survivesLiesInGosTable() throws {
    let original = try Self.bytes(Probes.build(Probes.strippedGo))
    let sections = try #require(SectionTable(FileBytes(original)))
    let table = try #require(sections.sections.first { $0.name.contains("gopclntab") })
    let start = Int(table.offset)
    var random = SplitMix(state: 43)
    var found = 0
    for round in 0..<Self.rounds(60) {
      var bytes = original
      // The header's counts and offsets, the index, and names.
      for _ in 0..<(1 + Int(random.next() % 6)) {
        let room = [72, 4096, Int(table.size)][round % 3]
        bytes[start + 8 + Int(random.next() % UInt64(room - 8))] = UInt8(truncatingIfNeeded: random.next())
      }
      let file = FileBytes(bytes)
      guard let executable = try? ExecutableFile(reading: file) else { continue }
      found += executable.targets.isEmpty ? 0 : 1
      guard let functions = GoFunctionTable(file, sections: SectionTable(file), segments: executable) else { continue }
      for _ in 0..<8 { _ = functions.function(at: random.next() >> (random.next() % 64)) }
    }
    #expect(found > 0, "nothing was found in any: this shows nothing")
  }

  @Test func anyBlockOfVariablesIsRead() {
    var random = SplitMix(state: 44)
    for _ in 0..<Self.rounds(3000) {
      let alphabet: [UInt8] = [0, 61, 61, 65, 66, 0xFF, UInt8(truncatingIfNeeded: random.next())]
      let block = (0..<Int(random.next() % 64)).map { _ in alphabet[Int(random.next() % 7)] }
      var environment = GoEnvironment(block: block)
      let name = (0..<Int(random.next() % 3)).map { _ in alphabet[Int(random.next() % 7)] }
      environment.set(name)
      #expect(
        environment.contains(name) == (!name.isEmpty && !name.contains(0) && !name.contains(61)) || name.contains(61))
      environment.unset(name)
      #expect(!environment.contains(name))
    }
  }

  /// Where the tables are: headers, the dynamic section, symbols, Go's functions.
  private static func interesting(_ bytes: [UInt8]) -> [Range<Int>] {
    var ranges = [0..<64, 64..<1024]
    for section in SectionTable(FileBytes(bytes))?.sections ?? [] where section.size > 0 && section.kind != 8 {
      let start = Int(section.offset)
      let isTable = [2, 3, 5, 6, 11, 0x6fff_fff6].contains(section.kind) || section.name.contains("gopclntab")
      if isTable, start < bytes.count { ranges.append(start..<min(bytes.count, start + min(Int(section.size), 4096))) }
    }
    let headers = Int(FileBytes(bytes).integer(UInt64.self, at: 40) ?? 0)
    if headers > 0, headers < bytes.count { ranges.append(headers..<min(bytes.count, headers + 64 * 40)) }
    return ranges
  }

  @Test func readsNothingBeyondTheEnd() {
    let file = FileBytes([1, 2, 3, 4, 5, 6, 7, 8])
    #expect(file.integer(UInt32.self, at: 4) == 0x0807_0605)
    #expect(file.integer(UInt32.self, at: 5) == nil)
    #expect(file.integer(UInt64.self, at: .max) == nil)
    #expect(file.bytes(at: 8, count: 0) == [])
    #expect(file.bytes(at: 9, count: 0) == nil)
    #expect(file.text(at: 0) == nil)
  }

  @Test func followsGosOwnRules() {
    var environment = GoEnvironment(block: Array("A=1\0=B=2\0C=\0nothing\0".utf8))
    #expect(environment.contains(Array("A".utf8)) && environment.contains(Array("C".utf8)))
    #expect(!environment.contains(Array("nothing".utf8)))
    environment.set(Array("D=".utf8))
    environment.set(Array("E".utf8))
    #expect(!environment.contains(Array("D=".utf8)) && environment.contains(Array("E".utf8)))
    environment.unset(Array("A".utf8))
    #expect(!environment.contains(Array("A".utf8)))
    environment.clear()
    #expect(!environment.contains(Array("C".utf8)))
  }
}

/// A generator with a known beginning. http://prng.di.unimi.it/splitmix64.c
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
