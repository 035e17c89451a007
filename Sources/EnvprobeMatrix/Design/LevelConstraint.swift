import EnvprobeModel

/// Levels that must not come together, because the combination means nothing: no assignment of a design that makes
/// mixtures has them. Profiles are taken as they are.
public struct LevelConstraint: Hashable, Sendable {
  /// A condition on the level of one factor.
  public struct Term: Hashable, Sendable {
    public enum Condition: Hashable, Sendable {
      case unset, set
      case level(Level)
      /// A URL whose host is this machine.
      case loopback
    }
    public var factor: Factor
    public var condition: Condition

    public init(_ factor: Factor, _ condition: Condition) {
      self.factor = factor
      self.condition = condition
    }

    func holds(for level: Level?) -> Bool {
      switch condition {
      case .unset: level == nil
      case .set: level != nil
      case .level(let wanted): level == wanted
      case .loopback: level.map(Self.isLoopback) ?? false
      }
    }

    private static func isLoopback(_ level: Level) -> Bool {
      if case .endpoint(let url) = level { WebAddress(url)?.isLoopback ?? false } else { false }
    }
  }

  /// All of them together are ruled out.
  public var terms: [Term]
  /// Why; a clause.
  public var reason: String

  public init(_ terms: [Term], reason: String) {
    self.terms = terms
    self.reason = reason
  }

  /// What holds for every design that makes mixtures.
  public static let standard: [LevelConstraint] = [
    LevelConstraint(
      [Term(.proxy, .set), Term(.endpoint, .loopback)], reason: "a proxy needs an endpoint that it can reach")
  ]

  func allows(_ assignment: Assignment) -> Bool { !terms.allSatisfy { $0.holds(for: assignment[$0.factor]) } }

  /// As `--never` has it: `proxy=*,endpoint=` rules out any proxy where no endpoint is set. Settings as after `--set`,
  /// separated by commas; `*` is any level, nothing is none.
  public init(parsing text: String) throws(ProfileError) {
    var pieces: [String] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      // A comma inside a level begins no new setting.
      let name = part.prefix { $0 != "=" }
      if pieces.isEmpty || (part.contains("=") && Factor(name: String(name)) != nil) {
        pieces.append(part)
      } else {
        pieces[pieces.count - 1] += "," + part
      }
    }
    var terms: [Term] = []
    for piece in pieces {
      if piece.hasSuffix("=*"), let factor = Factor(name: String(piece.dropLast(2))) {
        terms.append(Term(factor, .set))
      } else {
        let setting = try Setting(parsing: piece)
        terms.append(Term(setting.factor, setting.level.map { .level($0) } ?? .unset))
      }
    }
    self.init(terms, reason: "--never \(text)")
  }
}
