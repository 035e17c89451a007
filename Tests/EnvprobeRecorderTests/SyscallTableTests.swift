import CSeccomp
import EnvprobeModel
import Testing

@testable import EnvprobeRecorder

@Suite struct SyscallTableTests {
  private func number(_ name: String, _ architecture: UInt32) -> Int32 {
    seccomp_syscall_resolve_name_arch(architecture, name)
  }
  private let amd64: UInt32 = 0xc000_003e
  private let i386: UInt32 = 0x4000_0003

  @Test func namesAreUnique() {
    #expect(SyscallRule.byName.count == SyscallRule.all.count)
  }

  @Test func everyNameIsACallSomewhere() {
    for rule in SyscallRule.all {
      #expect(number(rule.name, amd64) >= 0 || number(rule.name, i386) >= 0, "\(rule.name)")
    }
  }

  /// The number of arguments is at most six, and what goes in pairs does.
  @Test(arguments: SyscallRule.all)
  func rolesFitTogether(rule: SyscallRule) {
    #expect(rule.roles.count <= 6)
    for (index, role) in rule.roles.enumerated() {
      let next = index + 1 < rule.roles.count ? rule.roles[index + 1] : nil
      switch role {
      case .directoryFD: #expect(next == .path)
      case .socketAddress, .sizedText, .messageVector: #expect(next == .int)
      case .openHow, .cloneArguments: #expect(next == .number)
      default: break
      }
    }
    switch rule.treatment {
    case .recordedWhen(.masked(let argument, let mask, let value)):
      #expect(argument < rule.roles.count)
      #expect(value & ~mask == 0)
    case .recordedWhen(.notZero(let argument)): #expect(argument < rule.roles.count)
    case .denied(let errno): #expect(ErrnoName.number(of: errno) != nil)
    case .recorded, .hot: break
    }
  }

  /// The calls whose frequency was measured to matter, `newfstatat` and `arch_prctl` of them notified in part, and three
  /// that the C library makes for every thread.
  @Test func hotCallsAreThoseThatWereMeasured() {
    let restricted = SyscallRule.all.filter { rule in
      switch rule.treatment {
      case .hot, .recordedWhen: number(rule.name, amd64) >= 0
      case .recorded, .denied: false
      }
    }
    #expect(restricted.count == 52)
  }

  /// Every call that the kernel implements for an architecture of a host and libseccomp knows has its arguments described.
  @Test(arguments: [0xc000_003e, 0xc000_00b7] as [UInt32]) func everyCallHasARow(architecture: UInt32) {
    let unimplemented: Set<String> = [
      "afs_syscall", "create_module", "epoll_ctl_old", "epoll_wait_old", "get_kernel_syms", "getpmsg", "nfsservctl",
      "putpmsg", "query_module", "security", "tuxcall", "vserver",
    ]
    for number in Int32(0)..<452 {
      guard let text = seccomp_syscall_resolve_num_arch(architecture, number) else { continue }
      let name = String(cString: text)
      text.deallocate()
      if !unimplemented.contains(name) { #expect(SyscallRule.named(name) != nil, "\(name)") }
    }
  }

  /// What an event says of a call of another architecture is its name there.
  @Test func numbersAreThoseOfTheArchitecture() {
    var directory = SyscallDirectory()
    let names = [SyscallDirectory.amd64, SyscallDirectory.i386, 0xc000_00b7].map { architecture in
      directory.entry(number: 56, architecture: architecture).name
    }
    #expect(names == ["clone", "mpx", "openat"])
    #expect(directory.entry(number: 56, architecture: 0xc000_00b7).wordSize == 8)
    #expect(directory.entry(number: 56, architecture: 0xc000_00b7).openFlags == 2)
  }

  @Test(arguments: [
    (SyscallRule.Role.openFlags, 0 as UInt64, ["O_RDONLY"]),
    (.openFlags, 0x80241, ["O_WRONLY", "O_CREAT", "O_TRUNC", "O_CLOEXEC"]),
    (.openFlags, 0x410002, ["O_RDWR", "O_TMPFILE"]),
    (.openFlags, 0x101000, ["O_RDONLY", "O_SYNC"]),
    (.openFlags, 0x8000_0003, ["O_ACCMODE", "0x80000000"]),
    (.atFlags, 0, []),
    (.atFlags, 0x1100, ["AT_SYMLINK_NOFOLLOW", "AT_EMPTY_PATH"]),
    (.accessMode, 0, ["F_OK"]),
    (.cloneFlags, 0x0120_0011, ["SIGCHLD", "CLONE_CHILD_CLEARTID", "CLONE_CHILD_SETTID"]),
    (.cloneFlags, 0x1000_0000, ["CLONE_NEWUSER"]),
    (.socketType, 0x80801, ["SOCK_STREAM", "SOCK_NONBLOCK", "SOCK_CLOEXEC"]),
    (.socketType, 9, ["0x9"]),
    (.socketFamily, 10, ["AF_INET6"]),
    (.socketFamily, 999, ["0x3e7"]),
    (.ioctlRequest, 0x8927, ["SIOCGIFHWADDR"]),
    (.signal, 34, ["0x22"]),
  ])
  func flagsHaveNames(role: SyscallRule.Role, value: UInt64, names: [String]) throws {
    #expect(try #require(role.flags).names(of: value) == names)
  }

  @Test func errorsHaveNames() {
    #expect(ErrnoName.name(of: 13) == "EACCES")
    #expect(ErrnoName.name(of: 4000) == "E4000")
    #expect(ErrnoName.number(of: "ENOSYS") == 38)
    #expect(ErrnoName.number(of: "ENOTHING") == nil)
  }
}
