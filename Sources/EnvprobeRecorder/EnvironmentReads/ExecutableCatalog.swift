import Glibc
import Synchronization

/// What is known of executables and libraries, by what they are and not by what they are called, so that a file that a
/// thousand processes execute is read once.
public final class ExecutableCatalog: Sendable {
  /// The one that all runs of a process share.
  public static let shared = ExecutableCatalog()

  private struct Place: Hashable {
    var file: FileIdentity
    var address: UInt64
  }
  struct Function: Sendable, Hashable {
    var name: String
    var start: UInt64
  }
  private struct State {
    var files: [FileIdentity: Result<ExecutableFile, ExecutableFileError>] = [:]
    var functions: [Place: Function?] = [:]
    var indexes: [FileIdentity: FunctionIndex?] = [:]
  }
  private let state = Mutex(State())
  /// Beyond these, what is known is forgotten and learnt again.
  private static let fileLimit = 1 << 14
  private static let functionLimit = 1 << 18
  private static let indexLimit = 16

  public init() {}

  /// - Parameter descriptor: Open for reading; not closed.
  func file(
    _ identity: FileIdentity, descriptor: () -> Int32
  ) -> Result<ExecutableFile, ExecutableFileError> {
    if let known = state.withLock({ $0.files[identity] }) { return known }
    let descriptor = descriptor()
    guard descriptor >= 0 else { return .failure(.damaged("not to be opened")) }
    let bytes = FileBytes(descriptor: descriptor, size: identity.size)
    let result = Result { () throws(ExecutableFileError) in try ExecutableFile(reading: bytes) }
    state.withLock { state in
      if state.files.count >= Self.fileLimit { state.files.removeAll() }
      state.files[identity] = result
    }
    return result
  }

  /// The function that holds a link-time address.
  func function(
    in identity: FileIdentity, _ executable: ExecutableFile, at address: UInt64, descriptor: () -> Int32
  ) -> Function? {
    let place = Place(file: identity, address: address)
    if let known = state.withLock({ $0.functions[place] }) { return known }
    let descriptor = descriptor()
    guard descriptor >= 0 else { return nil }
    let file = FileBytes(descriptor: descriptor, size: identity.size)
    let index: FunctionIndex?
    if let known = state.withLock({ $0.indexes[identity] }) {
      index = known
    } else {
      let made = SectionTable(file)?.bestSymbols?.index()
      state.withLock { state in
        if state.indexes.count >= Self.indexLimit { state.indexes.removeAll() }
        state.indexes[identity] = .some(made)
      }
      index = made
    }
    let function = Self.function(in: file, executable, index, at: address)
    state.withLock { state in
      if state.functions.count >= Self.functionLimit { state.functions.removeAll() }
      state.functions[place] = .some(function)
    }
    return function
  }

  static func function(
    in file: FileBytes, _ executable: ExecutableFile, _ index: FunctionIndex?, at address: UInt64
  ) -> Function? {
    if let found = index?.function(at: address) { return Function(name: found.name, start: found.start) }
    guard executable.runtime == "go",
      let table = GoFunctionTable(file, sections: SectionTable(file), segments: executable),
      let found = table.function(at: address)
    else { return nil }
    return Function(name: found.name, start: found.start)
  }
}

/// Files held open for looking up functions later, when the process that mapped them may be gone.
struct HeldFiles {
  private static let limit = 64
  private var descriptors: [FileIdentity: Int32] = [:]
  private var order: [FileIdentity] = []

  subscript(identity: FileIdentity) -> Int32? { descriptors[identity] }

  mutating func hold(_ identity: FileIdentity, path: String) -> Int32 {
    if let known = descriptors[identity] { return known }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else { return -1 }
    var status = stat()
    guard fstat(descriptor, &status) == 0, FileIdentity(status) == identity else {
      close(descriptor)
      return -1
    }
    if order.count >= Self.limit { release(order.removeFirst()) }
    descriptors[identity] = descriptor
    order.append(identity)
    return descriptor
  }

  private mutating func release(_ identity: FileIdentity) {
    if let descriptor = descriptors.removeValue(forKey: identity) { close(descriptor) }
  }

  mutating func releaseAll() {
    for descriptor in descriptors.values { close(descriptor) }
    descriptors.removeAll()
    order.removeAll()
  }
}
