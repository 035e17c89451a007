import EnvprobeModel
import Glibc

/// How rare a behaviour may be and would still be seen in a number of runs.
///
/// A behaviour that shows in a fraction *p* of runs, independently, is absent from all of *n* with the chance (1 − p)ⁿ.
public struct DetectionPower: Hashable, Sendable {
  public static let confidence = 0.95

  public var runs: Int

  public init(runs: Int) { self.runs = max(runs, 1) }

  /// The smallest fraction that would have been seen at least once with ``confidence``; 0.776 for two runs, 0.451 for five.
  public var fraction: Double { 1 - pow(1 - Self.confidence, 1 / Double(runs)) }

  /// How many runs it takes for a fraction above 0; 11 for 0.25.
  public static func runs(for fraction: Double) -> Int {
    fraction >= confidence ? 1 : Int((log(1 - confidence) / log(1 - fraction)).rounded(.up))
  }

  /// How many runs of each assignment look for what comes in a fraction of runs only: enough to see it with 98 %, as what is
  /// seen has to come again in fresh runs, and both together are to succeed with ``confidence``. 14 for 0.25.
  public static func screeningRuns(for fraction: Double) -> Int {
    fraction >= confidence ? 2 : max(2, Int((log(1 - 0.98) / log(1 - fraction)).rounded(.up)))
  }

  /// How many fresh runs of either side decide of it: fourteen are expected to show it, eight of them make chance less
  /// likely than one in a hundred, corrected for what is tried, and fewer come in two of a hundred matrices.
  public static func confirmingRuns(for fraction: Double) -> Int { Int((14 / fraction).rounded(.up)) }

  var reported: Report.Power {
    .init(confidence: Self.confidence, fraction: (fraction * 1000).rounded(.up) / 1000)
  }
}
