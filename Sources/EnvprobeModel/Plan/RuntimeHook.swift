/// Code of envprobe's own that a language runtime runs before the program's, and that tells which variables the program's
/// code looks at.
///
/// Some runtimes copy the whole environment when they start: outside of them, only that can be seen. A hook sees every
/// look at the copy, and where in the source it was made. The program can see the hook, too: in its environment, in what
/// its runtime has loaded, and in how its environment object behaves.
public enum RuntimeHook: String, Hashable, Sendable, Codable, CaseIterable {
  case bun, node, python

  /// The variable that makes the runtime run it.
  public var variable: String {
    switch self {
    case .bun: "BUN_OPTIONS"
    case .node: "NODE_OPTIONS"
    case .python: "PYTHONPATH"
    }
  }

  /// What that variable has to be, where the program was to be given `existing`.
  public func chained(onto existing: String?) -> String {
    let existing = existing.flatMap { $0.isEmpty ? nil : $0 }
    switch self {
    case .bun: return (existing.map { $0 + " " } ?? "") + "--preload \(Self.folder)/preload.js"
    case .node: return (existing.map { $0 + " " } ?? "") + "--require \(Self.folder)/preload.js"
    case .python: return "\(Self.folder)/python" + (existing.map { ":" + $0 } ?? "")
    }
  }

  /// Where the hooks are inside.
  public static let folder = "/etc/envprobe"

  /// What they tell is a path below this one, which does not exist: they ask whether it does, and the recorder of system
  /// calls reads the path. Nothing is written, opened or inherited.
  public static let reports = folder + "/report/"

  /// The file that is put below `/etc`.
  var file: PlannedFile {
    switch self {
    case .bun, .node: PlannedFile("envprobe/preload.js", .text(Self.scriptSource))
    case .python: PlannedFile("envprobe/python/sitecustomize.py", .text(Self.pythonSource))
    }
  }
}

extension Plan {
  /// Adds hooks: their files, and what makes the runtimes run them.
  mutating func add(_ hooks: [RuntimeHook]) {
    for hook in RuntimeHook.allCases where hooks.contains(hook) {
      if !commonEtc.contains(hook.file) { commonEtc.append(hook.file) }
      let index = environment.firstIndex { $0.name == hook.variable }
      let value = hook.chained(onto: index.map { environment[$0].value })
      if let index {
        environment[index].value = value
      } else {
        environment.append(.init(name: hook.variable, value: value))
      }
    }
  }
}
