import EnvprobeModel
import SystemPackage

/// Why something could not be recorded.
public struct RecorderError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being done, as in "cannot *listen for notifications*".
  public var operation: String
  public var subject: String?
  /// 0 where the cause is none of the kernel's.
  public var errno: Int32
  public var hint: String?

  public init(_ operation: String, subject: String? = nil, errno: Int32, hint: String? = nil) {
    self.operation = operation
    self.subject = subject
    self.errno = errno
    self.hint = hint
  }

  public var description: String {
    var text = "cannot \(operation)"
    if let subject { text += " \(subject)" }
    if errno != 0 { text += ": \(explanation(of: errno))" }
    if let hint { text += "\nhint: \(hint)" }
    return text
  }
}

/// `No such file or directory (ENOENT)`
func explanation(of errno: Int32) -> String {
  "\(SystemPackage.Errno(rawValue: errno)) (\(ErrnoName.name(of: errno)))"
}
