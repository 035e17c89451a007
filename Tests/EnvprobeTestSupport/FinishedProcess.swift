import Foundation

/// What a program of this machine left when it was run to its end.
public struct FinishedProcess {
  public var output: Data
  public var errorOutput: Data
  /// 128 + n after signal n.
  public var status: Int32

  public var text: String { String(decoding: output, as: UTF8.self) }

  /// Runs a process that is set up but for its standard streams, and waits for its end.
  ///
  /// They are files: whatever another test starts at the same moment inherits the ends of a pipe, and as long as that
  /// lives the pipe would not end.
  public init(running process: Process, input: Data? = nil) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "envprobe-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = ["in", "out", "err"].map { folder.appending(path: $0) }
    for file in files { try (file == files[0] ? input ?? Data() : Data()).write(to: file) }
    let streams = [
      try FileHandle(forReadingFrom: files[0]), try FileHandle(forWritingTo: files[1]),
      try FileHandle(forWritingTo: files[2]),
    ]
    defer { for stream in streams { try? stream.close() } }
    process.standardInput = streams[0]
    process.standardOutput = streams[1]
    process.standardError = streams[2]
    try process.run()
    process.waitUntilExit()
    output = try Data(contentsOf: files[1])
    errorOutput = try Data(contentsOf: files[2])
    status = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
  }
}
