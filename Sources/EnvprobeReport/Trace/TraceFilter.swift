import EnvprobeModel

/// Which events of a trace are listed, in the spelling of strace: `-e trace=%file,!openat`, `-e env=TZ,LC_*`, `-P path`.
public struct TraceFilter: Hashable, Sendable {
  /// Why an expression means nothing.
  public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
  }

  private struct Calls: Hashable {
    var names: Set<String> = []
    var classes: Set<SyscallClass> = []
    var isInverted = false

    func contains(_ name: String) -> Bool {
      (names.contains(name) || classes.contains { $0.contains(name) }) != isInverted
    }
  }

  /// Any of these sets of calls; `nil` where calls are not chosen by name.
  private var calls: [Calls]?
  private var variables: [String]?
  private var paths: [String]

  /// - Parameters:
  ///   - expressions: each `trace=SET`, `env=NAMES`, or a set alone, which is one of calls.
  ///   - paths: calls that name one of these, or something below it, and changes of such files.
  public init(expressions: [String] = [], paths: [String] = []) throws(Problem) {
    self.paths = paths
    for expression in expressions {
      let parts = expression.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      switch parts.count == 2 ? parts[0] : "trace" {
      case "trace", "t": calls = (calls ?? []) + [try Self.calls(parts.last!)]
      case "env": variables = (variables ?? []) + parts[1].split(separator: ",").map(String.init)
      default: throw Problem(description: "'\(parts[0])=' is no filter; there are trace= and env=")
      }
    }
  }

  private static func calls(_ text: String) throws(Problem) -> Calls {
    var result = Calls()
    var text = text[...]
    if text.first == "!" {
      result.isInverted = true
      text.removeFirst()
    }
    if text == "all" || text == "none" {
      result.isInverted = result.isInverted != (text == "all")
      return result
    }
    for word in text.split(separator: ",") {
      if word.first == "%" {
        guard let kind = SyscallClass(strace: String(word.dropFirst())) else {
          let all = SyscallClass.allCases.map { "%\($0.rawValue)" }.joined(separator: ", ")
          throw Problem(description: "'\(word)' is no class of system calls; there are \(all)")
        }
        result.classes.insert(kind)
      } else if word.first == "?" {
        result.names.insert(String(word.dropFirst()))
      } else {
        let name = String(word)
        // A call without a row may still be recorded, under its name; so only what looks like a slip is refused.
        if SyscallRule.named(name) == nil,
          let nearest = nearestName(to: name, among: SyscallRule.byName.keys.sorted())
        {
          throw Problem(
            description: "'\(name)' is no known system call; did you mean '\(nearest)'? ('?\(name)' if not)")
        }
        result.names.insert(name)
      }
    }
    if result.names.isEmpty, result.classes.isEmpty { throw Problem(description: "'\(text)' names no system call") }
    return result
  }

  /// Whether everything is listed.
  public var isEmpty: Bool { calls == nil && variables == nil && paths.isEmpty }
  /// Whether nothing but reads of variables is.
  public var isOfVariables: Bool { variables != nil && calls == nil && paths.isEmpty }

  /// - Parameter roots: where the folders of changes are, as the program sees them.
  func selects(_ event: Event, roots: (FileChange.Root) -> String) -> Bool {
    if isEmpty { return true }
    switch event.payload {
    case .syscall(let call):
      let named = call.arguments.compactMap { if case .path(let path) = $0 { path.value?.displayText } else { nil } }
      return selects(call: call.name, paths: named)
    case .exec(let call): return selects(call: "execve", paths: [call.path.value?.displayText].compactMap { $0 })
    case .file(let change):
      return !paths.isEmpty && isWithin(roots(change.root) + "/" + change.path.displayText)
    case .environmentRead(let read):
      guard let variables, let name = read.name.value?.displayText else { return false }
      return variables.contains { $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : name == $0 }
    default: return false
    }
  }

  private func selects(call: String, paths named: [String]) -> Bool {
    if !paths.isEmpty, !named.contains(where: isWithin) { return false }
    guard let calls else { return !paths.isEmpty }
    return calls.contains { $0.contains(call) }
  }

  private func isWithin(_ path: String) -> Bool {
    paths.contains { path == $0 || path.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
  }
}
