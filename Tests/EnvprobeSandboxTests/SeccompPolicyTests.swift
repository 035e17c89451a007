import CSeccomp
import EnvprobeModel
import Glibc
import Testing

@testable import EnvprobeSandbox

/// The compiled filters, run by an interpreter of the kernel's classic BPF, must do what the rules of the model say.
@Suite struct SeccompPolicyTests {
  enum Action: Equatable, CustomStringConvertible {
    case allow, notify, errno(Int32), other(UInt32)

    init(_ value: UInt32) {
      switch value & 0xffff_0000 {
      case 0x7fff_0000: self = .allow
      case 0x7fc0_0000: self = .notify
      case 0x0005_0000: self = .errno(Int32(value & 0xffff))
      default: self = .other(value)
      }
    }

    var description: String {
      switch self {
      case .allow: "allow"
      case .notify: "notify"
      case .errno(let number): "errno \(number)"
      case .other(let value): "\(value)"
      }
    }
  }

  static let amd64: UInt32 = 0xc000_003e
  static let i386: UInt32 = 0x4000_0003

  /// Runs a filter over a `struct seccomp_data`.
  func run(_ policy: SeccompPolicy, architecture: UInt32, number: UInt32, arguments: [UInt64] = []) -> Action {
    var data = [UInt32](repeating: 0, count: 16)
    data[0] = number
    data[1] = architecture
    for (index, argument) in arguments.enumerated() {
      data[4 + 2 * index] = UInt32(truncatingIfNeeded: argument)
      data[5 + 2 * index] = UInt32(truncatingIfNeeded: argument >> 32)
    }
    let program = policy.program
    var accumulator: UInt32 = 0
    var counter = 0
    while counter * 8 < program.count {
      let at = counter * 8
      let code = UInt16(program[at]) | UInt16(program[at + 1]) << 8
      let whenTrue = Int(program[at + 2])
      let whenFalse = Int(program[at + 3])
      let k = (0..<4).reduce(UInt32(0)) { $0 | UInt32(program[at + 4 + $1]) << UInt32(8 * $1) }
      counter += 1
      switch code {
      case 0x20: accumulator = data[Int(k / 4)]  // ld [k]
      case 0x54: accumulator &= k  // and #k
      case 0x05: counter += Int(k)  // ja
      case 0x15: counter += accumulator == k ? whenTrue : whenFalse
      case 0x25: counter += accumulator > k ? whenTrue : whenFalse
      case 0x35: counter += accumulator >= k ? whenTrue : whenFalse
      case 0x45: counter += accumulator & k != 0 ? whenTrue : whenFalse
      case 0x06: return Action(k)
      default: return .other(UInt32(code))
      }
    }
    return .other(0)
  }

  static let aarch64: UInt32 = 0xc000_00b7

  /// The filter of another machine: every call of its own table is treated as the rule says, and other machines' are not
  /// there.
  @Test(arguments: [TraceLevel.default, .full, .off]) func compilesForAnotherArchitecture(level: TraceLevel) throws {
    let policy = try SeccompPolicy(level: level, architecture: Self.aarch64)
    var seen = 0
    for rule in SyscallRule.all {
      let number = seccomp_syscall_resolve_name_arch(Self.aarch64, rule.name)
      guard number >= 0 else { continue }
      seen += 1
      let action = run(policy, architecture: Self.aarch64, number: UInt32(number), arguments: [0, 0, 0, 0, 0, 0])
      switch (level, rule.treatment) {
      case (.full, _), (.default, .recorded), (.default, .denied): #expect(action == .notify, "\(rule.name)")
      case (.default, .hot): #expect(action == .allow, "\(rule.name)")
      case (.off, .denied(let errno)): #expect(action == .errno(ErrnoName.number(of: errno)!), "\(rule.name)")
      case (.off, .recorded), (.off, .hot): #expect(action == (rule.reachesOut ? .notify : .allow), "\(rule.name)")
      case (_, .recordedWhen): break
      }
    }
    #expect(seen > 250)
    #expect(run(policy, architecture: Self.amd64, number: 0) == .errno(ENOSYS))
  }

