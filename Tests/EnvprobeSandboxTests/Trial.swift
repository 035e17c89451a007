import EnvprobeTestSupport
import Foundation
import Testing

/// Who runs a trial.
enum Caller: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case root
  /// A user without any rights, with an id that no account has.
  case stranger

  static let strangerID = 52017

  var testDescription: String { rawValue }

  /// What to put before a command so that this caller runs it.
  var prefix: [String] {
    switch self {
    case .root: []
    case .stranger:
      ["/usr/bin/setpriv", "--reuid=\(Self.strangerID)", "--regid=\(Self.strangerID)", "--clear-groups"]
    }
  }

  func give(_ path: String) {
    guard self == .stranger else { return }
    for file in [path] + (FileManager.default.subpaths(atPath: path) ?? []).map({ "\(path)/\($0)" }) {
      lchown(file, uid_t(Self.strangerID), gid_t(Self.strangerID))
    }
  }
}

/// What came of a command.
struct Outcome: Sendable {
  var output: String
  var errorOutput: String
  var status: Int32
  var report: TrialReport?

  var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) }
}

/// The report that the trial program writes.
struct TrialReport: Codable, Sendable {
  var status: Int32?
  var signal: Int32?
  var message: String?
  var exitStatus: Int32?
  var notifications: Int
  var denied: [String]
  var diagnostics: [String]
  var listeners: [String]
  var changes: [String]
  var homeAtEnd: [String]
  var mountPoints: [String]
  var process: Int32
  var stage: String
  var peakMemory: Int
}

/// Runs `sandbox-trial` as somebody, in a folder of its own that is removed afterwards.
final class Trial {
  /// Below `/srv`: neither a home nor a folder that the sandbox has for itself.
  let folder: String
  let workDirectory: String
  let caller: Caller
  var environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"]

  init(_ caller: Caller) throws {
    self.caller = caller
    folder = "/srv/trial-\(UUID().uuidString.prefix(8))"
    workDirectory = folder + "/work"
    try FileManager.default.createDirectory(atPath: workDirectory, withIntermediateDirectories: true)
    caller.give(folder)
  }

  deinit {
    _ = try? Self.execute(["/bin/chmod", "-R", "u+rwx", folder])
    try? FileManager.default.removeItem(atPath: folder)
  }

  @discardableResult
  func write(_ text: String, to path: String, mode: Int = 0o644) throws -> String {
    let path = path.hasPrefix("/") ? path : "\(folder)/\(path)"
    let parent = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    chmod(path, mode_t(mode))
    caller.give(folder)
    return path
  }

  /// The trial program, where any user can execute it.
  static let program: String = {
    let built = Bundle.main.bundleURL.deletingLastPathComponent()
    let candidates = [
      built.appendingPathComponent("sandbox-trial").path,
      URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("sandbox-trial").path,
    ]
    let found = candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "sandbox-trial is not built"
    let copy = "/srv/sandbox-trial-\(getpid())"
    _ = try? execute(["/usr/bin/install", "-m", "755", found, copy])
    atexit { unlink("/srv/sandbox-trial-\(getpid())") }
    return copy
  }()

  func run(_ options: [String] = [], _ command: [String], input: String? = nil) throws -> Outcome {
    let report = "\(folder)/report-\(UUID().uuidString.prefix(8)).json"
    let arguments =
      caller.prefix + [Self.program, "--report", report, "--locales", folder + "/locales"] + options + ["--"] + command
    var outcome = try Self.execute(arguments, environment: environment, in: workDirectory, input: input)
    outcome.report = (FileManager.default.contents(atPath: report)).flatMap {
      try? JSONDecoder().decode(TrialReport.self, from: $0)
    }
    return outcome
  }

  func shell(_ options: [String] = [], _ script: String) throws -> Outcome {
    try run(options, ["/bin/sh", "-c", script])
  }

  static func execute(
    _ arguments: [String], environment: [String: String] = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"],
    in folder: String = "/", input: String? = nil
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: arguments[0])
    process.arguments = Array(arguments.dropFirst())
    process.environment = environment
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let result = try FinishedProcess(running: process, input: input.map { Data($0.utf8) })
    return Outcome(
      output: result.text, errorOutput: String(decoding: result.errorOutput, as: UTF8.self), status: result.status)
  }
}

extension Trait where Self == ConditionTrait {
  /// A test that needs root is skipped without it, but not in CI.
  static var requiresRoot: ConditionTrait {
    .enabled(
      if: geteuid() == 0 || ProcessInfo.processInfo.environment["CI"] != nil,
      "needs root, to launch as root and as a user of its own: run the tests as root")
  }
}
