import CEnvprobeSandbox
import EnvprobeModel
import Glibc
import Synchronization
import SystemPackage

/// A program in its sandbox.
///
/// Process 1 inside belongs to envprobe. It ends with envprobe, however that ends, and everything inside with it.
public final class RunningProgram: Sendable {
  /// What the parent has of the program's standard streams. The caller owns the descriptors.
  public enum Streams: Hashable, Sendable {
    case pipes(output: Int32, error: Int32)
    case terminal(Int32)
  }

  /// How the program ended.
  public struct Ending: Hashable, Sendable {
    public enum Status: Hashable, Sendable {
      case exited(Int32)
      case signaled(Int32)
    }
    public var status: Status
    public var usage: Usage
  }

  /// What everything inside that was reaped so far took.
  public struct Usage: Hashable, Sendable {
    /// Seconds of processor time.
    public var userTime: Double
    public var systemTime: Double
    /// The largest resident set of any one process, in bytes.
    public var peakMemory: Int
  }

  private struct Mailbox {
    var streams: Streams?
    var listener: Int32?
    var ending: Ending?
    /// The signal that has stopped the program, until somebody is told.
    var stop: Int32?
    var usage = Usage(userTime: 0, systemTime: 0, peakMemory: 0)
    var failure: LaunchError?
    var diagnostics: [String]
    /// Whether nothing is left inside, and whether process 1 said so before it ended.
    var isGone = false
    var isOrderly = false
    var isReaped = false
  }

  /// Process 1 as the host sees it, and its pidfd.
  public let process: pid_t
  public let pidfd: Int32
  public let plan: Plan
  public let stage: Stage

  private let layout: SandboxLayout
  private let stageLock: Int32?
  private let reaper: Reaper
  private let control: Mutex<Int32>
  private let reports: Int32
  private let mailbox: Mutex<Mailbox>
  /// One reader of reports at a time.
  private let reading = Mutex(())

  init(
    process: pid_t, pidfd: Int32, control: Int32, reports: Int32, layout: SandboxLayout, reaper: Reaper,
    diagnostics: [String]
  ) {
    self.process = process
    self.pidfd = pidfd
    self.control = Mutex(control)
    self.reports = reports
    self.layout = layout
    self.reaper = reaper
    plan = layout.plan
    stage = layout.stage
    stageLock = layout.stage.lock()
    mailbox = Mutex(Mailbox(diagnostics: diagnostics))
  }

  deinit {
    abandon()
    control.withLock { _ = Glibc.close($0) }
    Glibc.close(reports)
    Glibc.close(pidfd)
    if let stageLock { Glibc.close(stageLock) }
  }

  /// The descriptor on which the program's system calls are notified; `nil` at trace level `off`. The caller owns it.
  public var listener: Int32? { mailbox.withLock(\.listener) }

  public var streams: Streams { mailbox.withLock { $0.streams! } }

  /// What could not be made as it should be, without being needed.
  public var diagnostics: [String] { mailbox.withLock(\.diagnostics) }

  /// Paths in ``Stage/home``, ``Stage/temporary`` and ``Stage/workChanges`` that are there only to mount something on.
  public var mountPoints: [String] {
    let roots = [(plan.account.home, stage.home), ("/tmp", stage.temporary)]
    let inside = plan.exposures.map(\.path) + [plan.workDirectory.path]
    return inside.flatMap { path in
      roots.compactMap { root in
        isWithin(path, root.0) && path != root.0 ? root.1 + path.dropFirst(root.0.count) : nil
      }
    }
  }

  /// The program itself as the host sees it, while it is held in `execve`: the only child of process 1.
  ///
  /// `nil` where the kernel does not tell a process's children (it lacks `CONFIG_PROC_CHILDREN`) or the program is gone.
  public func heldProgram() -> pid_t? {
    guard let bytes = try? HostFiles.bytes("/proc/\(process)/task/\(process)/children") else { return nil }
    let children = bytes.split(separator: UInt8(ascii: " "))
    return children.count == 1 ? pid_t(String(decoding: children[0], as: UTF8.self)) : nil
  }

  // MARK: Inside

