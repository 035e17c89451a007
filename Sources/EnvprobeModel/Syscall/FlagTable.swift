/// The names that the kernel's headers give to the values of one kind of argument.
///
/// The corresponding C constants are of the same names. Where a number differs between architectures, the host's is in
/// the table.
public struct FlagTable: Sendable {
  enum Meaning: Sendable {
    /// One name for one value.
    case value
    /// A set of bits. Below `field`, the value is not a set of bits but a number with names of its own.
    case bits(field: UInt64, names: [(UInt64, String)])
  }

  let meaning: Meaning
  /// Ordered: a name that stands for several bits comes before the names of its parts.
  let entries: [(UInt64, String)]
  /// The name of the empty set.
  var empty: String?

  /// A table in which every value has its name.
  init(values: [(UInt64, String)]) {
    meaning = .value
    entries = values
  }

  /// A table of bits, of which those in `field` are a number that `names` explains.
  init(bits: [(UInt64, String)], field: UInt64 = 0, names: [(UInt64, String)] = [], empty: String? = nil) {
    meaning = .bits(field: field, names: names)
    entries = bits
    self.empty = empty
  }

  /// The names for a value; what has no name comes last, in hex. A set without members has no names as a rule.
  public func names(of value: UInt64) -> [String] {
    switch meaning {
    case .value:
      return [entries.first { $0.0 == value }?.1 ?? hex(value)]
    case .bits(let field, let fieldNames):
      var result: [String] = []
      if field != 0 {
        let number = value & field
        if let name = fieldNames.first(where: { $0.0 == number })?.1 {
          result.append(name)
        } else if number != 0 {
          result.append(hex(number))
        }
      }
      var rest = value & ~field
      for (bits, name) in entries where bits != 0 && rest & bits == bits {
        result.append(name)
        rest &= ~bits
      }
      if rest != 0 { result.append(hex(rest)) }
      if result.isEmpty, let empty { result.append(empty) }
      return result
    }
  }

  private func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}

extension SyscallRule.Role {
  /// The names of the values of such an argument, `nil` where it is no flag.
  public var flags: FlagTable? {
    switch self {
    case .openFlags, .openHow: .open
    case .atFlags: .at
    case .accessMode: .access
    case .renameFlags: .rename
    case .mountFlags: .mount
    case .cloneFlags: .clone
    case .cloneArguments: .cloneArguments
    case .unshareFlags: .unshare
    case .signal: .signal
    case .prctlOption: .prctl
    case .seccompOperation: .seccomp
    case .ptraceRequest: .ptrace
    case .clockID: .clock
    case .resource: .resource
    case .socketFamily: .socketFamily
    case .socketType: .socketType
    case .ioctlRequest: .ioctl
    default: nil
    }
  }
}
