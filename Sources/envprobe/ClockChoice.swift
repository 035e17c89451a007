import ArgumentParser
import EnvprobeModel

/// What the program's clock shows at the start, as `--clock` has it.
enum ClockChoice: ExpressibleByArgument, Hashable {
  case host
  case instant(Instant)

  init?(argument: String) {
    if argument == "host" {
      self = .host
    } else if let instant = Instant(argument) {
      self = .instant(instant)
    } else {
      return nil
    }
  }

  /// As the user would write it.
  var text: String {
    switch self {
    case .host: "host"
    case .instant(let instant): instant.text
    }
  }
}
