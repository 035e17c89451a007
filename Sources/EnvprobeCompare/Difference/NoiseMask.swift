/// What is masked at a place before its values are compared.
struct NoiseMask: Sendable {
  /// The pieces to mask, by the signature of the lines that have them.
  private(set) var positions: [Text: Set<Int>] = [:]
  /// The same lines as patterns, for those whose draw happens to look like something else: a random `4e0eb` may come out
  /// as the number `77485` or as the word `abcde`.
  private(set) var draws: [DrawPattern] = []
  /// For orders: which of the sequences' names have an order that counts.
  var order: OrderMask?
  /// Which formats of dates and numbers follow from the locale.
  var formats = FormatEcho()

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
      draws.append(DrawPattern(signature: signature, lines: group.map(\.shape), varying: Set(varying)))
    }
    dropSpecialCases(groups)
    for value in Array(table.counts.keys) {
      guard let masked = masked(value) else { continue }
      let row = table.counts.removeValue(forKey: value)!
      for (run, count) in row.enumerated() where count > 0 { table.add(masked, count, run: run) }
    }
  }

  /// Forgets the patterns all of whose lines may be draws of another, more general one.
  private mutating func dropSpecialCases(_ groups: [Text: [(value: Text, shape: TokenShape)]]) {
    draws.sort { ($0.generality, $1.signature) > ($1.generality, $0.signature) }
    var kept: [DrawPattern] = []
    for pattern in draws {
      let lines = groups[pattern.signature]!.map(\.value)
      if kept.contains(where: { general in lines.allSatisfy { general.masked($0.string) != nil } }) {
        positions[pattern.signature] = nil
      } else {
        kept.append(pattern)
      }
    }
    draws = kept
  }

  /// The value with its noise masked; `nil` where none is known in such a line.
  private func masked(_ value: Text) -> Text? {
    if draws.isEmpty { return nil }
    let shape = TokenShape(value.string)
    if let positions = positions[shape.signature] { return shape.masked(at: positions) }
    for pattern in draws { if let masked = pattern.masked(value.string) { return masked } }
    return nil
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
  func apply(_ content: PlaceContent, of run: RunObservations) -> [Text: Int] {
    var values = content.values
    if content.shape == .set { values = values.mapValues { _ in 1 } }
    if let order {
      values = Dictionary(values.map { (order.restricted($0.key), 1) }, uniquingKeysWith: { first, _ in first })
    }
    values = formats.apply(values, to: run)
    guard !positions.isEmpty else { return values }
    var masked: [Text: Int] = [:]
    for (value, count) in values { masked[self.masked(value) ?? value, default: 0] += count }
    return masked
  }
}
