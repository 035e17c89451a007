import CEnvprobeSandbox
import CSeccomp
import EnvprobeModel
import Glibc
import SystemPackage

/// The system call filter of a trace level, compiled by libseccomp from the rules of the model.
struct SeccompPolicy: Hashable, Sendable {
  /// An array of `struct sock_filter`.
  var program: [UInt8]
  /// Whether calls are handed to a supervisor.
  var listens: Bool
  /// Whether `futex` goes on without a supervisor.
  var passesFutex: Bool
}

extension SeccompPolicy {
  private static let allow: UInt32 = 0x7fff_0000
  private static let notify: UInt32 = 0x7fc0_0000
  private static func deny(_ errno: Int32) -> UInt32 { 0x0005_0000 | UInt32(errno) }

  /// The filter of a tracer, which hands it the mapping of libraries. It must be installed before the one that
  /// notifies, and that one must let these calls pass: to notify goes before to trace.
  init(tracing filter: [UInt8]) {
    program = filter
    listens = false
    passesFutex = true
  }

  /// - Parameters:
  ///   - isTraced: Whether a tracer is to follow the program. It is then held in `execve` at every level.
  ///   - passesLibraries: Whether the calls of ``init(tracing:)`` pass at every level.
  ///   - architecture: The `AUDIT_ARCH_*` of another machine to compile it for; `nil` for this one.
  init(
    level: TraceLevel, isTraced: Bool = false, passesLibraries: Bool = false, rules: [SyscallRule] = SyscallRule.all,
    architecture: UInt32? = nil
  ) throws(LaunchError) {
    listens = level != .off || rules.contains(where: \.reachesOut)
    passesFutex = level != .full && rules.contains { $0.name == "futex" && $0.treatment == .hot }
    guard let context = seccomp_init(level == .off ? Self.allow : Self.notify) else {
      throw LaunchError(.compileFilter, errno: .noMemory)
    }
    defer { seccomp_release(context) }
    func check(_ result: Int32, _ subject: String) throws(LaunchError) {
      if result < 0 { throw LaunchError(.compileFilter, subject: subject, errno: Errno(rawValue: -result)) }
    }
    // A 64-bit x86 kernel runs 32-bit programs as well. x32 is refused as if the kernel did not have it.
    if let architecture, architecture != seccomp_arch_native() {
      try check(seccomp_arch_add(context, architecture), "the architecture")
      try check(seccomp_arch_remove(context, seccomp_arch_native()), "the architecture")
    } else {
      #if arch(x86_64)
        // Before the other architecture is added, whose calls no tracer asks for and have other arguments.
        if passesLibraries, level == .full { try Self.passLibraries(in: context, check) }
        if passesLibraries, level != .off { try Self.passMarked(in: context, level, check) }
        try check(seccomp_arch_add(context, UInt32(SCMP_ARCH_X86)), "i386")
      #endif
    }
    try check(seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, Self.deny(ENOSYS)), "x32")
    if level != .full {
      for rule in rules {
        let number = seccomp_syscall_resolve_name(rule.name)
        // A call that no architecture here has; the model's tests find misspelt ones.
        if number == __NR_SCMP_ERROR { continue }
        for (action, tests) in Self.exceptions(of: rule, level: level, isTraced: isTraced) {
          let result = tests.withUnsafeBufferPointer {
            seccomp_rule_add_array(context, action, number, UInt32($0.count), $0.baseAddress)
          }
          try check(result, rule.name)
        }
      }
    }
    program = try Self.export(context)
  }

  /// What departs from the default action for a call: each with the tests under which it does.
  private static func exceptions(
    of rule: SyscallRule, level: TraceLevel, isTraced: Bool
  ) -> [(action: UInt32, tests: [scmp_arg_cmp])] {
    if level == .off {
      if isTraced, rule.roles.contains(.argumentVector) { return [(notify, [])] }
      switch rule.treatment {
      case .denied(let errno): return ErrnoName.number(of: errno).map { [(deny($0), [])] } ?? []
      case .recordedWhen(.notZero(let argument)) where rule.reachesOut:
        return [(notify, [scmp_arg_cmp(arg: UInt32(argument), op: SCMP_CMP_NE, datum_a: 0, datum_b: 0)])]
      default: return rule.reachesOut ? [(notify, [])] : []
      }
    }
    switch rule.treatment {
    case .recorded, .denied: return []
    case .hot: return [(allow, [])]
    case .recordedWhen(.notZero(let argument)):
      return [(allow, [scmp_arg_cmp(arg: UInt32(argument), op: SCMP_CMP_EQ, datum_a: 0, datum_b: 0)])]
    case .recordedWhen(.masked(let argument, let mask, let value)):
      guard value & ~mask == 0 else { return [(allow, [])] }
      // The default action notifies, so the test has to be turned around, which the filter language cannot: a word
      // differs from the value where any one of its bits does.
      return (0..<64).map { UInt64(1) << UInt64($0) }.filter { mask & $0 != 0 }.map { bit in
        (
          allow,
          [
            scmp_arg_cmp(arg: UInt32(argument), op: SCMP_CMP_MASKED_EQ, datum_a: bit, datum_b: ~value & bit)
          ]
        )
      }
    }
  }

  /// Lets files be mapped to be executed.
  private static func passLibraries(
    in context: scmp_filter_ctx, _ check: (Int32, String) throws(LaunchError) -> Void
  ) throws(LaunchError) {
    let isExecutable = scmp_arg_cmp(
      arg: 2, op: SCMP_CMP_MASKED_EQ, datum_a: UInt64(PROT_EXEC), datum_b: UInt64(PROT_EXEC))
    // A descriptor that is not -1 has a bit that is not set.
    for bit in (0..<32).map({ UInt64(1) << UInt64($0) }) {
      let tests = [isExecutable, scmp_arg_cmp(arg: 4, op: SCMP_CMP_MASKED_EQ, datum_a: bit, datum_b: 0)]
      try check(
        tests.withUnsafeBufferPointer {
          seccomp_rule_add_array(context, allow, seccomp_syscall_resolve_name("mmap"), UInt32($0.count), $0.baseAddress)
        }, "mmap")
    }
  }

  /// Lets the calls pass that a recorder makes in the program, by the mark in an argument's upper half.
  ///
  /// A program that marks calls of its own hides them, as it could from the recorder: none of them tells it anything.
  private static func passMarked(
    in context: scmp_filter_ctx, _ level: TraceLevel, _ check: (Int32, String) throws(LaunchError) -> Void
  ) throws(LaunchError) {
    for (name, argument) in SyscallRule.markedArguments.sorted(by: { $0.key < $1.key })
    where level == .full || !isHot(name) {
      var test = scmp_arg_cmp(
        arg: UInt32(argument), op: SCMP_CMP_MASKED_EQ, datum_a: 0xffff_ffff_0000_0000,
        datum_b: UInt64(SyscallRule.recorderMark) << 32)
      try check(seccomp_rule_add_array(context, allow, seccomp_syscall_resolve_name(name), 1, &test), name)
    }
  }

  private static func isHot(_ name: String) -> Bool { SyscallRule.named(name)?.treatment == .hot }

  private static func export(_ context: scmp_filter_ctx) throws(LaunchError) -> [UInt8] {
    let file = envprobe_memory_file("filter")
    guard file >= 0 else { throw LaunchError(.compileFilter, errno: Errno(rawValue: -file)) }
    defer { close(file) }
    let result = seccomp_export_bpf(context, file)
    guard result >= 0 else { throw LaunchError(.compileFilter, errno: Errno(rawValue: -result)) }
    let size = Int(lseek(file, 0, SEEK_END))
    let bytes = [UInt8](unsafeUninitializedCapacity: max(size, 0)) { buffer, count in
      count = max(pread(file, buffer.baseAddress, buffer.count, 0), 0)
    }
    guard bytes.count == size, size > 0, size % 8 == 0 else { throw LaunchError(.compileFilter, errno: .ioError) }
    return bytes
  }
}
