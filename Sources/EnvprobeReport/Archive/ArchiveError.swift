import EnvprobeModel

/// Why an archive cannot be written or read.
public struct ArchiveError: Error, Hashable, CustomStringConvertible {
  public enum Operation: String, Sendable { case write, read }

  public var operation: Operation
  /// The entry, or what else of the archive it is about.
  public var subject: String
  public var reason: String

  public init(_ operation: Operation, subject: String, reason: String) {
    self.operation = operation
    self.subject = subject
    self.reason = reason
  }

  public var description: String { "cannot \(operation.rawValue) \(VisibleText.escape(subject)): \(reason)" }
}
