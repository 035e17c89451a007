import EnvprobeModel
import EnvprobeRecorder
import EnvprobeSandbox
import Glibc
import SystemPackage

/// A program that was launched and is held in `execve`, and what follows it.
struct HeldProgram {
  private(set) var program: RunningProgram
  /// `nil` where reads of variables are not recorded, and the clock is the host's.
  private(set) var reads: EnvironmentReadRecorder?
  /// What its clock will show when it begins; `nil` for the host's time.
  private(set) var clock: (instant: Instant, isRequired: Bool)?

  private let plan: Plan
  private let sandbox: Sandbox
  private let level: EnvironmentReadLevel

  private var isFollowed: Bool { level == .on || clock != nil }

  /// Launches the program of a plan.
  init(
    _ plan: Plan, in sandbox: Sandbox, reads level: EnvironmentReadLevel,
    clock: (instant: Instant, isRequired: Bool)? = nil
  ) throws(LaunchError) {
    self.plan = plan
    self.sandbox = sandbox
    self.level = level
    self.clock = clock
    let isSupported = EnvironmentReadRecorder.isSupported
    program = try sandbox.launch(
      plan, tracingFilter: level == .on && isSupported ? EnvironmentReadRecorder.libraryFilter : nil,
      clockFilter: clock != nil && isSupported ? ClockShift.filter : nil)
  }

  /// Follows the program, before anybody answers the notification of its first call.
  ///
  /// A host that forbids it is no reason not to run the program, and becomes a gap, but for a clock that was asked for. The
  /// program is then launched anew: the filters that hand calls to a tracer make them fail where there is no tracer.
  mutating func follow(sink: any EventSink) throws(LaunchError) {
    guard isFollowed else { return }
    guard EnvironmentReadRecorder.isSupported else {
      if level == .on {
        sink.record(.diagnostic(Diagnostic("reads of environment variables are recorded on x86-64 only")))
      }
      return try loseClock("this works on x86-64 only", errno: .noFunction, sink)
    }
    do throws(RecorderError) {
      reads = try followed(sink: sink)
    } catch {
      if level == .on {
        sink.record(.gap(Gap(kind: .environmentReads, detail: "\(error)".replacing("\nhint: ", with: "; "))))
      }
      try loseClock("\(error)".replacing("\nhint: ", with: "; "), errno: Errno(rawValue: error.errno), sink)
      try program.destroy()
      program = try sandbox.launch(plan)
    }
  }

  private mutating func loseClock(_ reason: String, errno: Errno, _ sink: any EventSink) throws(LaunchError) {
    guard let clock else { return }
    if clock.isRequired {
      throw LaunchError(.setClocks, errno: errno, hint: "\(reason); --clock host leaves the clock as it is")
    }
    self.clock = nil
    sink.record(.diagnostic(Diagnostic("the clock is the host's: \(reason)")))
  }

  private func followed(sink: any EventSink) throws(RecorderError) -> EnvironmentReadRecorder {
    guard let process = program.heldProgram() else {
      throw RecorderError("find the program among the processes", errno: ESRCH)
    }
    do throws(RecorderError) {
      return try EnvironmentReadRecorder(
        program: process, sink: sink, recordsReads: level == .on,
        recordsMappings: level == .on && plan.traceLevel == .full)
    } catch {
      var error = error
      error.subject = "the program"  // its process id is another in every run
      throw error
    }
  }
}
