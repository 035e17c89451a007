import CEnvironmentReadsTestSupport
import EnvprobeModel
import Foundation
import Synchronization
import Testing

@testable import EnvprobeRecorder

/// Keeps events.
final class Events: EventSink {
  private let all = Mutex<[Event.Payload]>([])
  func record(_ payload: Event.Payload, pid: Int?) { all.withLock { $0.append(payload) } }
  func store(_ bytes: [UInt8]) -> Blob { fatalError("no bytes are recorded here") }
  var list: [Event.Payload] { all.withLock { $0 } }
}

/// A program that ran with a clock of its own.
struct ClockedProgram {
  var output: String
  var status: Int32
  var events: [Event.Payload]
  /// When it ran, by the host's clock, in seconds since 1970.
  var began: Double
  var ended: Double

  struct Failure: Error { var what: String }

  /// - Parameters:
  ///   - offset: Seconds by which its clock is ahead; `nil` for the host's clock.
  ///   - recordsReads: Whether reads of variables are recorded, too.
  static func run(
    _ arguments: [String], ahead offset: Double?, recordsReads: Bool = false, level: TraceLevel = .default,
    environment: [String] = ["PATH=/usr/bin:/bin", "HOME=/nonexistent", "LC_ALL=C"]
  ) throws -> ClockedProgram {
    var argv = arguments.map { strdup($0) } + [nil]
    var envp = environment.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("envprobe-out-\(UUID())").path
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0o666)
    defer {
      close(descriptor)
      unlink(path)
    }
    let host = ClockShift.hostTime()
    let shift = offset.map { offset in
      ClockShift(showing: host + Int64(offset * 1e9), at: host)
    }
    let filter = (shift == nil ? [] : ClockShift.filter) + holdInExecve
    let library = recordsReads ? EnvironmentReadRecorder.libraryFilter : []
    var launch = test_launch()
    launch.output = descriptor
    launch.notifies = 1
    var gate: OpaquePointer?
    let events = Events()
    let began = Double(host) / 1e9
    let program: Int32 = argv.withUnsafeMutableBufferPointer { argv in
      envp.withUnsafeMutableBufferPointer { envp in
        filter.withUnsafeBytes { filter in
          library.withUnsafeBytes { library in
            launch.arguments = UnsafePointer(argv.baseAddress)
            launch.environment = UnsafePointer(envp.baseAddress)
            launch.listener_filter = filter.baseAddress
            launch.listener_filter_size = Int32(filter.count)
            launch.library_filter = library.baseAddress
            launch.library_filter_size = Int32(library.count)
            return test_start(&launch, &gate)
          }
        }
      }
    }
    guard program > 0 else { throw Failure(what: "start") }
    let listener = test_listener(program, gate)
    guard listener >= 0 else { throw Failure(what: "listener: \(listener)") }
    let tracer = try shift.map { _ in
      try EnvironmentReadRecorder(program: program, sink: events, recordsReads: recordsReads)
    }
    tracer?.launched(clock: shift, level: level)
    let kernel = try KernelRecorder(listener: listener, sink: events, clock: shift, level: level)
    test_release(gate)
    let status = test_finish(gate)
    tracer?.finish()
    _ = kernel.finish()
    return ClockedProgram(
      output: try String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self), status: status,
      events: events.list, began: began, ended: Double(ClockShift.hostTime()) / 1e9)
  }

  /// `struct sock_filter`s that notify of `execve` and of nothing else.
  private static let holdInExecve: [UInt8] = {
    func instruction(_ code: UInt16, _ yes: UInt8, _ no: UInt8, _ value: UInt32) -> [UInt8] {
      withUnsafeBytes(of: code) { Array($0) } + [yes, no] + withUnsafeBytes(of: value) { Array($0) }
    }
    return instruction(0x20, 0, 0, 0) + instruction(0x15, 0, 1, 59) + instruction(0x06, 0, 0, 0x7fc0_0000)
      + instruction(0x06, 0, 0, 0x7fff_0000)
  }()

  /// Lines of a name and a number.
  var values: [(name: String, value: Double)] {
    output.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      return words.count >= 2 ? Double(words[1]).map { (String(words[0]), $0) } : nil
    }
  }

  subscript(name: String) -> Double? { values.first { $0.name == name }?.value }

  var gaps: [Gap] { events.compactMap { if case .gap(let gap) = $0 { gap } else { nil } } }

  /// Whether a time that it printed lies in the stretch in which it ran, by its own clock.
  func ran(at time: Double, ahead offset: Double) -> Bool {
    // Coarse clocks are behind by up to a tick.
    time >= began + offset - 0.011 && time <= ended + offset
  }
}

/// Programs built once from `Probes/`.
enum ClockProbes {
  struct Recipe: CustomTestStringConvertible, Sendable {
    var name: String
    var source: String
    var command: [String]
    var testDescription: String { name }
  }

  static let dynamicC = Recipe(name: "C, dynamic", source: "clock.c", command: ["gcc", "-O2", "-pthread"])
  static let staticC = Recipe(name: "C, static", source: "clock.c", command: ["gcc", "-O2", "-pthread", "-static"])
  static let staticMusl = Recipe(
    name: "C, static musl", source: "clock.c",
    command: [
      "musl-gcc", "-idirafter", "/usr/include", "-idirafter",
      "/usr/include/x86_64-linux-gnu", "-O2", "-pthread", "-static",
    ])
  static let dynamicMusl = Recipe(
    name: "C, dynamic musl", source: "clock.c",
    command: [
      "musl-gcc", "-idirafter", "/usr/include", "-idirafter",
      "/usr/include/x86_64-linux-gnu", "-O2", "-pthread",
    ])
  static let narrow = Recipe(
    name: "32-bit", source: "narrow.c",
    command: [
      "gcc", "-m32", "-O1", "-nostdlib", "-static", "-fno-pic", "-no-pie", "-fno-stack-protector", "-ffreestanding",
    ])
  static let go = Recipe(name: "Go", source: "clock.go", command: ["go", "build"])
  static let rust = Recipe(name: "Rust", source: "clock.rs", command: ["rustc", "-O"])

  private static let folder: URL = {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("envprobe-clocks-\(getpid())")
    try! FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }()
  private static let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Probes")
  private static let built = Mutex<[String: String]>([:])

  static func build(_ recipe: Recipe) throws -> String {
    try built.withLock { built in
      if let path = built[recipe.name] { return path }
      let output = folder.appendingPathComponent("probe\(built.count)").path
      try run(recipe.command + ["-o", output, sources.appendingPathComponent(recipe.source).path])
      built[recipe.name] = output
      return output
    }
  }

  /// A folder with `Clock.class`.
  static func buildJava() throws -> String {
    try run(["javac", "-d", folder.path, sources.appendingPathComponent("Clock.java").path])
    return folder.path
  }

  private static func run(_ command: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment.merging([
      "GOCACHE": folder.appendingPathComponent("go").path, "CGO_ENABLED": "0", "GO111MODULE": "off",
    ]) { $1 }
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(command.joined(separator: " "))")
  }

  static func find(_ program: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }
      .first { access($0, X_OK) == 0 }
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips where a program is missing; in CI that is a failure.
  static func requires(_ programs: String...) -> Self {
    let missing = programs.filter { ClockProbes.find($0) == nil }
    let isCI = ProcessInfo.processInfo.environment["CI"] != nil
    return .enabled(if: isCI || missing.isEmpty, "needs \(missing.joined(separator: ", ")): install it")
  }
}
