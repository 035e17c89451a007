import CSeccomp
import EnvprobeModel
import Glibc

/// What is known of one call number of one architecture.
final class SyscallEntry {
  enum Effect {
    case none
    /// Replaces the program; its arguments are recorded as an ``ExecCall``.
    case execute
    /// Ends the thread, or the whole process.
    case exitThread, exitProcess
    /// Sends to an address, which is announced before the call goes on.
    case send
  }

  let name: String
  let rule: SyscallRule?
  /// The architecture's name where it is not the host's own.
  let architecture: String?
  /// Bytes of a pointer of the caller.
  let wordSize: Int
  /// The errno with which the call is answered, 0 where it goes on.
  let denial: Int32
  let denialName: String?
  let effect: Effect
  /// Which argument tells a call that a recorder makes in the program; `nil` where it makes none of this kind.
  let markedArgument: Int?
  /// Whether a path is among its arguments, and what of its table row decides how that is looked up.
  let namesPath: Bool
  let isAboutLinks: Bool
  let changesNames: Bool
  let changesRoot: Bool
  let openFlags: Int?
  let atFlags: Int?
  /// The names of the flags seen so far, by the argument's position: programs use few combinations, and making a list
  /// of strings takes longer than all else that is done with a call.
  private var flagNames: [[UInt64: [String]]]

  init(name: String, rule: SyscallRule?, architecture: String?, wordSize: Int) {
    self.name = name
    self.rule = rule
    self.architecture = architecture
    self.wordSize = wordSize
    if case .denied(let errno) = rule?.treatment {
      denialName = errno
      denial = ErrnoName.number(of: errno) ?? EPERM
    } else {
      denialName = nil
      denial = 0
    }
    markedArgument = architecture == nil ? EnvironmentReadRecorder.markedArgument(of: name) : nil
    effect =
      switch name {
      case "execve", "execveat": .execute
      case "exit": .exitThread
      case "exit_group": .exitProcess
      case _ where rule?.reachesOut == true && rule?.roles.first != .socketCall: .send
      default: .none
      }
    namesPath = rule?.roles.contains(.path) ?? false
    isAboutLinks = rule?.isAboutLinks ?? false
    changesNames = rule?.changesNames ?? false
    changesRoot = rule?.changesRoot ?? false
    openFlags = rule?.roles.firstIndex(of: .openFlags)
    atFlags = rule?.roles.firstIndex(of: .atFlags)
    flagNames = Array(repeating: [:], count: rule?.roles.count ?? 0)
  }

  func flags(at position: Int, of value: UInt64, in table: FlagTable) -> [String] {
    if let known = flagNames[position][value] { return known }
    let names = table.names(of: value)
    // A program that makes up values must not fill the memory.
    if flagNames[position].count < 256 { flagNames[position][value] = names }
    return names
  }
}

/// Call numbers to names and rules, per architecture, looked up when first seen.
struct SyscallDirectory {
  static let amd64 = Architecture.amd64
  static let i386 = Architecture.i386

  private let native = seccomp_arch_native()
  private var entries: [UInt32: [Int32: SyscallEntry]] = [:]
  private var named: [String: SyscallEntry] = [:]

  mutating func entry(number: Int32, architecture: UInt32) -> SyscallEntry {
    if let known = entries[architecture]?[number] { return known }
    let token = Self.token(number: number, architecture: architecture)
    let entry = make(name: Self.name(number: number, token: token), token: token)
    // A program that makes up numbers must not fill the memory.
    if entries[architecture]?.count ?? 0 < 4096 { entries[architecture, default: [:]][number] = entry }
    return entry
  }

  /// The entry of a call that i386's `socketcall` stands for.
  mutating func entry(socketCall name: String) -> SyscallEntry {
    if let known = named[name] { return known }
    let entry = make(name: name, token: Architecture.i386)
    named[name] = entry
    return entry
  }

  private func make(name: String, token: UInt32) -> SyscallEntry {
    SyscallEntry(
      name: name, rule: SyscallRule.named(name), architecture: token == native ? nil : Self.architectureName(token),
      wordSize: Self.wordSize(token))
  }

  /// x32 calls come as x86_64 with a bit in the number.
  private static func token(number: Int32, architecture: UInt32) -> UInt32 {
    architecture == Architecture.amd64 && number & 0x4000_0000 != 0 ? Architecture.x32 : architecture
  }

  private static func name(number: Int32, token: UInt32) -> String {
    guard let text = seccomp_syscall_resolve_num_arch(token, number) else { return "syscall_\(number)" }
    defer { free(text) }
    return String(cString: text)
  }

  private static func wordSize(_ token: UInt32) -> Int {
    // `__AUDIT_ARCH_64BIT`; x32 has 32-bit pointers.
    token & 0x8000_0000 != 0 && token != Architecture.x32 ? 8 : 4
  }

  /// libseccomp's tokens, which are `linux/audit.h`'s `AUDIT_ARCH_*` but for x32.
  private enum Architecture {
    static let amd64: UInt32 = 0xc000_003e
    static let i386: UInt32 = 0x4000_0003
    static let x32: UInt32 = 0x4000_003e
    static let arm: UInt32 = 0x4000_0028
    static let aarch64: UInt32 = 0xc000_00b7
  }

  private static func architectureName(_ token: UInt32) -> String {
    switch token {
    case Architecture.i386: "i386"
    case Architecture.amd64: "x86_64"
    case Architecture.x32: "x32"
    case Architecture.arm: "arm"
    case Architecture.aarch64: "aarch64"
    default: "arch_" + String(token, radix: 16)
    }
  }
}
