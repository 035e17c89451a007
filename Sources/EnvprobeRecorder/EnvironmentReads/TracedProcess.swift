import CEnvprobeTracer
import EnvprobeModel

/// A process of the program under audit, from when it is created or executes a program until it ends or executes the
/// next one.
final class TracedProcess {
  let id: Int32
  /// As the program sees it.
  let insideID: Int?
  /// Its number in the ring's records.
  var key: UInt32
  var space: AddressSpace?
  var threads: Set<Int32> = []
  /// By a hash of reader and name.
  var reads: [UInt64: Read] = [:]
  /// What was recorded of its instrumentation.
  var recorded: ProcessInstrumentation?
  var bulkCopy: String?
  var goEnvironment: GoEnvironment?
  /// Whether what it was created with has been recorded for it as well.
  var isFork: Bool
  /// Breakpoints hit; beyond a limit they are taken away.
  var hits = 0

  struct Read {
    var event: EnvironmentRead
    var reader: UInt64
    /// The ring's entry that counts repetitions.
    var entry: Int32?
    /// Whether an entry was asked for: there may have been none.
    var isSettled = false
  }

  init(id: Int32, insideID: Int?, key: UInt32, space: AddressSpace?, isFork: Bool) {
    self.id = id
    self.insideID = insideID
    self.key = key
    self.space = space
    self.isFork = isFork
    space?.users += 1
  }
}

/// A thread of a process under audit.
final class TracedThread {
  let id: Int32
  let process: TracedProcess
  /// Whether it has not yet stopped before its first instruction.
  var isNew: Bool
  /// The mapping of a library that it is in the middle of.
  var mapping: Mapping?
  /// The call with a deadline that it is in.
  var deadline: ProgramClock.Deadline?

  struct Mapping {
    var identity: FileIdentity
    var executable: ExecutableFile
    var path: String
    var length: UInt64
    var offset: UInt64
  }

  init(id: Int32, process: TracedProcess, isNew: Bool) {
    self.id = id
    self.process = process
    self.isNew = isNew
    process.threads.insert(id)
  }
}

/// The variables of a Go program, which copies them when it starts and changes only the copy.
struct GoEnvironment {
  private var names: Set<[UInt8]>

  /// - Parameter block: `NAME=value` with NULs in between.
  init(block: [UInt8]) {
    names = Set(
      block.split(separator: 0).compactMap { entry in
        entry.dropFirst().firstIndex(of: UInt8(ascii: "=")).map { Array(entry[..<$0]) }
      })
  }

  func contains(_ name: [UInt8]) -> Bool { names.contains(name) }

  /// As `syscall.Setenv` does: it refuses an empty name and one with `=` or NUL.
  mutating func set(_ name: [UInt8]) {
    guard !name.isEmpty, !name.contains(0), !name.contains(UInt8(ascii: "=")) else { return }
    names.insert(name)
  }
  mutating func unset(_ name: [UInt8]) { names.remove(name) }
  mutating func clear() { names.removeAll() }
}