  /// Opens a socket inside.
  ///
  /// - Parameters:
  ///   - address: the address to bind; `nil` for every address, of both families.
  ///   - port: the port; 0 lets the kernel choose.
  /// - Returns: a listening TCP socket or a bound UDP socket, non-blocking. The caller owns it.
  public func makeListener(
    transport: Connection.Transport, address: String? = nil, port: UInt16
  ) throws(LaunchError) -> Int32 {
    var request = envprobe_request(ENVPROBE_LISTEN)
    request.datagram = transport == .udp ? 1 : 0
    request.port = port
    let name = "\(transport.rawValue) \(address ?? "*") port \(port)"
    if let address {
      guard let bytes = addressBytes(address) else {
        throw LaunchError(.listen, subject: name, errno: .invalidArgument)
      }
      request.family = bytes.count == 4 ? 4 : 6
      withUnsafeMutableBytes(of: &request.address) { $0.copyBytes(from: bytes) }
    }
    let result = control.withLock { envprobe_request_listener($0, &request) }
    guard result >= 0 else { throw LaunchError(.listen, subject: name, errno: Errno(rawValue: -result)) }
    return result
  }

  /// Opens what tells of the sockets inside.
  public func surveySockets() throws(LaunchError) -> SocketSurvey {
    var request = envprobe_request(ENVPROBE_SURVEY)
    let result = control.withLock { envprobe_request_listener($0, &request) }
    guard result >= 0 else { throw LaunchError(.listen, subject: "sock_diag", errno: Errno(rawValue: -result)) }
    return SocketSurvey(descriptor: result)
  }

  /// Sends a signal to the program, as `kill` would.
  public func send(signal: Int32) throws(LaunchError) {
    try send(envprobe_request(ENVPROBE_SIGNAL, number: UInt32(signal)))
  }

  /// Ends every process inside at once.
  public func kill() { _ = envprobe_signal(pidfd, SIGKILL) }

  /// Tells the program's terminal its size.
  public func resizeTerminal(columns: Int, rows: Int) {
    guard case .terminal(let descriptor)? = mailbox.withLock(\.streams) else { return }
    _ = envprobe_set_window_size(
      descriptor, UInt16(clamping: columns), UInt16(clamping: rows))  // a terminal that has gone has no size
  }

  // MARK: The end

  /// Waits until the program has ended. Processes that it left behind go on.
  ///
  /// - Parameter stopped: called where the program, on a terminal of its own, was stopped by this signal, as by Ctrl-Z. It
  ///   stays so until it is sent `SIGCONT`.
  /// - Throws: a ``LaunchError`` where it could not be executed.
  public func wait(stopped: (Int32) -> Void = { _ in }) throws(LaunchError) -> Ending {
    while true {
      let state = mailbox.withLock { ($0.failure, $0.ending, $0.isGone) }
      if let failure = state.0 { throw failure.withRemedy() }
      if let ending = state.1 { return ending }
      if state.2 {
        return Ending(status: .signaled(SIGKILL), usage: mailbox.withLock(\.usage))
      }
      readReport(waiting: true)
      let stop = mailbox.withLock { mailbox in
        defer { mailbox.stop = nil }
        return mailbox.stop
      }
      if let stop { stopped(stop) }
    }
  }

  /// Waits until nothing is left inside, for a while, and then ends what is left.
  ///
  /// - Parameter seconds: how long processes that the program left behind may take to end by themselves.
  /// - Returns: what everything inside took.
  @discardableResult
  public func finish(lingering seconds: Double = 0) -> Usage {
    var limit = monotonicSeconds() + seconds
    var isAsked = false
    while !mailbox.withLock(\.isGone) {
      let left = limit - monotonicSeconds()
      var poll = pollfd(fd: reports, events: Int16(POLLIN), revents: 0)
      if Glibc.poll(&poll, 1, Int32(max(0, left * 1000))) > 0 {
        readReport(waiting: false)
      } else if left <= 0 {
        if isAsked {
          kill()
        } else {
          try? send(envprobe_request(ENVPROBE_FINISH))  // where that fails it is gone
          isAsked = true
        }
        limit = monotonicSeconds() + 5
      }
    }
    return mailbox.withLock(\.usage)
  }

