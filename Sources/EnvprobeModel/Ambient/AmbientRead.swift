/// Something about the place that a program can learn without being told, and every way in which it shows in a trace.
///
/// One row serves `show --ambient`, the summary of a run, and the reference page.
public struct AmbientRead: Hashable, Sendable {
  /// A system call, and a flag that it must have where one is named: `SIOCGIF*` is any that begins so.
  public struct Call: Hashable, Sendable {
    public var name: String
    public var flag: String?

    public init(_ name: String, _ flag: String? = nil) {
      self.name = name
      self.flag = flag
    }

    /// As in `ioctl SIOCGIF*`.
    public var text: String { flag.map { "\(name) \($0)" } ?? name }

    func matches(_ call: SyscallCall) -> Bool {
      guard call.name == name else { return false }
      guard let flag else { return true }
      let prefix = flag.hasSuffix("*") ? flag.dropLast() : nil
      for case .flags(let names) in call.arguments {
        if names.contains(where: { name in prefix.map { name.hasPrefix($0) } ?? (name == flag) }) { return true }
      }
      return false
    }
  }

  /// What it is about: `time zone`.
  public var subject: String
  /// The factor that decides what the program finds; `nil` where it is the same in every run, or the host's.
  public var factor: Factor?
  public var paths: [PathPattern]
  /// Names of environment variables; one that ends in `*` is all that begin so.
  public var variables: [String]
  public var calls: [Call]
  /// Functions of language runtimes, as a ``RuntimeCall`` names them; one that ends in `*` is all that begin so.
  public var functions: [String]

  init(
    _ subject: String, _ factor: Factor? = nil, paths: [PathPattern] = [], variables: [String] = [], calls: [Call] = [],
    functions: [String] = []
  ) {
    self.subject = subject
    self.factor = factor
    self.paths = paths
    self.variables = variables
    self.calls = calls
    self.functions = functions
  }

  public func covers(path: String, home: String) -> Bool { paths.contains { $0.matches(path, home: home) } }

  public func covers(variable: String) -> Bool {
    variables.contains { $0.hasSuffix("*") ? variable.hasPrefix($0.dropLast()) : variable == $0 }
  }

  public func covers(function: String) -> Bool {
    functions.contains { $0.hasSuffix("*") ? function.hasPrefix($0.dropLast()) : function == $0 }
  }

  /// The row's call that a system call is an instance of.
  public func call(_ call: SyscallCall) -> Call? { calls.first { $0.matches(call) } }
}
