// A stand-in for envprobe in the tests of the sandbox: it plans a run, launches it, lets every system call go on, and
// passes the streams and the status through. A process of its own, so that it can be run as another user, and killed.
//
// usage: sandbox-trial [--level L] [--keep-changes] [--terminal COLSxROWS] [--stdin] [--set FACTOR=VALUE]…
//        [--authority FILE] [--locales FOLDER] [--uptime N] [--report FILE] [--listen SPEC]… [--linger N] [--repeat N] -- COMMAND…

import CSeccomp
import EnvprobeModel
import EnvprobeSandbox
import Foundation

/// What happened, for the test to read.
struct TrialReport: Codable {
  var status: Int32?
  var signal: Int32?
  var message: String?
  var exitStatus: Int32?
  var notifications = 0
  var denied: [String] = []
  var diagnostics: [String] = []
  var listeners: [String] = []
  var changes: [String] = []
  var homeAtEnd: [String] = []
  var mountPoints: [String] = []
  var process: Int32 = 0
  var stage = ""
  /// Seconds until the program is held in execve, and until it is gone, of each repetition.
  var launches: [Double] = []
  var walls: [Double] = []
  var peakMemory = 0
}

struct Options {
  var settings = PlanSettings()
  var assignment = Assignment()
  var report: String?
  var locales: String?
  var listeners: [String] = []
  var command: [String] = []
  var repetitions = 1
  /// Seconds that processes may outlive the program.
  var linger = 0.0

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    func value() throws -> String {
      guard let next = rest.popFirst() else { throw POSIXError(.EINVAL) }
      return next
    }
    while let option = rest.popFirst() {
      switch option {
      case "--level": settings.traceLevel = TraceLevel(rawValue: try value())!
      case "--keep-changes": settings.keepsChanges = true
      case "--stdin": settings.streams = .pipes(inheritsInput: true)
      case "--terminal":
        let size = try value().split(separator: "x").map { Int($0)! }
        settings.streams = .terminal(columns: size[0], rows: size[1])
      case "--set": assignment.apply(try Setting(parsing: try value()))
      case "--authority":
        settings.authority = Sandbox.trustedAuthority(pem: try String(contentsOfFile: try value(), encoding: .utf8))
      case "--locales": locales = try value()
      case "--uptime": settings.uptime = Int(try value())
      case "--report": report = try value()
      case "--listen": listeners.append(try value())
      case "--linger": linger = Double(try value())!
      case "--repeat": repetitions = Int(try value())!
      case "--":
        command = Array(rest)
        return
      default: throw POSIXError(.EINVAL)
      }
    }
  }
}

/// Answers every notification: what the table denies with its errno, the rest by letting it go on.
func supervise(_ listener: Int32, count: @escaping @Sendable (String?) -> Void) {
  var request: UnsafeMutablePointer<seccomp_notif>?
  var response: UnsafeMutablePointer<seccomp_notif_resp>?
  guard seccomp_notify_alloc(&request, &response) == 0 else { return }
  while true {
    memset(request!, 0, MemoryLayout<seccomp_notif>.size)
    if seccomp_notify_receive(listener, request!) != 0 {
      var poll = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      _ = Foundation.poll(&poll, 1, -1)
      if poll.revents & Int16(POLLHUP) != 0 { break }
      continue
    }
    var denied: String?
    var errno: Int32 = 0
    if let name = seccomp_syscall_resolve_num_arch(request!.pointee.data.arch, request!.pointee.data.nr) {
      let text = String(cString: name)
      free(name)
      if case .denied(let code) = SyscallRule.named(text)?.treatment {
        denied = text
        errno = ErrnoName.number(of: code)!
      }
    }
    response!.pointee = seccomp_notif_resp(
      id: request!.pointee.id, val: 0, error: denied == nil ? 0 : -errno, flags: denied == nil ? 1 : 0)
    _ = seccomp_notify_respond(listener, response!)
    count(denied)
  }
  close(listener)
}

final class Tally: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0
  private var denied: [String] = []
  func add(_ name: String?) {
    lock.withLock {
      count += 1
      if let name { denied.append(name) }
    }
  }
  var values: (Int, [String]) { lock.withLock { (count, denied) } }
}

func relay(_ source: Int32, to target: Int32) {
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = read(source, &buffer, buffer.count)
    if count < 0, errno == EINTR { continue }
    if count <= 0 { break }
    _ = write(target, buffer, count)
  }
  close(source)
}

func files(below folder: String) -> [String] {
  guard let found = FileManager.default.enumerator(atPath: folder) else { return [] }
  return found.compactMap { $0 as? String }.sorted()
}

