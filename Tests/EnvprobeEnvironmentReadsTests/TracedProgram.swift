import CEnvironmentReadsTestSupport
import EnvprobeModel
import Foundation
import Synchronization
import Testing

@testable import EnvprobeRecorder

/// Keeps events.
final class Events: EventSink {
  private let all = Mutex<[(payload: Event.Payload, pid: Int?)]>([])
  func record(_ payload: Event.Payload, pid: Int?) { all.withLock { $0.append((payload, pid)) } }
  func store(_ bytes: [UInt8]) -> Blob { fatalError("no bytes are recorded here") }
  var list: [(payload: Event.Payload, pid: Int?)] { all.withLock { $0 } }
}

/// A program that ran with its reads recorded.
struct TracedProgram {
  var output: String
  var status: Int32
  var events: [(payload: Event.Payload, pid: Int?)]

  struct Options: Sendable {
    var isRecorded = true
    var libraryFilter = EnvironmentReadRecorder.libraryFilter
    var hasUserNamespace = false
    /// The user that the program runs as.
    var uid: UInt32 = 0
    /// Called with the filter's listener, on a thread of its own, where the program notifies.
    var supervise: (@Sendable (Int32) -> Void)?
    var catalog = ExecutableCatalog.shared
  }

  struct Failure: Error { var what: String }

  static let environment = [
    "PATH=/usr/bin:/bin", "HOME=/nonexistent", "PROBE_SET=1", "PROBE_EMPTY=", "LC_ALL=C",
  ]

  static func run(
    _ arguments: [String], environment: [String] = TracedProgram.environment, options: Options = Options()
  ) throws -> TracedProgram {
    var argv = arguments.map { strdup($0) } + [nil]
    var envp = environment.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    let output = FileManager.default.temporaryDirectory.appendingPathComponent("envprobe-out-\(UUID())").path
    let descriptor = open(output, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0o666)
    defer {
      close(descriptor)
      unlink(output)
    }
    var launch = test_launch()
    launch.output = descriptor
    launch.uid = options.uid
    launch.user_namespace = options.hasUserNamespace ? 1 : 0
    launch.notifies = options.supervise == nil ? 0 : 1
    var gate: OpaquePointer?
    let events = Events()
    let program: Int32 = argv.withUnsafeMutableBufferPointer { argv in
      envp.withUnsafeMutableBufferPointer { envp in
        options.libraryFilter.withUnsafeBytes { filter in
          launch.arguments = UnsafePointer(argv.baseAddress)
          launch.environment = UnsafePointer(envp.baseAddress)
          launch.library_filter = filter.baseAddress
          launch.library_filter_size = options.isRecorded ? Int32(filter.count) : 0
          return test_start(&launch, &gate)
        }
      }
    }
    guard program > 0 else { throw Failure(what: "start") }
    // Whoever goes wrong here must not leave it waiting.
    var recorder: EnvironmentReadRecorder?
    do {
      if options.isRecorded {
        recorder = try EnvironmentReadRecorder(program: program, sink: events, catalog: options.catalog)
      }
    } catch {
      kill(program, SIGKILL)
      _ = test_finish(gate)
      throw error
    }
    var supervisor: Thread?
    if let supervise = options.supervise {
      let listener = test_listener(program, gate)
      guard listener >= 0 else { throw Failure(what: "listener: \(listener)") }
      supervisor = Thread {
        supervise(listener)
        close(listener)
      }
      supervisor?.start()
    }
    test_release(gate)
    let status = test_finish(gate)
    recorder?.finish()
    let text = try String(decoding: Data(contentsOf: URL(filePath: output)), as: UTF8.self)
    return TracedProgram(output: text, status: status, events: events.list)
  }

  var reads: [(read: EnvironmentRead, pid: Int?)] {
    events.compactMap { event in
      if case .environmentRead(let read) = event.payload { (read, event.pid) } else { nil }
    }
  }

  /// `NAME=set` and `NAME=unset` of the reads whose name begins with `PROBE_`, each once, sorted.
  var asked: [String] {
    Set(
      reads.map {
        "\($0.read.name.value?.displayText ?? "?")=\($0.read.isSet.map { $0 ? "set" : "unset" } ?? "unknown")"
      }
    ).filter { $0.hasPrefix("PROBE_") }.sorted()
  }

  /// The same as the program printed it.
  var printed: [String] {
    Set(output.split(separator: "\n").map(String.init)).filter { $0.hasPrefix("PROBE_") }.sorted()
  }

  /// How often a name was asked for in all.
  func count(of name: String) -> Int {
    var last: [String: Int] = [:]
    for (read, pid) in reads where read.name.value?.displayText == name {
      last["\(pid ?? 0) \(read.reader)"] = read.count
    }
    return last.values.reduce(0, +)
  }

  /// The last word on every process, in order.
  var levels: [ProcessInstrumentation] {
    var result: [Int?: ProcessInstrumentation] = [:]
    var order: [Int?] = []
    for event in events {
      guard case .instrumentation(let value) = event.payload else { continue }
      if result[event.pid] == nil { order.append(event.pid) }
      result[event.pid] = value
    }
    return order.compactMap { result[$0] }
  }

  var gaps: [Gap] {
    events.compactMap { event in if case .gap(let gap) = event.payload { gap } else { nil } }
  }

  var isExitedWell: Bool { status == 0 }
}
