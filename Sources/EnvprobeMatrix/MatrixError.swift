/// Why a matrix cannot go on.
public struct MatrixError: Error, Hashable, Sendable {
  public enum Operation: String, Sendable {
    case plan = "plan the matrix"
    case resume = "resume"
    case readJournal = "read the journal"
    case writeJournal = "write the journal"
    case prepare = "prepare"
    case execute = "execute"
    case attribute = "attribute"
  }

  public var operation: Operation
  /// What it was done to: a path, a profile's name, a run's id.
  public var subject: String
  /// The kernel's reason, where there is one.
  public var errno: CInt?
  /// The reason in words.
  public var reason: String
  public var hint: String?

  public init(_ operation: Operation, subject: String, errno: CInt? = nil, reason: String, hint: String? = nil) {
    self.operation = operation
    self.subject = subject
    self.errno = errno
    self.reason = reason
    self.hint = hint
  }
}

extension MatrixError: CustomStringConvertible {
  /// `cannot resume out: the command differs…`, and the hint on a line of its own.
  public var description: String {
    let what = subject.isEmpty ? operation.rawValue : "\(operation.rawValue) \(subject)"
    let text = "cannot \(what): \(reason)" + (errno.map { " (errno \($0))" } ?? "")
    return hint.map { "\(text)\nhint: \($0)" } ?? text
  }
}
