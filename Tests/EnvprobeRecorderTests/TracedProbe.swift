import CRecorderTestSupport
import CSeccomp
import EnvprobeModel
import Glibc
import Synchronization

@testable import EnvprobeRecorder

/// A run of the probe program under a recorder, without a sandbox.
struct TracedProbe {
  var events: [Event]
  /// What the probe printed.
  var lines: [String]
  var status: Int32
  var summary: KernelRecorder.Summary
  /// What the hook was told.
  var announced: [String]

  /// The probe programs, compiled once.
  static let program = compiled("probe")
  static let traps = compiled("traps")

  private static func compiled(_ name: String) -> String {
    let source = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let binary = "/tmp/recorder-\(name)-\(getpid())"
    let status = run(["/usr/bin/env", "cc", "-O1", "-pthread", "-o", binary, "/\(source)/Probe/\(name).c"])
    precondition(status == 0, "the tests need a C compiler")
    atexit { for name in ["probe", "traps"] { unlink("/tmp/recorder-\(name)-\(getpid())") } }
    return binary
  }

  /// The numbers of the calls that a filter leaves alone, as the table says.
  static let hotNumbers: [Int32] = SyscallRule.all.compactMap { rule in
    switch rule.treatment {
    case .hot: seccomp_syscall_resolve_name(rule.name)
    case .recordedWhen where rule.name == "ioctl": seccomp_syscall_resolve_name(rule.name)
    default: nil
    }
  }.filter { $0 >= 0 }

  init(
    _ arguments: [String], environment: [String] = ["PROBE=1"], program: String = Self.program,
    isolation: recorder_isolation = RECORDER_NONE, waitKillable: Bool = true, sink: (any EventSink)? = nil
  ) throws {
    let memory = MemorySink()
    let ends = makePipe()
    var launch = recorder_launch()
    var step: UnsafePointer<CChar>?
    let error = withCStrings([program] + arguments) { argv in
      withCStrings(environment) { envp in
        recorder_start(
          argv, envp, Self.hotNumbers, Self.hotNumbers.count, isolation, waitKillable ? 1 : 0, ends[1], &launch, &step)
      }
    }
    close(ends[1])
    guard error == 0 else {
      throw RecorderError("start the probe", subject: step.map { String(cString: $0) }, errno: -error)
    }
    let announced = Announced()
    let recorder = try KernelRecorder(listener: launch.listener, sink: sink ?? memory) { address, use in
      let type = use.isStream.map { $0 ? "stream" : "datagram" } ?? "?"
      announced.list.withLock { $0.append("\(address.address) \(address.port ?? -1) \(type)") }
    }
    let output = try readAll(ends[0]).get()
    close(ends[0])
    status = recorder_wait(launch.pid)
    summary = recorder.finish()
    events = memory.events
    lines = output.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    self.announced = announced.list.withLock { $0 }
  }

  private final class Announced: Sendable {
    let list = Mutex<[String]>([])
  }

  /// The calls as the probe prints them.
  var calls: [String] { events.compactMap { Self.text($0.payload) } }

  /// The first pid among the events of the probe.
  var pid: Int? { events.first?.pid }

  static func text(_ payload: Event.Payload) -> String? {
    switch payload {
    case .syscall(let call):
      let name = (call.architecture.map { $0 + "." } ?? "") + call.name
      return ([name] + call.arguments.map(text) + (call.denied.map { ["denied \($0)"] } ?? [])).joined(separator: "|")
    case .exec(let exec):
      let lists = [exec.arguments, exec.environment].map { list in
        text(list) { $0.map(\.displayText).joined(separator: " ") }
      }
      return "execve|\(text(exec.path) { $0.displayText })|\(lists.joined(separator: "|"))"
    default: return nil
    }
  }

  private static func text(_ argument: SyscallCall.Argument) -> String {
    switch argument {
    case .number(let number): "\(number)"
    case .path(let value), .text(let value): text(value) { $0.displayText }
    case .flags(let names): names.joined(separator: "+")
    case .address(let value): text(value) { "\($0.family) \($0.address)" + ($0.port.map { ":\($0)" } ?? "") }
    }
  }

  private static func text<Value>(_ value: Observed<Value>, _ text: (Value) -> String) -> String {
    switch value {
    case .complete(let value): text(value)
    case .truncated(let value, _): text(value) + "..."
    case .unreadable(let errno): "!\(errno)"
    }
  }
}

/// A pipe that no program inherits.
func makePipe() -> [Int32] {
  var ends: [Int32] = [-1, -1]
  pipe(&ends)
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  return ends
}

/// Runs a program with the test's own streams; its wait status.
@discardableResult
func run(_ arguments: [String]) -> Int32 {
  var pid = pid_t()
  let error = withCStrings(arguments) { argv in posix_spawnp(&pid, arguments[0], nil, nil, argv, environ) }
  guard error == 0 else { return -error }
  return recorder_wait(pid)
}

func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let copies = strings.map { strdup($0) } + [nil]
  defer { for copy in copies { free(copy) } }
  return copies.withUnsafeBufferPointer { body($0.baseAddress!) }
}
