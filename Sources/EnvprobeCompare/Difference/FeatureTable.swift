/// The values of one place, with how often each run showed each of them.
struct FeatureTable: Sendable {
  var counts: [Text: [Int]] = [:]
  let runCount: Int
  let armRanges: [Range<Int>]

  init(runCount: Int, armRanges: [Range<Int>]) {
    self.runCount = runCount
    self.armRanges = armRanges
  }

  mutating func add(_ value: Text, _ count: Int, run: Int) {
    counts[value, default: Array(repeating: 0, count: runCount)][run] += count
  }

  /// Whether every run shows everything equally often.
  var isConstant: Bool { counts.values.allSatisfy { counts in counts.allSatisfy { $0 == counts[0] } } }

  /// Drops what every run shows equally often.
  mutating func dropConstants() {
    counts = counts.filter { _, counts in !counts.allSatisfy { $0 == counts[0] } }
  }

  /// Where it is chance how often a value occurs, but not whether it does, only the latter is kept.
  mutating func clipUnstableCounts() {
    for (value, row) in counts where !isConstantWithinArms(row) {
      let clipped = row.map { min($0, 1) }
      if isConstantWithinArms(clipped) { counts[value] = clipped }
    }
  }

  func isConstantWithinArms(_ row: [Int]) -> Bool {
    armRanges.allSatisfy { arm in arm.isEmpty || row[arm].allSatisfy { $0 == row[arm.lowerBound] } }
  }

  /// The values that some arm's repeats do not agree on.
  var unstable: Set<Text> { Set(counts.filter { !isConstantWithinArms($0.value) }.keys) }

  /// By arm, for a value that is stable.
  func byArm(_ value: Text) -> [Int] { armRanges.map { $0.isEmpty ? 0 : counts[value]![$0.lowerBound] } }
}
