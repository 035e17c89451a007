import EnvprobeModel

/// Why a bundle could not be written or read.
public struct BundleError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being done, as in "cannot *write* PATH".
  public var operation: String
  /// The file or folder, with `:line` where a line of it is meant.
  public var subject: String
  /// 0 where the cause is none of the kernel's.
  public var errno: Int32
  /// What is wrong, where `errno` does not say it.
  public var detail: String?
  public var hint: String?

  public init(_ operation: String, subject: String, errno: Int32 = 0, detail: String? = nil, hint: String? = nil) {
    self.operation = operation
    self.subject = subject
    self.errno = errno
    self.detail = detail
    self.hint = hint
  }

  public var description: String {
    var text = "cannot \(operation) \(subject)"
    if let detail { text += ": \(detail)" }
    if errno != 0 { text += ": \(explanation(of: errno))" }
    if let hint { text += "\nhint: \(hint)" }
    return text
  }
}