  /// Ends everything inside and removes the stage.
  public func destroy() throws(LaunchError) {
    abandon()
    try stage.remove()
  }

  // MARK: Between process 1 and here

  func send(_ request: envprobe_request) throws(LaunchError) {
    var request = request
    let result = control.withLock { envprobe_send_request($0, &request) }
    if result < 0 { throw LaunchError(.start, errno: Errno(rawValue: -result)) }
  }

  func adopt(_ streams: Streams) { mailbox.withLock { $0.streams = streams } }

  /// Kills process 1 and sees to it that it is reaped. Afterwards nothing inside is running.
  func abandon() {
    mailbox.withLock { mailbox in
      if mailbox.isReaped { return }
      mailbox.isReaped = true
      if mailbox.isOrderly {
        reaper.add(process)
      } else {
        kill()
        _ = envprobe_reap(process, 1)
      }
    }
  }

  /// Waits until the program is held in `execve`, or the launch has failed.
  func awaitStart(setup: [SetupOperation], program: [SetupOperation]) throws(LaunchError) {
    while true {
      var report = envprobe_report()
      var descriptors: [Int32] = [-1, -1]
      let result = envprobe_receive_report(reports, 1, &report, &descriptors)
      guard result > 0 else {
        throw LaunchError(.start, errno: result < 0 ? Errno(rawValue: -result) : .brokenPipe)
      }
      switch report.kind {
      case ENVPROBE_STARTED.rawValue:
        var received = descriptors[...]
        mailbox.withLock { mailbox in
          if report.listener != 0 { mailbox.listener = received.removeFirst() }
          if report.terminal != 0 { mailbox.streams = .terminal(received.removeFirst()) }
        }
        return
      default:
        if let failure = note(report, setup: setup, program: program) { throw failure }
      }
    }
  }

  /// Keeps what a report says. Returns the failure that it reports.
  @discardableResult
  private func note(
    _ report: envprobe_report, setup: @autoclosure () -> [SetupOperation],
    program: @autoclosure () -> [SetupOperation]
  ) -> LaunchError? {
    let usage = Usage(
      userTime: Double(report.user_time) / 1e6, systemTime: Double(report.system_time) / 1e6,
      peakMemory: Int(report.peak_memory) * 1024)
    func failure() -> LaunchError {
      let errno = Errno(rawValue: report.number)
      let operations = report.list == ENVPROBE_SETUP.rawValue ? setup() : program()
      guard Int(report.index) < operations.count else { return LaunchError(.start, errno: errno) }
      return operations[Int(report.index)].error(errno, root: stage.root)
    }
    return mailbox.withLock { mailbox in
      switch report.kind {
      case ENVPROBE_FAILED.rawValue: mailbox.failure = failure()
      case ENVPROBE_DEGRADED.rawValue: mailbox.diagnostics.append(failure().description)
      case ENVPROBE_EXITED.rawValue:
        let status = report.number
        // As in <bits/waitstatus.h>.
        let signal = status & 0x7f
        mailbox.ending = Ending(
          status: signal == 0 ? .exited((status >> 8) & 0xff) : .signaled(signal), usage: usage)
        mailbox.usage = usage
      case ENVPROBE_STOPPED.rawValue: mailbox.stop = report.number
      case ENVPROBE_GONE.rawValue:
        mailbox.usage = usage
        mailbox.isGone = true
        mailbox.isOrderly = true
      default: break
      }
      return mailbox.failure
    }
  }

  /// Reads the next report, for whoever waits for it. Another thread may have been faster.
  private func readReport(waiting: Bool) {
    reading.withLock { _ in
      if mailbox.withLock({ $0.isGone }) { return }
      var report = envprobe_report()
      var descriptors: [Int32] = [-1, -1]
      let result = envprobe_receive_report(reports, waiting ? 1 : 0, &report, &descriptors)
      if result == -EAGAIN { return }
      guard result > 0 else {
        mailbox.withLock { $0.isGone = true }
        return
      }
      note(report, setup: layout.setupOperations(), program: layout.programOperations())
    }
  }
}

private func monotonicSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}
