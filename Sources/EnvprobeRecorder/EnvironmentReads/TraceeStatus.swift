/// What `/proc/PID/status` tells of a process.
struct TraceeStatus {
  private let fields: StatusFields

  /// `nil` where there is no such process.
  init?(_ id: Int32) {
    guard let fields = StatusFields(id) else { return nil }
    self.fields = fields
  }

  var parent: Int32 { Int32(truncatingIfNeeded: fields["PPid:"].last ?? 0) }
  /// The process id in the innermost namespace.
  var insideID: Int? { fields["NSpid:"].last }
  /// How many system call filters it has (since Linux 5.9).
  var filterCount: Int? { fields["Seccomp_filters:"].last }
}
