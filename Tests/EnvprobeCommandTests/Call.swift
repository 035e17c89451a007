import Foundation
import Testing

/// A call of the built `envprobe`, in a folder of its own and with nothing of the caller's environment.
struct Call {
  var status: Int32
  var output: String
  var errors: String

  /// The binary: built beside the tests, or what ENVPROBE_BINARY names.
  static let binary: String = {
    if let path = ProcessInfo.processInfo.environment["ENVPROBE_BINARY"] { return path }
    let folders = [Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0])]
    let candidates = folders.map { $0.deletingLastPathComponent().appendingPathComponent("envprobe").path }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "envprobe is not built"
  }()

  static func envprobe(_ arguments: [String], in folder: Folder, environment: [String: String] = [:]) throws -> Call {
    try run([binary] + arguments, in: folder, environment: environment)
  }

  static func run(_ command: [String], in folder: Folder, environment: [String: String] = [:]) throws -> Call {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder.home, "LC_ALL": "C.UTF-8"]
      .merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    // Files, not pipes: neither can fill up while the other is read.
    let names = ["out", "err"].map { "\(folder.home)/\($0)-\(UUID().uuidString)" }
    for name in names { _ = FileManager.default.createFile(atPath: name, contents: nil) }
    let handles = try names.map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0)) }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    try process.run()
    process.waitUntilExit()
    for handle in handles { try handle.close() }
    let texts = names.map { String(decoding: FileManager.default.contents(atPath: $0) ?? Data(), as: UTF8.self) }
    let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    return Call(status: status, output: texts[0], errors: texts[1])
  }

  /// Where a tool is, `nil` where it is not installed.
  static func tool(_ name: String) -> String? {
    ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}

/// A folder to call envprobe in, removed with its last user, and a HOME beside it.
final class Folder {
  let path: String
  let home: String

  init() throws {
    // Below neither a home nor /tmp, which a sandbox has for itself.
    let parent = FileManager.default.isWritableFile(atPath: "/srv") ? "/srv" : NSTemporaryDirectory()
    let base = "\(parent)/command-\(UUID().uuidString.prefix(8))"
    path = base + "/work"
    home = base + "/home"
    for folder in [path, home] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: String(path.dropLast(5))) }

  func write(_ text: String, to name: String) throws {
    let file = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}

/// Every command that people are shown, by the words after `envprobe`.
let shownCommands: [[String]] = [
  [], ["run"], ["matrix"], ["show"], ["compare"], ["report"], ["explain"], ["export"], ["pack"], ["verify"], ["mine"],
  ["baseline"],
  ["baseline", "accept"], ["baseline", "list"],
  ["baseline", "remove"], ["doctor"], ["profiles"],
  ["profiles", "list"],
  ["profiles", "show"], ["profiles", "check"], ["scenarios"], ["scenarios", "list"], ["scenarios", "show"],
  ["scenarios", "check"], ["init"], ["config"], ["completions"],
]

/// A condition on a tool of the host: in CI its absence is a failure.
func requires(_ tools: String...) -> Bool {
  let missing = tools.filter { Call.tool($0) == nil }
  if missing.isEmpty { return true }
  return ProcessInfo.processInfo.environment["CI"] == "true"
}
