import Crypto
import EnvprobeModel

/// A value that comes in some runs of one level and in none without it: perhaps a trigger that works by chance.
///
/// The strict comparison masks what varies between repeats, and this with it. So it is looked for apart, in two steps: the
/// runs that are there say what may be such a value (``screen(_:)``), and only fresh runs, which had no part in the choice,
/// say whether it is (``finding(with:without:causes:tested:reproduce:)``).
public struct RareValue: Suspicion {
  /// The most that are tried again.
  public static let most = 3
  /// As a screening is no proof, it is generous.
  static let screening = 0.15
  /// So many values that come once each at one place are the many faces of chance.
  static let fewestOfChance = 4

  /// What comes now and then.
  private enum Sign: Hashable, Sendable {
    case value(Text)
    /// A value so many times in one run.
    case count(Text, Int)
    /// Any line of this signature: one that holds an id or a number of its own each time.
    case like(Text)

    var text: String {
      switch self {
      case .value(let text), .like(let text): text.string
      case .count(let text, let count): "\(text.string) (\(count) times)"
      }
    }

    /// The signs of what a run shows at a place.
    static func signs(of content: PlaceContent) -> Set<Sign> {
      var result: Set<Sign> = []
      for (value, count) in content.values {
        result.insert(.value(value))
        if count > 1, content.shape == .values { result.insert(.count(value, count)) }
        let signature = TokenShape(value.string).signature
        if signature != value { result.insert(.like(signature)) }
      }
      return result
    }
  }

  public let place: Place
  /// In the factors' order.
  public let levels: [(factor: Factor, level: Level?)]
  /// The assignment that shows it most often, and one without the levels.
  public let showing: Assignment
  public let lacking: Assignment
  public let outcomes: [Attribution.Outcome]
  private let sign: Sign
  private let tier: Observation.Tier
  private let probability: Double

  public var value: String { sign.text }

  /// What the runs of a comparison suggest, the most telling first.
  public static func screen(_ arms: [Arm]) -> [RareValue] {
    let arms = arms.filter { !$0.comparableRuns.isEmpty }
    let splits = LevelSplit.splits(of: arms)
    guard !splits.isEmpty else { return [] }
    var found: [RareValue] = []
    for (place, signs) in rows(of: arms) {
      // A sign of each run is chance; what comes now and then stands beside few of its kind.
      let single = signs.rows.values.count { $0.reduce(0, +) == 1 }
      for (sign, seen) in signs.rows {
        if seen.reduce(0, +) == 1, single >= fewestOfChance { continue }
        guard let best = best(seen, of: arms, splits) else { continue }
        let members = arms.indices.filter { best.split.arms.contains($0) }
        let showing = arms[members.max { seen[$0] < seen[$1] }!].assignment
        found.append(
          RareValue(
            place: place, levels: best.split.levels, showing: showing,
            lacking: best.split.lacking(arms, against: showing), outcomes: best.split.outcomes(arms), sign: sign,
            tier: signs.tier, probability: best.probability))
      }
    }
    // Values that come together are one behaviour: the first place stands for all.
    var known: Set<[String]> = []
    return found.sorted {
      ($0.tier == .trusted ? 0 : 1, $0.probability, $0.place, Text($0.value))
        < ($1.tier == .trusted ? 0 : 1, $1.probability, $1.place, Text($1.value))
    }.filter { known.insert($0.levels.map(\.factor.name) + ["\($0.probability)"]).inserted }
  }

  /// By place and sign: how many runs of each arm show it. Only places where the repeats of some arm differ.
  private static func rows(of arms: [Arm]) -> [Place: (tier: Observation.Tier, rows: [Sign: [Int]])] {
    var result: [Place: (tier: Observation.Tier, rows: [Sign: [Int]])] = [:]
    for place in NoisyCarrier.noisyPlaces(of: arms.map(\.comparableRuns), includingAbsence: true) {
      var rows: [Sign: [Int]] = [:]
      var tier = Observation.Tier.trusted
      for (index, arm) in arms.enumerated() {
        for content in arm.comparableRuns.compactMap({ $0.contents[place] }) {
          if content.tier == .low { tier = .low }
          for sign in Sign.signs(of: content) {
            rows[sign, default: Array(repeating: 0, count: arms.count)][index] += 1
          }
        }
      }
      result[place] = (tier, rows)
    }
    return result
  }

  /// The narrowest split outside of which the value never comes; `nil` where it comes in all runs of an arm, or anywhere.
  private static func best(
    _ seen: [Int], of arms: [Arm], _ splits: [LevelSplit]
  ) -> (split: LevelSplit, probability: Double)? {
    let runs = arms.map { $0.comparableRuns.count }
    guard seen.indices.contains(where: { seen[$0] > 0 && seen[$0] < runs[$0] }) else { return nil }
    let all = runs.reduce(0, +)
    let candidates = splits.compactMap { split -> (split: LevelSplit, probability: Double)? in
      guard seen.indices.allSatisfy({ seen[$0] == 0 || split.arms.contains($0) }) else { return nil }
      let inside = split.arms.reduce(0) { $0 + runs[$1] }
      let test = ExactTest(seen: seen.reduce(0, +), of: inside, othersSeen: 0, of: all - inside)
      return test.probability <= screening ? (split, test.probability) : nil
    }
    return candidates.min { $0.probability < $1.probability }
  }

  // MARK: Confirmation

  private func shows(_ run: RunObservations) -> Bool {
    run.contents[place].map { Sign.signs(of: $0).contains(sign) } ?? false
  }

  public func probability(with: [RunObservations], without: [RunObservations], tested: Int) -> Double? {
    let seen = with.filter(shows).count
    guard seen > 0, !without.contains(where: shows) else { return nil }
    let test = ExactTest(seen: seen, of: with.count, othersSeen: 0, of: without.count)
    return significant(test.probability, tested: tested)
  }

  public func finding(
    with: [RunObservations], without: [RunObservations], causes: [Factor], tested: Int, reproduce: [[String]]
  ) -> Finding? {
    guard let probability = probability(with: with, without: without, tested: tested) else { return nil }
    let seen = with.filter(shows).count
    let causes = causes.count == 1 ? [causes] : []
    let kind = findingClass(causes.first ?? [])
    let note =
      "seen in \(seen) of \(with.count) fresh runs with \(describedLevels), and in none of \(without.count) without"
      + (causes.isEmpty ? "; a design such as pairwise would tell the factors apart" : "")
      + (kind.note.map { "; \($0)" } ?? "")
    return Finding(
      id: id("rare", causes), verdict: .unexplained, class: kind.class, channel: place.channel,
      location: place.location, kind: .appears, causes: causes, partition: partition(value: value),
      locations: [
        .init(channel: place.channel, location: place.location, kind: .appears, before: nil, after: value)
      ], differences: [], evidence: (with.filter(shows) + without).map(\.id), reproduce: reproduce, note: note,
      frequency: .init(
        seen: seen, runs: with.count, othersRuns: without.count, probability: probability, tested: tested))
  }
}
