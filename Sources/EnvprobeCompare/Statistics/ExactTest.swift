import Glibc

/// Fisher's exact test of a two-by-two table, one-sided: how likely chance is to put so many of the occurrences on one
/// side.
public struct ExactTest: Hashable, Sendable {
  /// The probability of `seen` or more of all occurrences among `runs`, where they fall anywhere.
  public let probability: Double

  /// - Parameters:
  ///   - seen: runs with the value, of `runs` on the one side.
  ///   - othersSeen: runs with it, of `othersRuns` on the other.
  public init(seen: Int, of runs: Int, othersSeen: Int, of othersRuns: Int) {
    let all = runs + othersRuns
    let occurrences = seen + othersSeen
    var sum = 0.0
    for count in seen...max(seen, min(runs, occurrences)) where occurrences - count <= othersRuns {
      sum += exp(
        Self.logBinomial(runs, count) + Self.logBinomial(othersRuns, occurrences - count)
          - Self.logBinomial(all, occurrences))
    }
    probability = min(1, sum)
  }

  private static func logBinomial(_ n: Int, _ k: Int) -> Double {
    guard k >= 0, k <= n else { return -.infinity }
    return lgamma(Double(n) + 1) - lgamma(Double(k) + 1) - lgamma(Double(n - k) + 1)
  }
}
