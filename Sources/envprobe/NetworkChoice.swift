import ArgumentParser
import EnvprobeRecorder
import EnvprobeWire
import FoundationEssentials

/// Who answers what the program sends: the value of `--net`.
enum NetworkChoice: Hashable, ExpressibleByArgument, CustomStringConvertible {
  case scripted
  case live
  case replay(String)
  case none

  init?(argument: String) {
    switch argument {
    case "scripted": self = .scripted
    case "live": self = .live
    case "none": self = .none
    default:
      guard argument.hasPrefix("replay="), argument.utf8.count > "replay=".utf8.count else { return nil }
      self = .replay(String(argument.dropFirst("replay=".count)))
    }
  }

  var description: String {
    switch self {
    case .scripted: "scripted"
    case .live: "live"
    case .replay(let bundle): "replay=\(bundle)"
    case .none: "none"
    }
  }

  static var allValueStrings: [String] { ["scripted", "live", "replay=", "none"] }

  /// The bundle that is replayed.
  var bundle: String? { if case .replay(let bundle) = self { bundle } else { nil } }

  /// - Parameter hosts: those that may be reached live.
  func origin(allowing hosts: [String] = []) throws -> AnswerOrigin {
    switch self {
    case .scripted, .none: return .scenario
    case .replay(let bundle): return .replay(Recording(try BundleReader.read(bundle)))
    case .live:
      let environment = ProcessInfo.processInfo.environment
      let proxies = ProxySettings(environment: environment)
      if let name = proxies.unusable {
        throw UsageError("\(name) names a proxy that cannot be used; --net live knows http:// proxies only")
      }
      return .live(
        LiveAccess(allowedHosts: hosts, proxies: proxies, trustFile: environment["SSL_CERT_FILE"]))
    }
  }
}
