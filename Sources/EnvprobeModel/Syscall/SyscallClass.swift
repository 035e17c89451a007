/// Groups of system calls by what they are about, under the names that `strace -e trace=` has for them.
public enum SyscallClass: String, Hashable, Sendable, CaseIterable {
  case file, descriptor = "desc", network = "net", process, signal, memory, credentials = "creds", clock, ipc, stat

  /// The class of a name as strace spells it, without the `%`: `net` and `network` are the same.
  public init?(strace name: String) {
    switch name {
    case "network": self = .network
    default: self.init(rawValue: name)
    }
  }

  public var summary: String {
    switch self {
    case .file: "calls that take a path"
    case .descriptor: "calls that take a descriptor"
    case .network: "calls of sockets"
    case .process: "calls that make, execute, end or await processes"
    case .signal: "calls of signals"
    case .memory: "calls of memory"
    case .credentials: "calls of users, groups and capabilities"
    case .clock: "calls that read or set a clock"
    case .ipc: "calls of System V IPC and message queues"
    case .stat: "calls that ask for a file's attributes"
    }
  }

  public func contains(_ name: String) -> Bool { Self.names[self]!.contains(name) }

  private static let names: [SyscallClass: Set<String>] = Dictionary(
    uniqueKeysWithValues: allCases.map { kind in
      (kind, Set(SyscallRule.all.filter { kind.holds($0) }.map(\.name)).union(kind.others))
    })

  private func holds(_ rule: SyscallRule) -> Bool {
    switch self {
    case .file: rule.roles.contains(.path)
    case .descriptor: rule.roles.contains { $0 == .fd || $0 == .directoryFD }
    case .network: SyscallRule.network.contains(rule) || rule.roles.first == .socketCall
    case .signal: SyscallRule.signals.contains(rule)
    case .memory: SyscallRule.memory.contains(rule)
    case .credentials: SyscallRule.identity.contains(rule)
    case .ipc: SyscallRule.ipc.contains(rule)
    case .stat: rule.name.contains("stat") && !rule.name.contains("statfs")
    case .process, .clock: false
    }
  }

  private var others: Set<String> {
    switch self {
    case .process:
      [
        "clone", "clone3", "fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4", "waitid", "waitpid",
        "kill", "tkill", "tgkill", "pidfd_open", "pidfd_send_signal", "unshare", "setns",
      ]
    case .clock:
      [
        "clock_gettime", "clock_gettime64", "clock_settime", "clock_settime64", "clock_getres", "clock_adjtime",
        "gettimeofday", "settimeofday", "time", "stime", "adjtimex",
      ]
    default: []
    }
  }
}
