import Crypto
import EnvprobeModel

/// A value that comes in some runs of one level and in none without it: perhaps a trigger that works by chance.
///
/// The strict comparison masks what varies between repeats, and this with it. So it is looked for apart, in two steps: the
/// runs that are there say what may be such a value (``screen(_:)``), and only fresh runs, which had no part in the choice,
/// say whether it is (``finding(with:without:tested:reproduce:)``).
public struct RareValue: Sendable {
  /// The most that are tried again.
  public static let most = 3
  /// What fresh runs must not be more likely by chance than.
  public static let significance = 0.01
  /// As a screening is no proof, it is generous.
  static let screening = 0.12
  static let fewest = 2

  public let place: Place
  public let value: String
  /// The levels that all runs with the value have and no run without those levels: several where the arms do not tell
  /// them apart. In the factors' order.
  public let levels: [(factor: Factor, level: Level?)]
  /// The assignment that shows it most often, and one without the levels.
  public let showing: Assignment
  public let lacking: Assignment
  private let text: Text
  private let probability: Double

  /// What the runs of a comparison suggest, the most telling first.
  public static func screen(_ arms: [Arm]) -> [RareValue] {
    let arms = arms.filter { !$0.comparableRuns.isEmpty }
    let splits = self.splits(of: arms)
    guard let baseline = arms.first?.assignment, !splits.isEmpty else { return [] }
    var rows: [Place: [Text: [Int]]] = [:]
    for (index, arm) in arms.enumerated() {
      for run in arm.comparableRuns {
        for (place, content) in run.contents where content.tier == .trusted && content.shape != .order {
          for value in content.values.keys {
            rows[place, default: [:]][value, default: Array(repeating: 0, count: arms.count)][index] += 1
          }
        }
      }
    }
    var found: [RareValue] = []
    for (place, values) in rows {
      for (value, seen) in values {
        guard seen.reduce(0, +) >= fewest, let best = best(seen, of: arms, splits) else { continue }
        let members = arms.indices.filter { best.split.arms.contains($0) }
        let showing = members.max { seen[$0] < seen[$1] }!
        let lacking = arms.indices.first { !best.split.arms.contains($0) }!
        found.append(
          RareValue(
            place: place, value: value.string, levels: best.split.levels, showing: arms[showing].assignment,
            lacking: best.split.arms.contains(0) ? arms[lacking].assignment : baseline, text: value,
            probability: best.probability))
      }
    }
    // Values that come together are one behaviour: the first place stands for all.
    var known: Set<[String]> = []
    return found.sorted { ($0.probability, $0.place) < ($1.probability, $1.place) }
      .filter { known.insert($0.levels.map(\.factor.name) + ["\($0.probability)"]).inserted }
  }

  /// Arms that have some levels and the others have not.
  private struct Split {
    var arms: Set<Int>
    var levels: [(factor: Factor, level: Level?)]
  }

  private static func splits(of arms: [Arm]) -> [Split] {
    var result: [Set<Int>: Split] = [:]
    let factors = Set(arms.flatMap { arm in arm.assignment.differingFactors(from: arms[0].assignment) }).sorted()
    for factor in factors {
      for (level, members) in Dictionary(grouping: arms.indices, by: { arms[$0].assignment[factor] })
      where members.count < arms.count {
        result[Set(members), default: Split(arms: Set(members), levels: [])].levels.append((factor, level))
      }
    }
    return result.values.sorted { $0.arms.sorted().lexicographicallyPrecedes($1.arms.sorted()) }
  }

  /// The narrowest split outside of which the value never comes; `nil` where it comes in all runs of an arm, or anywhere.
  private static func best(_ seen: [Int], of arms: [Arm], _ splits: [Split]) -> (split: Split, probability: Double)? {
    let runs = arms.map { $0.comparableRuns.count }
    guard seen.indices.contains(where: { seen[$0] > 0 && seen[$0] < runs[$0] }) else { return nil }
    let all = runs.reduce(0, +)
    let candidates = splits.compactMap { split -> (split: Split, probability: Double)? in
      guard seen.indices.allSatisfy({ seen[$0] == 0 || split.arms.contains($0) }) else { return nil }
      let inside = split.arms.reduce(0) { $0 + runs[$1] }
      let test = ExactTest(seen: seen.reduce(0, +), of: inside, othersSeen: 0, of: all - inside)
      return test.probability <= screening ? (split, test.probability) : nil
    }
    return candidates.min { $0.probability < $1.probability }
  }

  /// What fresh runs show, where they confirm it; `nil` where they do not.
  ///
  /// - Parameters:
  ///   - with: fresh runs of ``showing``.
  ///   - without: fresh runs of ``lacking``.
  ///   - tested: how many values were tried again; the correction is Bonferroni's.
  public func finding(
    with: [RunObservations], without: [RunObservations], tested: Int, reproduce: [[String]]
  ) -> Finding? {
    func shows(_ run: RunObservations) -> Bool { run.contents[place]?.values[text] != nil }
    let seen = with.filter(shows).count
    guard seen > 0, !without.contains(where: shows) else { return nil }
    let test = ExactTest(seen: seen, of: with.count, othersSeen: 0, of: without.count)
    let probability = min(1, test.probability * Double(tested))
    guard probability <= Self.significance else { return nil }
    let causes = levels.count == 1 ? [[levels[0].factor]] : []
    let described =
      levels.count == 1
      ? "\(levels[0].factor) \(levels[0].level?.description ?? "unset")" : "these levels of \(levels.count) factors"
    let note =
      "seen in \(seen) of \(with.count) fresh runs with \(described), and in none of \(without.count) without"
      + (levels.count > 1 ? "; a design such as pairwise would tell the factors apart" : "")
    return Finding(
      id: id(causes), verdict: .unexplained, class: .undetermined, channel: place.channel, location: place.location,
      kind: .appears, causes: causes,
      partition: [
        part(levels.map { ($0.factor, lacking[$0.factor]) }, value: nil),
        part(levels.map { ($0.factor, $0.level) }, value: value),
      ],
      locations: [
        .init(channel: place.channel, location: place.location, kind: .appears, before: nil, after: value)
      ], differences: [], evidence: (with.filter(shows) + without).map(\.id), reproduce: reproduce, note: note,
      frequency: .init(
        seen: seen, runs: with.count, othersRuns: without.count, probability: probability, tested: tested))
  }

  private func part(_ levels: [(Factor, Level?)], value: String?) -> Finding.Part {
    Finding.Part(
      levels: Dictionary(uniqueKeysWithValues: levels.map { ($0.0.name, [$0.1?.description]) }), value: value)
  }

  private func id(_ causes: [[Factor]]) -> String {
    let text = ["rare", place.channel.rawValue, place.location, causes.map { $0.map(\.name).joined() }.joined()]
    return Hexadecimal.encode(SHA256.hash(data: Array(text.joined(separator: "\n").utf8)).prefix(6))
  }
}