  /// What the recorder of variables does in the program is not notified, and the program's own is.
  @Test(arguments: [TraceLevel.default, .full]) func whatIsMarkedPasses(level: TraceLevel) throws {
    let policy = try SeccompPolicy(level: level, isTraced: true, passesLibraries: true)
    let number = UInt32(seccomp_syscall_resolve_name_arch(Self.amd64, "memfd_create"))
    let mark = UInt64(SyscallRule.recorderMark) << 32
    func action(_ flags: UInt64, _ architecture: UInt32, _ number: UInt32) -> Action {
      run(policy, architecture: architecture, number: number, arguments: [0, flags, 0, 0, 0, 0])
    }
    #expect(action(mark | 1, Self.amd64, number) == .allow)
    #expect(action(1, Self.amd64, number) == .notify)
    #expect(action(mark &+ (1 << 32), Self.amd64, number) == .notify)
    let other = UInt32(seccomp_syscall_resolve_name_arch(Self.i386, "memfd_create"))
    #expect(action(1, Self.i386, other) == .notify)
  }

  static let rules: [SyscallRule] = [
    SyscallRule("read", .fd, treatment: .hot),
    SyscallRule("futex", .opaque, treatment: .hot),
    SyscallRule("openat", .directoryFD, .path),
    SyscallRule(
      "ioctl", .fd, .ioctlRequest,
      treatment: .recordedWhen(.masked(argument: 1, mask: 0xff00, equals: 0x8900))),
    SyscallRule(
      "newfstatat", .directoryFD, .path, .opaque, .atFlags,
      treatment: .recordedWhen(.masked(argument: 3, mask: 0x1000, equals: 0))),
    SyscallRule("sendto", .fd, treatment: .recordedWhen(.notZero(argument: 4))),
    SyscallRule("io_uring_setup", treatment: .denied(errno: "ENOSYS")),
    SyscallRule("mount", treatment: .denied(errno: "EPERM")),
  ]

