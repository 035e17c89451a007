import Foundation

/// A folder of its own for a test, removed with it, in which commands are run.
public final class TestFolder: Sendable {
  public let path: String
  /// The working directory of the commands.
  public let work: String
  public let caller: Caller

  public init(_ caller: Caller = .root) throws {
    self.caller = caller
    path = Self.makeFolder("test")
    work = path + "/work"
    for folder in [work, path + "/home"] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    give()
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// `/srv`, for root: it is neither a home nor a folder that the sandbox has for itself.
  static func makeFolder(_ kind: String) -> String {
    let parent = geteuid() == 0 ? "/srv" : NSTemporaryDirectory()
    let path = "\(parent)/envprobe-\(kind)-\(getpid())-\(UUID().uuidString.prefix(8))"
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  /// Removes what this process has made and no test owns.
  static func removeAll() {
    let parent = geteuid() == 0 ? "/srv" : NSTemporaryDirectory()
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    where name.hasPrefix("envprobe-program-\(getpid())-") {
      try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
    }
  }

  private func give() {
    guard caller == .stranger else { return }
    for file in [path] + (FileManager.default.subpaths(atPath: path) ?? []).map({ "\(path)/\($0)" }) {
      lchown(file, uid_t(Caller.strangerID), gid_t(Caller.strangerID))
    }
  }

  /// Writes a file, relative to the working directory, and returns its path.
  @discardableResult
  public func write(_ text: String, to name: String, mode: mode_t = 0o644) throws -> String {
    let file = name.hasPrefix("/") ? name : "\(work)/\(name)"
    let parent = (file as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: false, encoding: .utf8)
    chmod(file, mode)
    give()
    return file
  }

  /// The variables that commands are started with.
  public var environment: [String: String] {
    var variables = ProcessInfo.processInfo.environment.filter { ["PATH", "LD_LIBRARY_PATH"].contains($0.key) }
    variables["HOME"] = path + "/home"
    variables["LANG"] = "C.UTF-8"
    return variables
  }

  /// Starts a command in the working directory.
  public func start(
    _ command: [String], input: Data? = nil, environment more: [String: String] = [:], path first: String? = nil
  ) throws -> RunningCommand {
    var variables = environment.merging(more) { $1 }
    if let first { variables["PATH"] = "\(first):\(variables["PATH"] ?? "/usr/bin:/bin")" }
    return try RunningCommand(
      caller.prefix + command, in: work, environment: variables, input: input, scratch: path)
  }

  public func execute(
    _ command: [String], input: Data? = nil, environment: [String: String] = [:], path first: String? = nil,
    deadline: Double = 300
  ) throws -> CommandResult {
    try start(command, input: input, environment: environment, path: first).wait(deadline: deadline)
  }

  private var program: String { caller == .root ? Envprobe.path : Envprobe.publicPath }

  /// Runs envprobe.
  public func envprobe(
    _ arguments: [String], input: Data? = nil, environment: [String: String] = [:], path first: String? = nil,
    deadline: Double = 300
  ) throws -> CommandResult {
    try execute([program] + arguments, input: input, environment: environment, path: first, deadline: deadline)
  }

  public func startEnvprobe(_ arguments: [String], environment: [String: String] = [:]) throws -> RunningCommand {
    try start([program] + arguments, environment: environment)
  }
}
