import Crypto
import EnvprobeModel

/// Something that the runs which are there suggest of some levels, and that fresh runs, which had no part in the choice,
/// are to decide.
public protocol Suspicion: Sendable {
  var place: Place { get }
  /// The levels that all runs which show it have, and no run without them: several where the arms do not tell them apart.
  var levels: [(factor: Factor, level: Level?)] { get }
  /// An assignment that has the levels and one without.
  var showing: Assignment { get }
  var lacking: Assignment { get }

  /// The arms of the design as those that have the levels and those that do not.
  var outcomes: [Attribution.Outcome] { get }

  /// How likely chance is to make fresh runs so, corrected for what was tried; `nil` where that is not small.
  ///
  /// - Parameter tested: how many suspicions were tried again; the correction is Bonferroni's.
  func probability(with: [RunObservations], without: [RunObservations], tested: Int) -> Double?

  /// What fresh runs show, where they confirm it; `nil` where they do not.
  ///
  /// - Parameters:
  ///   - with: fresh runs of ``showing``.
  ///   - without: fresh runs of ``lacking``.
  ///   - causes: those factors of ``levels`` that bring it about alone.
  func finding(
    with: [RunObservations], without: [RunObservations], causes: [Factor], tested: Int, reproduce: [[String]]
  ) -> Finding?
}

extension Suspicion {
  /// What fresh runs must not be more likely by chance than, corrected.
  public static var significance: Double { 0.01 }

  /// The assignments that tell which of several factors does it: what lacks the levels, with one of them each.
  public var experiments: [(factor: Factor, assignment: Assignment)] {
    levels.count < 2 ? [] : levels.map { ($0.factor, lacking.taking([$0.factor], from: showing)) }
  }

  /// A probability after Bonferroni's correction; `nil` where chance is not unlikely enough.
  func significant(_ probability: Double, tested: Int) -> Double? {
    let corrected = min(1, probability * Double(tested))
    return corrected <= Self.significance ? corrected : nil
  }

  /// Whether it would only tell that some factor is set, whatever to.
  public var isAboutPresence: Bool { findingClass([]).class == .presence }

  /// - Parameter causes: as far as they are known; else any of the levels may be the cause.
  func findingClass(_ causes: [Factor]) -> FindingClass {
    FindingClass(factors: causes.isEmpty ? levels.map(\.factor) : causes, outcomes: outcomes)
  }

  var describedLevels: String {
    levels.count == 1
      ? "\(levels[0].factor) \(levels[0].level?.description ?? "unset")" : "these levels of \(levels.count) factors"
  }

  func partition(value: String) -> [Finding.Part] {
    func part(_ levels: [(Factor, Level?)], _ value: String?) -> Finding.Part {
      Finding.Part(
        levels: Dictionary(uniqueKeysWithValues: levels.map { ($0.0.name, [$0.1?.description]) }), value: value)
    }
    return [
      part(levels.map { ($0.factor, lacking[$0.factor]) }, nil), part(levels.map { ($0.factor, $0.level) }, value),
    ]
  }

  /// The same for the same thing in another matrix.
  func id(_ kind: String, _ causes: [[Factor]]) -> String {
    let text = [kind, place.channel.rawValue, place.location, causes.map { $0.map(\.name).joined() }.joined()]
    return Hexadecimal.encode(SHA256.hash(data: Array(text.joined(separator: "\n").utf8)).prefix(6))
  }
}