  @Test func theDefaultLevelNotifiesAllButTheHot() throws {
    let policy = try SeccompPolicy(level: .default, rules: Self.rules)
    let cases: [(number: UInt32, arguments: [UInt64], action: Action)] = [
      (0, [], .allow), (202, [], .allow), (257, [], .notify), (39, [], .notify), (999, [], .notify),
      (425, [], .notify), (165, [], .notify),
      (16, [1, 0x8912], .notify), (16, [1, 0x8900], .notify), (16, [1, 0x89ff], .notify), (16, [1, 0x5401], .allow),
      (16, [1, 0x8800], .allow), (16, [1, 0x8b00], .allow), (16, [1, 0xffff_ffff_0000_8912], .notify),
      (16, [1, 0x1_0000_5401], .allow), (16, [1, 0], .allow), (16, [1, 0x9900], .allow),
      (262, [0, 0, 0, 0x1000], .allow), (262, [0, 0, 0, 0x100], .notify), (262, [0, 0, 0, 0x1100], .allow),
      (44, [1, 2, 3, 4, 0], .allow), (44, [1, 2, 3, 4, 0x7fff_0000_0000], .notify), (44, [1, 2, 3, 4, 1], .notify),
    ]
    for item in cases {
      #expect(
        run(policy, architecture: Self.amd64, number: item.number, arguments: item.arguments) == item.action,
        "call \(item.number) \(item.arguments)")
    }
    #expect(run(policy, architecture: Self.i386, number: 3) == .allow, "read of i386")
    #expect(run(policy, architecture: Self.i386, number: 0) == .notify)
    #expect(run(policy, architecture: Self.i386, number: 54, arguments: [1, 0x8912]) == .notify)
    #expect(run(policy, architecture: Self.i386, number: 54, arguments: [1, 0x5401]) == .allow)
    #expect(run(policy, architecture: Self.amd64, number: 0x4000_0000) == .errno(38), "x32 is not there")
    #expect(policy.listens && policy.passesFutex)
  }

  @Test func theFullLevelNotifiesEverything() throws {
    let policy = try SeccompPolicy(level: .full)
    for number in UInt32(0)..<500 {
      #expect(run(policy, architecture: Self.amd64, number: number) == .notify)
      #expect(run(policy, architecture: Self.i386, number: number) == .notify)
    }
    #expect(policy.listens && !policy.passesFutex)
  }

  /// To notify would go before to trace.
  @Test func theMappingOfALibraryIsLeftToATracer() throws {
    let policy = try SeccompPolicy(level: .full, isTraced: true, passesLibraries: true)
    func map(_ protection: UInt64, _ file: UInt64, in architecture: UInt32 = Self.amd64) -> Action {
      run(
        policy, architecture: architecture, number: architecture == Self.amd64 ? 9 : 192,
        arguments: [0, 4096, protection, 2, file, 0])
    }
    for file: UInt64 in [0, 3, 1000, 0x6e76_7000_0000_0005, 0x7fff_fff0] {
      #expect(map(5, file) == .allow)
      #expect(map(4, file) == .allow)
      #expect(map(1, file) == .notify)
      #expect(map(5, file, in: Self.i386) == .notify)
    }
    #expect(map(5, 0xffff_ffff) == .notify, "no file")
    #expect(map(5, .max) == .notify)
    for number in UInt32(0)..<500 where number != 9 {
      #expect(run(policy, architecture: Self.amd64, number: number, arguments: [0, 0, 5, 0, 3]) == .notify)
    }
    let off = try SeccompPolicy(level: .off, isTraced: true)
    #expect(run(off, architecture: Self.amd64, number: 59) == .notify, "the program is held in execve")
    #expect(run(off, architecture: Self.amd64, number: 257) == .allow)
    #expect(run(off, architecture: Self.amd64, number: 9, arguments: [0, 4096, 5, 2, 3]) == .allow)
  }

  @Test func levelOffDeniesAndNotifiesOnlyWhatReachesOut() throws {
    let policy = try SeccompPolicy(level: .off, rules: Self.rules)
    #expect(run(policy, architecture: Self.amd64, number: 425) == .errno(38))
    #expect(run(policy, architecture: Self.amd64, number: 165) == .errno(1))
    #expect(run(policy, architecture: Self.i386, number: 21) == .errno(1), "mount of i386")
    #expect(run(policy, architecture: Self.amd64, number: 257) == .allow)
    #expect(run(policy, architecture: Self.amd64, number: 44, arguments: [1, 2, 3, 4, 5]) == .notify, "sendto")
    #expect(run(policy, architecture: Self.amd64, number: 44, arguments: [1, 2, 3, 4, 0]) == .allow)
    #expect(policy.listens)
    #expect(try !SeccompPolicy(level: .off, rules: []).listens)
  }

  /// The table that is in force.
  @Test func theTableIsCompiled() throws {
    let policy = try SeccompPolicy(level: .default)
    var count = 0
    for rule in SyscallRule.all {
      let number = seccomp_syscall_resolve_name(rule.name)
      guard number >= 0 else { continue }  // a call of i386 only
      check(rule, number, policy)
      count += 1
    }
    #expect(count > 300)
  }

  private func check(_ rule: SyscallRule, _ number: Int32, _ policy: SeccompPolicy) {
    let action = run(policy, architecture: Self.amd64, number: UInt32(number), arguments: [0, 0, 0, 0, 0, 0])
    switch rule.treatment {
    case .recorded, .denied: #expect(action == .notify, "\(rule.name)")
    case .hot: #expect(action == .allow, "\(rule.name)")
    case .recordedWhen(.notZero(let argument)):
      #expect(action == .allow)
      var arguments = [UInt64](repeating: 0, count: 6)
      arguments[argument] = 1
      #expect(run(policy, architecture: Self.amd64, number: UInt32(number), arguments: arguments) == .notify)
    case .recordedWhen(.masked(let argument, _, let value)):
      var arguments = [UInt64](repeating: 0, count: 6)
      arguments[argument] = value
      #expect(run(policy, architecture: Self.amd64, number: UInt32(number), arguments: arguments) == .notify)
    }
  }
}
