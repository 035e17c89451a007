import ArgumentParser
import EnvprobeModel

/// The value of `--hooks`.
enum HookChoice: ExpressibleByArgument, Hashable, CustomStringConvertible {
  case off, auto
  case some([RuntimeHook])

  init?(argument: String) {
    switch argument {
    case "off": self = .off
    case "auto": self = .auto
    default:
      let names = argument.split(separator: ",", omittingEmptySubsequences: false)
      let hooks = names.compactMap { RuntimeHook(rawValue: String($0)) }
      guard hooks.count == names.count else { return nil }
      self = .some(hooks)
    }
  }

  var hooks: [RuntimeHook] {
    switch self {
    case .off: []
    case .auto: RuntimeHook.allCases
    case .some(let hooks): hooks
    }
  }

  var description: String {
    switch self {
    case .off: "off"
    case .auto: "auto"
    case .some(let hooks): hooks.map(\.rawValue).joined(separator: ",")
    }
  }
}
