import CEnvprobeDoctor
import EnvprobeModel
import Glibc
import SystemPackage

extension HostCheck {
  /// What watching a program needs. All but the last are tried on one child, whose call is received, read and let go on.
  static let recording: [HostCheck] = [
    HostCheck(
      "notifications", .recording, "system calls notified", cost: "no system call is seen, so nothing is recorded"
    ) {
      supervision(\.install, "a filter with a listener", of: .installFilter) { result in
        let rest: [(step: String, errno: Int32)] = [
          ("receive a call", result.receive), ("let a call go on", result.proceed),
        ]
        if let failed = rest.first(where: { $0.errno < 0 }) {
          return .missing("\(failed.step): \(KernelTrial.text(Errno(rawValue: -failed.errno)))", remedy: nil)
        }
        return .works("a call received and let go on")
      }
    },
    HostCheck(
      "notifications-killable", .recording, "… undisturbed by signals", isRequired: false,
      cost: "a signal can interrupt a call that waits for the recorder, which the program may notice"
    ) {
      supervision(\.killable, "the flag WAIT_KILLABLE_RECV", remedy: "Linux 5.19 or later")
    },
    HostCheck(
      "notifications-same-cpu", .recording, "… on the program's processor", isRequired: false,
      cost: "each recorded call takes about three times as long"
    ) {
      supervision(\.same_cpu, "the flag SYNC_WAKE_UP", remedy: "Linux 6.6 or later")
    },
    HostCheck(
      "descriptors", .recording, "descriptors taken from a program (pidfd_getfd)",
      cost: "what a program's sockets and rings of variable reads are cannot be asked"
    ) {
      supervision(\.duplicate, "the child's listener", remedy: forbidden)
    },
    HostCheck(
      "memory", .recording, "a program's memory read (process_vm_readv)",
      cost: "paths and addresses in system calls are unknown"
    ) {
      supervision(\.memory, "a path, as the child had it", remedy: forbidden)
    },
    HostCheck(
      "tracing", .recording, "a program traced (ptrace)", cost: "which environment variables a program reads is unknown"
    ) {
      do throws(KernelTrial.Failure) {
        try KernelTrial.tracing()
        return .works("a child stopped and read")
      } catch {
        return .missing(error.description, remedy: forbidden)
      }
    },
    HostCheck("processor", .recording, "a processor whose code can be hooked", cost: "reads of variables are not seen")
    {
      let machine = KernelIdentity.current().machine
      return machine == "x86_64"
        ? .works(machine) : .missing(machine, remedy: "run envprobe on x86_64")
    },
  ]

  private static let forbidden =
    "see kernel.yama.ptrace_scope above; in a container, start that with --cap-add SYS_PTRACE"

  /// The outcome of one thing that the supervision of a child tried.
  private static func supervision(
    _ field: (envprobe_supervision) -> Int32, _ what: String, remedy: String? = nil,
    of operation: LaunchError.Operation? = nil, then: (envprobe_supervision) -> Outcome = { _ in .works("") }
  ) -> Outcome {
    switch KernelTrial.supervision {
    case .failure(let failure): return .missing(failure.description, remedy: nil)
    case .success(let result):
      let number = field(result)
      if number < 0 {
        let errno = Errno(rawValue: -number)
        let hint = operation.flatMap { LaunchError($0, errno: errno).withRemedy().hint }
        return .missing("\(what): \(KernelTrial.text(errno))", remedy: remedy ?? hint)
      }
      if result.install < 0 { return .missing("no notifications", remedy: nil) }
      let outcome = then(result)
      return outcome == .works("") ? .works(what) : outcome
    }
  }
}
