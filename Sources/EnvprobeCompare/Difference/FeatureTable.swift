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

/// What is masked at a place before its values are compared.
struct NoiseMask: Sendable {
  /// The pieces to mask, by the signature of the lines that have them.
  private(set) var positions: [Text: Set<Int>] = [:]
  /// For orders: which of the sequences' names have an order that counts.
  var order: OrderMask?

  /// Learns which pieces vary within an arm among the lines that look like an unstable one, and masks them.
  mutating func learn(from table: inout FeatureTable) {
    let unstable = table.unstable
    guard !unstable.isEmpty else { return }
    var groups: [Text: [(value: Text, shape: TokenShape)]] = [:]
    for value in table.counts.keys {
      let shape = TokenShape(value.string)
      groups[shape.signature, default: []].append((value, shape))
    }
    for (signature, group) in groups where group.contains(where: { unstable.contains($0.value) }) {
      let maskable = group[0].shape.pieces.indices.filter { group[0].shape.pieces[$0].mask != nil }
      let varying = maskable.filter { Self.varies(at: $0, group, table) }
      guard !varying.isEmpty else { continue }
      positions[signature] = Set(varying)
      for (value, shape) in group {
        let row = table.counts.removeValue(forKey: value)!
        let masked = shape.masked(at: Set(varying))
        for (run, count) in row.enumerated() where count > 0 { table.add(masked, count, run: run) }
      }
    }
  }

  /// Whether the repeats of some arm show different pieces at this position.
  private static func varies(
    at position: Int, _ group: [(value: Text, shape: TokenShape)], _ table: FeatureTable
  ) -> Bool {
    var pieces = FeatureTable(runCount: table.runCount, armRanges: table.armRanges)
    for (value, shape) in group {
      for (run, count) in table.counts[value]!.enumerated() where count > 0 {
        pieces.add(shape.pieces[position].text, 1, run: run)
      }
    }
    return pieces.counts.values.contains { !pieces.isConstantWithinArms($0.map { min($0, 1) }) }
  }

  /// The values of a run's content as they are compared.
  func apply(_ content: PlaceContent) -> [Text: Int] {
    var values = content.values
    if content.shape == .set { values = values.mapValues { _ in 1 } }
    if let order {
      values = Dictionary(values.map { (order.restricted($0.key), 1) }, uniquingKeysWith: { first, _ in first })
    }
    guard !positions.isEmpty else { return values }
    var masked: [Text: Int] = [:]
    for (value, count) in values {
      let shape = TokenShape(value.string)
      if let positions = positions[shape.signature] {
        masked[shape.masked(at: positions), default: 0] += count
      } else {
        masked[value, default: 0] += count
      }
    }
    return masked
  }
}
