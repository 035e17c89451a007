import EnvprobeModel

/// A duration that is longer with some level: a program that waits where others do not.
///
/// Durations vary in every run, and a busy machine stretches them. So the medians must lie further apart than
/// ``factor`` times the spread of either side and than ``least`` seconds, chance must be unlikely by the ranks, and fresh
/// runs must show the same. Even so it is the weakest sort of evidence: alone it decides nothing, unless asked for.
public struct TimingShift: Suspicion {
  /// The most that are tried again.
  public static let most = 2
  /// The effect against the noise: the median absolute deviation, of the side where it is larger.
  public static let factor = 5.0
  /// Seconds. Shorter ones are what machines do.
  public static let least = 0.05
  static let screening = 0.05

  public let place: Place
  public let levels: [(factor: Factor, level: Level?)]
  public let showing: Assignment
  public let lacking: Assignment
  public let outcomes: [Attribution.Outcome]
  private let duration: String
  private let test: Double

  /// What the runs of a comparison suggest, the most telling first.
  public static func screen(_ arms: [Arm]) -> [TimingShift] {
    let arms = arms.filter { !$0.comparableRuns.isEmpty }
    let splits = LevelSplit.splits(of: arms)
    let durations = Set(arms.flatMap { $0.comparableRuns.flatMap(\.durations.keys) })
    var found: [(shift: TimingShift, median: Double)] = []
    let tested = max(1, splits.count)
    for duration in durations.sorted() {
      for split in splits {
        let inside = split.arms.sorted().flatMap { arms[$0].comparableRuns.compactMap { $0.durations[duration] } }
        let outside = arms.indices.filter { !split.arms.contains($0) }
          .flatMap { arms[$0].comparableRuns.compactMap { $0.durations[duration] } }
        guard inside.count > 2, outside.count > 2, exceedsNoise(inside, outside) else { continue }
        let test = RankTest(high: inside, low: outside).probability
        guard test * Double(tested) <= screening else { continue }
        let showing = arms[split.arms.min()!].assignment
        found.append(
          (
            TimingShift(
              place: Place(.timing, duration), levels: split.levels, showing: showing,
              lacking: split.lacking(arms, against: showing),
              outcomes: split.outcomes(arms), duration: duration, test: test), median(inside) - median(outside)
          ))
      }
    }
    // The strongest split stands for a duration.
    var known: Set<String> = []
    return found.sorted { ($0.shift.test, $1.median, $0.shift.place) < ($1.shift.test, $0.median, $1.shift.place) }
      .map(\.shift).filter { known.insert($0.duration).inserted }
  }

  /// Whether the first are longer by more than either side varies.
  private static func exceedsNoise(_ high: [Double], _ low: [Double]) -> Bool {
    let effect = median(high) - median(low)
    return effect >= least && effect >= factor * max(deviation(high), deviation(low))
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  private static func deviation(_ values: [Double]) -> Double {
    let center = median(values)
    return median(values.map { abs($0 - center) })
  }

  // MARK: Confirmation

  public func probability(with: [RunObservations], without: [RunObservations], tested: Int) -> Double? {
    let (high, low) = (with.compactMap { $0.durations[duration] }, without.compactMap { $0.durations[duration] })
    guard high.count > 2, low.count > 2, Self.exceedsNoise(high, low) else { return nil }
    return significant(RankTest(high: high, low: low).probability, tested: tested)
  }

  public func finding(
    with: [RunObservations], without: [RunObservations], causes: [Factor], tested: Int, reproduce: [[String]]
  ) -> Finding? {
    guard let probability = probability(with: with, without: without, tested: tested) else { return nil }
    let (high, low) = (with.compactMap { $0.durations[duration] }, without.compactMap { $0.durations[duration] })
    let (before, after) = (Self.text(Self.median(low)), Self.text(Self.median(high)))
    let causes = causes.count == 1 ? [causes] : []
    let bound = Self.median(low) + (Self.median(high) - Self.median(low)) / 2
    return Finding(
      id: id("timing", causes), verdict: .unexplained, class: findingClass(causes.first ?? []).class, channel: .timing,
      location: place.location, kind: .changed, causes: causes, partition: partition(value: after),
      locations: [.init(channel: .timing, location: place.location, kind: .changed, before: before, after: after)],
      differences: [], evidence: (with + without).map(\.id), reproduce: reproduce,
      note:
        "the median of \(high.count) fresh runs with \(describedLevels) is \(after), of \(low.count) without \(before): "
        + "more than \(Int(Self.factor)) times what either side varies; a duration alone decides nothing, unless "
        + "--fail-on timing asks for it",
      frequency: .init(
        seen: high.count { $0 > bound }, runs: high.count, othersSeen: low.count { $0 > bound }, othersRuns: low.count,
        probability: probability, tested: tested, feature: "it takes longer than \(Self.text(bound))"))
  }

  private static func text(_ seconds: Double) -> String { "\(Int((seconds * 1000).rounded())) ms" }
}
