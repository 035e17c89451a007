/// A process asked for an environment variable.
///
/// It is recorded at once when a process asks for a name from a place in its code for the first time, with a `count` of
/// 1. Where the same happens again, one more event tells the whole number when the process ends or executes another
/// program; it has the same `firstTime`, and replaces the first.
public struct EnvironmentRead: Hashable, Sendable, Codable {
  public var name: Observed<ByteString>
  /// Whether the variable was set when it was first asked for; `nil` where that could not be told.
  public var isSet: Bool?
  public var reader: EnvironmentReader
  /// How often this process asked for this name from this place.
  public var count: Int
  /// When it did so first, in seconds of the monotonic clock since the launch.
  public var firstTime: Double
  /// Where in the program's source it did so first, innermost first, as its runtime writes it; where a ``RuntimeHook``
  /// told of it.
  public var stack: [String]?

  public init(
    name: Observed<ByteString>, isSet: Bool?, reader: EnvironmentReader, count: Int, firstTime: Double,
    stack: [String]? = nil
  ) {
    self.name = name
    self.isSet = isSet
    self.reader = reader
    self.count = count
    self.firstTime = firstTime
    self.stack = stack
  }
}

/// The place in a program's code that asked for an environment variable: the address to which the answer returned.
///
/// It is the same in every run of the same files.
public struct EnvironmentReader: Hashable, Sendable, Codable {
  /// The executable or library, as its process sees it; `nil` for code that belongs to no file.
  public var module: String?
  /// The function, where the module names it.
  public var symbol: String?
  /// In bytes from the start of `symbol`, else of the module (its link-time address), else of memory.
  public var offset: UInt64

  public init(module: String?, symbol: String?, offset: UInt64) {
    self.module = module
    self.symbol = symbol
    self.offset = offset
  }
}

/// How much of what a process asks of its environment is in the trace.
///
/// It holds from when it is recorded until the process executes another program; a later one of the same process
/// replaces it. A process created by `fork` has its parent's until it has one of its own.
public struct ProcessInstrumentation: Hashable, Sendable, Codable {
  public enum Level: String, Sendable, Codable, CaseIterable {
    /// Every read of a variable is recorded: a name that is not in the trace was not asked for.
    case precise
    /// A ``RuntimeHook`` names every look that the program's code takes at the variables. What the runtime itself and
    /// native libraries do with their copy of them is not known.
    case hooked
    /// The program took a copy of all variables, or can look at them without asking: which ones it used is not known.
    case bulkCopy = "bulk-copy"
    /// No read of this process is recorded, or not all.
    case notInstrumented = "not instrumented"
  }
  public var level: Level
  /// Why it is so, for a reader of the report: "CPython copies the environment when it starts".
  public var reason: String
  /// The language runtime, where one was recognised: `go`, `node`.
  public var runtime: String?
  /// The file that the process executes, as it sees it.
  public var executable: String?

  public init(level: Level, reason: String, runtime: String? = nil, executable: String? = nil) {
    self.level = level
    self.reason = reason
    self.runtime = runtime
    self.executable = executable
  }
}
