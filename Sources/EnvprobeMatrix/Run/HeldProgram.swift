import EnvprobeModel
import EnvprobeRecorder
import EnvprobeSandbox
import Glibc

/// A program that was launched and is held in `execve`, and what follows it.
struct HeldProgram {
  private(set) var program: RunningProgram
  /// `nil` where reads of variables are not recorded.
  private(set) var reads: EnvironmentReadRecorder?

  private let plan: Plan
  private let sandbox: Sandbox
  private let level: EnvironmentReadLevel

  /// Launches the program of a plan.
  init(_ plan: Plan, in sandbox: Sandbox, reads level: EnvironmentReadLevel) throws(LaunchError) {
    self.plan = plan
    self.sandbox = sandbox
    self.level = level
    let isFollowed = level == .on && EnvironmentReadRecorder.isSupported
    program = try sandbox.launch(plan, tracingFilter: isFollowed ? EnvironmentReadRecorder.libraryFilter : nil)
  }

  /// Follows the program, before anybody answers the notification of its first call.
  ///
  /// A host that forbids it is no reason not to run the program, and becomes a gap. The program is then launched anew:
  /// the filter that hands the mapping of libraries to a tracer lets none be mapped where there is no tracer.
  mutating func follow(sink: any EventSink) throws(LaunchError) {
    guard level == .on else { return }
    guard EnvironmentReadRecorder.isSupported else {
      return sink.record(.diagnostic(Diagnostic("reads of environment variables are recorded on x86-64 only")))
    }
    do throws(RecorderError) {
      reads = try followed(sink: sink)
    } catch {
      sink.record(.gap(Gap(kind: .environmentReads, detail: "\(error)".replacing("\nhint: ", with: "; "))))
      try program.destroy()
      program = try sandbox.launch(plan)
    }
  }

  private func followed(sink: any EventSink) throws(RecorderError) -> EnvironmentReadRecorder {
    guard let process = program.heldProgram() else {
      throw RecorderError("find the program among the processes", errno: ESRCH)
    }
    do throws(RecorderError) {
      return try EnvironmentReadRecorder(program: process, sink: sink, recordsMappings: plan.traceLevel == .full)
    } catch {
      var error = error
      error.subject = "the program"  // its process id is another in every run
      throw error
    }
  }
}
