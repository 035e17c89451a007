import Foundation

/// What came of a command.
public struct CommandResult: Sendable {
  public var outputBytes: Data
  public var errorOutput: String
  /// As a shell has it: 128 + n where signal n ended it.
  public var status: Int32
  /// Of wall time.
  public var seconds: Double

  public var output: String { String(decoding: outputBytes, as: UTF8.self) }
  public var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// A command that was started, with its output going to files.
public final class RunningCommand {
  private let process = Process()
  private let outputPath: String
  private let errorPath: String
  private let started = Date()

  public struct Overdue: Error, CustomStringConvertible {
    public var description: String
  }

  init(
    _ arguments: [String], in folder: String, environment: [String: String], input: Data?, scratch: String
  ) throws {
    let name = UUID().uuidString.prefix(8)
    outputPath = "\(scratch)/\(name).out"
    errorPath = "\(scratch)/\(name).err"
    for path in [outputPath, errorPath] { try Data().write(to: URL(fileURLWithPath: path)) }
    process.executableURL = URL(fileURLWithPath: arguments[0])
    process.arguments = Array(arguments.dropFirst())
    process.environment = environment
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardOutput = FileHandle(forWritingAtPath: outputPath)!
    process.standardError = FileHandle(forWritingAtPath: errorPath)!
    if let input {
      let path = "\(scratch)/\(name).in"
      try input.write(to: URL(fileURLWithPath: path))
      process.standardInput = FileHandle(forReadingAtPath: path)!
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    try process.run()
  }

  public var processID: pid_t { process.processIdentifier }

  public func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// What it has printed so far.
  public var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

  /// Waits until a line was printed.
  public func wait(forLine line: String, deadline: Double = 60) throws {
    try waitUntil(deadline: deadline, "it to print '\(line)'") {
      output.split(separator: "\n").contains { $0 == line }
    }
  }

  /// Waits for it to end; kills it after the deadline, in seconds.
  public func wait(deadline: Double = 300) throws -> CommandResult {
    do {
      try waitUntil(deadline: deadline, "it to end") { !process.isRunning }
    } catch {
      kill(process.processIdentifier, SIGKILL)
      throw error
    }
    process.waitUntilExit()
    let status = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
    return CommandResult(
      outputBytes: FileManager.default.contents(atPath: outputPath) ?? Data(),
      errorOutput: (FileManager.default.contents(atPath: errorPath)).map { String(decoding: $0, as: UTF8.self) } ?? "",
      status: status, seconds: Date().timeIntervalSince(started))
  }

  private func waitUntil(deadline: Double, _ what: String, _ condition: () -> Bool) throws {
    let end = Date().addingTimeInterval(deadline)
    while !condition() {
      guard Date() < end else {
        let words = ([process.executableURL!.path] + (process.arguments ?? [])).joined(separator: " ")
        let errors = (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? ""
        throw Overdue(description: "waited \(deadline) s for \(what): \(words)\n\(errors.suffix(2000))")
      }
      usleep(10_000)
    }
  }
}

/// The processes of the machine.
public enum Processes {
  /// Those whose arguments hold a word, by their ids.
  public static func holding(_ word: String) -> [pid_t] {
    let ids = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    return ids.filter { id in
      FileManager.default.contents(atPath: "/proc/\(id)/cmdline").map {
        String(decoding: $0, as: UTF8.self).contains(word)
      } ?? false
    }
  }

  /// Whether they are gone after at most so many seconds.
  public static func areGone(_ word: String, within seconds: Double = 10) -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while !holding(word).isEmpty {
      if Date() > end { return false }
      usleep(20_000)
    }
    return true
  }
}
