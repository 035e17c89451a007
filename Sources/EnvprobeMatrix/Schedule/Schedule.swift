import EnvprobeModel

/// The order in which runs are made.
///
/// Arms are interleaved: every assignment runs once before any runs again, so that whatever drifts while a matrix is
/// going on (load, caches, the time of day) hits all arms alike. Within a round the order is shuffled, so that no arm
/// always follows the same other; the seed makes it repeatable.
public struct Schedule: Hashable, Sendable {
  /// One run per assignment in each, in order.
  public private(set) var rounds: [[PlannedRun]]

  public var runs: [PlannedRun] { rounds.flatMap { $0 } }

  /// The runs of a design.
  /// - Parameter repeats: how often each assignment runs, at least once.
  public init(of design: Design, repeats: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    rounds = (1...max(repeats, 1)).map { repetition in
      generator.shuffled(design.arms.map { Self.run(of: $0, repetition: repetition) })
    }
    if design.kind.sweptFactor != nil {
      spread(design.baseline, repeats: Self.repeats(ofBaseline: design, repeats: repeats))
    }
  }

  /// How often the baseline of a sweep runs: it alone tells what chance does.
  static let baselineRepeats = 5

  /// How often the baseline of a design runs in it.
  static func repeats(ofBaseline design: Design, repeats: Int) -> Int {
    design.kind.sweptFactor == nil ? max(repeats, 1) : max(repeats, baselineRepeats)
  }

  /// Puts the further runs of an arm evenly into the last round.
  private mutating func spread(_ arm: Design.Arm, repeats: Int) {
    let more = (rounds.count + 1..<max(repeats, rounds.count) + 1).map { Self.run(of: arm, repetition: $0) }
    guard var last = rounds.popLast(), !more.isEmpty else { return }
    let step = max(1, last.count / more.count)
    for (index, run) in more.enumerated().reversed() { last.insert(run, at: min(last.count, index * step)) }
    rounds.append(last)
  }

  static func run(of arm: Design.Arm, repetition: Int) -> PlannedRun {
    PlannedRun(
      id: RunName.run(of: RunName.folder(for: arm.name), repetition: repetition),
      profile: arm.isProfile ? arm.name : nil, assignment: arm.assignment, repetition: repetition)
  }

  /// Groups of runs of one assignment each, interleaved: the first of every group, then the second…
  public init(interleaving groups: [[PlannedRun]], seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    rounds = (0..<(groups.map(\.count).max() ?? 0)).map { index in
      generator.shuffled(groups.compactMap { $0.indices.contains(index) ? $0[index] : nil })
    }
  }
}
