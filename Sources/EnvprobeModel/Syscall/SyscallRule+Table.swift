extension SyscallRule {
  /// Every call that is known by its arguments' roles, once.
  ///
  /// A name need not exist on every architecture; one that exists on none is an error of the table, which a test finds.
  public static let all: [SyscallRule] =
    files + links + attributes + descriptors + network + processes + signals + identity + memory + time + ipc + system
    + denied + compat

  /// The rows by name.
  public static let byName: [String: SyscallRule] = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The row of a call, `nil` where it has none: such a call is recorded, with its raw numbers.
  public static func named(_ name: String) -> SyscallRule? { byName[name] }
}
