import CEnvprobeTracer
import EnvprobeModel

extension Tracer {
  /// A process was executed: its clock functions are led elsewhere before its first instruction.
  func setClock(of process: TracedProcess) {
    guard let clock, let obstacle = clock.enter(process.id) else { return }
    sink.record(
      .gap(Gap(kind: .profile, detail: "the clock of a program is the host's: \(obstacle)")), pid: process.insideID)
  }

  /// A thread stands in a call with a deadline.
  func waits(_ thread: TracedThread) {
    var call = envprobe_call()
    guard let clock, envprobe_tracer_call(thread.id, &call) >= 0 else {
      envprobe_tracer_resume(thread.id, 0)
      return
    }
    clock.record(call, in: thread.process, sink)
    thread.deadline = clock.translate(call, of: thread.id, in: thread.process.id)
    if thread.deadline == nil {
      envprobe_tracer_resume(thread.id, 0)
    } else {
      envprobe_tracer_resume_to_syscall(thread.id)
    }
  }

  /// A call with a deadline is over. Returns whether it was one.
  func finishWaiting(_ thread: TracedThread) -> Bool {
    guard let clock, let deadline = thread.deadline else { return false }
    thread.deadline = nil
    clock.undo(deadline, of: thread.id)
    return true
  }
}

extension ProgramClock {
  private static let rules = Dictionary(
    SyscallRule.all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  fileprivate func record(_ call: envprobe_call, in process: TracedProcess, _ sink: any EventSink) {
    guard level != .off else { return }
    let isWide = call.architecture == 0xc000_003e
    guard let row = (isWide ? DeadlineCall.amd64 : DeadlineCall.i386)[call.number], let rule = Self.rules[row.name],
      level == .full || rule.treatment != .hot
    else { return }
    var arguments: [SyscallCall.Argument] = []
    let values = withUnsafeBytes(of: call.arguments) { Array($0.bindMemory(to: UInt64.self)) }
    for (role, value) in zip(rule.roles, values) {
      switch role {
      case .int, .fd: arguments.append(.number(Int64(Int32(truncatingIfNeeded: value))))
      case .number: arguments.append(.number(Int64(bitPattern: value)))
      case _ where role.flags != nil: arguments.append(.flags(role.flags!.names(of: value & 0xffff_ffff)))
      default: break
      }
    }
    sink.record(
      .syscall(SyscallCall(name: row.name, architecture: isWide ? nil : "i386", arguments: arguments)),
      pid: process.insideID)
  }
}
