import EnvprobeModel

/// How the assignments of a matrix are chosen from the levels that profiles offer.
///
/// Its text is what `--design` takes and what reports say: `pairwise`, `t=3`, `sweep timezone`.
public enum DesignKind: Hashable, Sendable {
  /// The profiles as they are.
  case profiles
  /// The baseline with one level of one factor changed at a time.
  case oneAtATime
  /// Few assignments in which every combination of levels of so many factors occurs.
  case covering(strength: Int)
  /// Every combination.
  case full
  /// The baseline with one level after the other of one factor.
  case sweep(Factor)

  /// What `--design` takes, for help texts.
  public static let choices = ["profiles", "one-at-a-time", "pairwise", "t=3", "full", "sweep"]

  /// `nil` for what is none; a sweep needs its factor: `sweep timezone`.
  public init?(_ text: String) {
    switch text {
    case "profiles": self = .profiles
    case "one-at-a-time": self = .oneAtATime
    case "pairwise": self = .covering(strength: 2)
    case "full": self = .full
    default:
      if text.hasPrefix("t="), let strength = Int(text.dropFirst(2)), (1...6).contains(strength) {
        self = .covering(strength: strength)
      } else if text.hasPrefix("sweep "), let factor = Factor(name: String(text.dropFirst(6))) {
        self = .sweep(factor)
      } else {
        return nil
      }
    }
  }

  /// The factor that is swept.
  public var sweptFactor: Factor? { if case .sweep(let factor) = self { factor } else { nil } }

  /// What differences the design can bring to light, and which it cannot; sentences.
  public var power: (detects: String, misses: String) {
    switch self {
    case .profiles:
      (
        "Whatever depends on any levels in which the profiles differ, in just the combinations that they have.",
        "What needs a combination that no profile has."
      )
    case .oneAtATime:
      (
        "Whatever a single level brings about, all else being as in the baseline.",
        "What needs two levels together."
      )
    case .covering(let strength):
      (
        strength == 1
          ? "Whatever a single level brings about."
          : "Whatever \(Self.number(strength)) levels or fewer bring about together.",
        "What needs \(Self.number(strength + 1)) levels or more together is found only by chance."
      )
    case .full:
      ("Whatever any combination of the levels brings about.", "What needs a level that no profile offers.")
    case .sweep(let factor):
      (
        "Which levels of \(factor) give which behaviour, all else being as in the baseline.",
        "What shows only together with other levels of other factors; choose the profile that shows it as the baseline."
      )
    }
  }

  private static func number(_ value: Int) -> String {
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven"]
    return words.indices.contains(value) ? words[value] : String(value)
  }
}

extension DesignKind: CustomStringConvertible {
  public var description: String {
    switch self {
    case .profiles: "profiles"
    case .oneAtATime: "one-at-a-time"
    case .covering(2): "pairwise"
    case .covering(let strength): "t=\(strength)"
    case .full: "full"
    case .sweep(let factor): "sweep \(factor)"
    }
  }
}

extension DesignKind: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let kind = DesignKind(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown design '\(text)'")
    }
    self = kind
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
