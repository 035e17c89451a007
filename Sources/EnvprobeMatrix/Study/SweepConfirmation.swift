import EnvprobeCompare
import EnvprobeModel

/// Which levels of a sweep need to run again before the groups that they form are believed.
///
/// A sweep runs each level once, and only the baseline often enough to know what chance does. So whatever sets a few
/// levels apart is tried again at every one of them, and the large groups at some of their members. What was chance shows
/// itself by a repeat that disagrees, is masked from then on, and the levels fall together again; so this is asked again
/// after each round, until it wants nothing.
struct SweepConfirmation {
  /// Groups of up to so many levels are tried again one by one; of larger ones so many members are.
  static let sampled = 24
  static let sampledOfLargest = 8
  /// Differences with more behaviours than this follow the level itself, and no boundary is to be found in them.
  static let manyBehaviours = 16
  static let rounds = 4

  /// What a reader must know of every sweep.
  static let remark =
    "A sweep compares only where equal runs are equal: telemetry, order, counts and connections were not looked at. Levels "
    + "in large groups ran once each; what a level does only now and then was not looked for."

  let repeats: Int

  /// The runs that are wanted, those that exist included.
  func experiments(for comparison: Comparison, seed: UInt64) -> [Experiment] {
    var generator = SeededGenerator(seed: seed)
    var wanted: [Int: Int] = [:]
    for candidate in comparison.candidates where Self.isConsidered(candidate) {
      guard candidate.classCount <= Self.manyBehaviours else { continue }
      let groups = (0..<candidate.classCount).map { candidate.arms(in: $0) }
      let largest = groups.indices.max { groups[$0].count < groups[$1].count }
      for (index, group) in groups.enumerated() {
        let count = index == largest ? Self.sampledOfLargest : Self.sampled
        let members = group.count <= count && index != largest ? group : Array(generator.shuffled(group).prefix(count))
        for arm in members { wanted[arm] = repeats }
      }
    }
    return wanted.keys.sorted().filter { comparison.arms[$0].runs.count < repeats }
      .map { Experiment(assignment: comparison.arms[$0].assignment, repeats: repeats) }
  }

  /// A sweep looks only where equal runs are equal: at the rest, one run of each level says nothing.
  static func isConsidered(_ candidate: EnvprobeCompare.Candidate) -> Bool { candidate.tier == .trusted }
}