func inBackground(_ body: @escaping @Sendable () -> Void) -> DispatchSemaphore {
  let done = DispatchSemaphore(value: 0)
  Thread.detachNewThread {
    body()
    done.signal()
  }
  return done
}

@main
struct SandboxTrial {
  static func main() throws {
    let options = try Options(Array(CommandLine.arguments.dropFirst()))
    var report = TrialReport()
    var status: Int32 = 0
    do {
      let sandbox = try Sandbox(localeFolder: options.locales)
      for _ in 0..<options.repetitions { status = try run(options, in: sandbox, report: &report) }
    } catch let error as LaunchError {
      FileHandle.standardError.write(Data((error.message + "\n").utf8))
      report.message = error.message
      report.exitStatus = error.exitStatus
      status = error.exitStatus
    }
    if let path = options.report {
      try JSONEncoder().encode(report).write(to: URL(fileURLWithPath: path))
    }
    exit(status)
  }

  static func run(_ options: Options, in sandbox: Sandbox, report: inout TrialReport) throws -> Int32 {
    let began = Date()
    let plan = try sandbox.plan(
      options.command, under: options.assignment, settings: options.settings,
      start: Int64(Date().timeIntervalSince1970))
    let program = try sandbox.launch(plan)
    report.launches.append(Date().timeIntervalSince(began))
    report.process = program.process
    report.stage = program.stage.path
    if let path = options.report {
      // So that a test can find the processes of a trial that does not end by itself.
      try JSONEncoder().encode(report).write(to: URL(fileURLWithPath: path))
    }
    for spec in options.listeners {
      // tcp:80, udp:10.0.0.1:53
      let parts = spec.split(separator: ":").map(String.init)
      let address = parts.count > 2 ? parts[1] : nil
      do {
        let socket = try program.makeListener(
          transport: parts[0] == "udp" ? .udp : .tcp, address: address, port: UInt16(parts.last!)!)
        report.listeners.append("ok")
        if parts[0] == "tcp" {
          Thread.detachNewThread { greet(socket) }
        } else {
          Thread.detachNewThread { echo(socket) }
        }
      } catch {
        report.listeners.append("\(error)")
      }
    }
    var waits: [DispatchSemaphore] = []
    let tally = Tally()
    switch program.streams {
    case .pipes(let output, let error):
      waits.append(inBackground { relay(output, to: 1) })
      waits.append(inBackground { relay(error, to: 2) })
    case .terminal(let descriptor): waits.append(inBackground { relay(descriptor, to: 1) })
    }
    if let listener = program.listener {
      waits.append(inBackground { supervise(listener, count: { tally.add($0) }) })
    }
    // Signals pass through.
    signal(SIGTERM, SIG_IGN)
    let signals = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
    signals.setEventHandler { try? program.send(signal: SIGTERM) }  // it may have ended already
    signals.resume()
    defer { signals.cancel() }
    let ending: RunningProgram.Ending
    do {
      ending = try program.wait()
    } catch {
      program.finish()
      try program.destroy()
      throw error
    }
    let usage = program.finish(lingering: options.linger)
    report.walls.append(Date().timeIntervalSince(began))
    for wait in waits { wait.wait() }
    (report.notifications, report.denied) = tally.values
    report.diagnostics = program.diagnostics
    report.mountPoints = program.mountPoints
    report.changes = files(below: program.stage.workChanges)
    report.homeAtEnd = files(below: program.stage.home)
    report.peakMemory = usage.peakMemory
    try program.destroy()
    switch ending.status {
    case .exited(let status):
      report.status = status
      return status
    case .signaled(let signal):
      report.signal = signal
      return 128 + signal
    }
  }

  /// Answers every connection with the addresses of both ends.
  static func greet(_ listener: Int32) {
    var poll = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    while Foundation.poll(&poll, 1, -1) > 0 {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { return }
      let text = "to \(address(connection, getsockname)) from \(address(connection, getpeername))\n"
      _ = write(connection, text, text.utf8.count)
      close(connection)
    }
  }

  static func echo(_ socket: Int32) {
    var poll = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    while Foundation.poll(&poll, 1, -1) > 0 {
      var buffer = [UInt8](repeating: 0, count: 2048)
      var from = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      withUnsafeMutablePointer(to: &from) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
          let count = recvfrom(socket, &buffer, buffer.count, 0, peer, &length)
          if count > 0 { _ = sendto(socket, buffer, count, 0, peer, length) }
        }
      }
    }
  }

  static func address(
    _ socket: Int32, _ query: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> String {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var host = [CChar](repeating: 0, count: 256)
    withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        _ = query(socket, name, &length)
        _ = getnameinfo(name, length, &host, 256, nil, 0, NI_NUMERICHOST)
      }
    }
    return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
