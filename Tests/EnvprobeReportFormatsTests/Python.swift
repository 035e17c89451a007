import Foundation

/// A script beside the tests, run to its end.
enum Python {
  struct Result {
    var status: Int32
    var output: String
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()

  static func run(
    _ script: String, _ arguments: [String], input: String = "", interpreter: String = "python3"
  ) throws -> Result {
    // Through files: a pipe that fills up while nobody reads it would stop both sides.
    let directory = FileManager.default.temporaryDirectory.appending(path: "envprobe-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let files = ["input", "output"].map { directory.appending(path: $0) }
    try Data(input.utf8).write(to: files[0])
    try Data().write(to: files[1])
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [interpreter, folder.appending(path: script).path] + arguments
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    let output = try FileHandle(forWritingTo: files[1])
    process.standardOutput = output
    process.standardError = output
    try process.run()
    process.waitUntilExit()
    return Result(status: process.terminationStatus, output: try String(contentsOf: files[1], encoding: .utf8))
  }
}
