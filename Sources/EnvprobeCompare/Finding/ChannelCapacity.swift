import EnvprobeModel
import Glibc

extension Finding.Capacity {
  /// What the values at a place tell of the levels of some factors.
  ///
  /// - Parameter outcomes: which value each assignment showed, by its class.
  /// - Returns: `nil` where all show the same.
  init?(factors: [Factor], outcomes: [Attribution.Outcome]) {
    let groups = Set(outcomes.compactMap(\.group))
    guard groups.count > 1 else { return nil }
    var shares: [String: Double] = [:]
    for factor in factors {
      let others = factors.filter { $0 != factor }
      var contexts: [[Level?]: Set<Int>] = [:]
      for outcome in outcomes {
        guard let group = outcome.group else { continue }
        contexts[others.map { outcome.assignment[$0] }, default: []].insert(group)
      }
      shares[factor.name] = Self.bits(contexts.values.map(\.count).max() ?? 1)
    }
    self.init(symbols: groups.count, bits: Self.bits(groups.count), bitsByFactor: shares)
  }

  /// To three decimal places, as further ones say nothing.
  private static func bits(_ symbols: Int) -> Double { (log2(Double(symbols)) * 1000).rounded() / 1000 }
}
