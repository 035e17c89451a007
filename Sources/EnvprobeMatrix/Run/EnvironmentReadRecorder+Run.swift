import EnvprobeModel
import EnvprobeRecorder
import EnvprobeSandbox

extension EnvironmentReadLevel {
  /// The filter that the program needs for its reads to be recorded; `nil` where they are not to be, or cannot be.
  var tracingFilter: [UInt8]? {
    self == .on && EnvironmentReadRecorder.isSupported ? EnvironmentReadRecorder.libraryFilter : nil
  }
}

extension EnvironmentReadRecorder {
  /// Follows a program that is held in `execve`. That it cannot be followed is no reason not to run it: it is a gap.
  ///
  /// - Parameter launched: The instant from which the events' times count, in nanoseconds of the monotonic clock.
  static func follow(
    _ program: RunningProgram, at level: EnvironmentReadLevel, sink: any EventSink, launched: UInt64
  ) -> EnvironmentReadRecorder? {
    guard level == .on else { return nil }
    guard isSupported else {
      sink.record(.diagnostic(Diagnostic("reads of environment variables are recorded on x86-64 only")))
      return nil
    }
    guard let process = program.heldProgram() else {
      sink.record(.gap(Gap(kind: .environmentReads, detail: "cannot find the program among the processes")))
      return nil
    }
    do throws(RecorderError) {
      return try EnvironmentReadRecorder(
        program: process, sink: sink, launched: launched, recordsMappings: program.plan.traceLevel == .full)
    } catch {
      // Without the process id, which is another in every run.
      var reason = error
      reason.subject = "the program"
      let detail = "\(reason)".replacing("\nhint: ", with: "; ")
      sink.record(.gap(Gap(kind: .environmentReads, detail: detail)))
      return nil
    }
  }
}
