/// The rank-sum test of Wilcoxon, Mann and Whitney, one-sided and exact: how likely chance is to put numbers of one side
/// so high among all.
public struct RankTest: Hashable, Sendable {
  public let probability: Double

  /// - Parameters:
  ///   - high: the side that is thought to be higher.
  ///   - low: the other; both together up to some hundred numbers.
  public init(high: [Double], low: [Double]) {
    // Ranks are doubled, so that those of ties are whole.
    let all = (high + low).sorted()
    var ranks: [Double: Int] = [:]
    var index = 0
    while index < all.count {
      var end = index
      while end < all.count, all[end] == all[index] { end += 1 }
      ranks[all[index]] = index + 1 + end
      index = end
    }
    let doubled = all.map { ranks[$0]! }
    let observed = high.reduce(0) { $0 + ranks[$1]! }
    // ways[k][s]: in how many ways k of the numbers seen so far have ranks that sum to s.
    let most = doubled.reduce(0, +)
    var ways = Array(repeating: Array(repeating: 0.0, count: most + 1), count: high.count + 1)
    ways[0][0] = 1
    for (seen, rank) in doubled.enumerated() {
      for count in stride(from: min(seen + 1, high.count), to: 0, by: -1) {
        for sum in stride(from: most, through: rank, by: -1) { ways[count][sum] += ways[count - 1][sum - rank] }
      }
    }
    let total = ways[high.count].reduce(0, +)
    probability = total == 0 ? 1 : min(1, ways[high.count][observed...].reduce(0, +) / total)
  }
}
