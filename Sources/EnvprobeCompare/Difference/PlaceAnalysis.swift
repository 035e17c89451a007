import EnvprobeModel

/// One place over all runs: noise is learnt and masked, what is left is paired into slots, and each slot is cut into the
/// aspects that vary in different ways.
struct PlaceAnalysis {
  private(set) var aspects: [Aspect] = []
  /// Whether something varies here within an assignment and could not be masked.
  private(set) var isExcluded = false

  init(_ context: PlaceContext) {
    let isOrder = context.shape == .order
    var noise = NoiseMask()
    if isOrder {
      guard let order = OrderMask(context.contents) else { return }
      noise.order = order
    }
    var table = FeatureTable(runCount: context.runs.count, armRanges: context.armRanges)
    var isSingle = true
    for (run, content) in context.contents.enumerated() {
      guard let content else { continue }
      let values = noise.apply(content, of: context.runs[run])
      if values.count > 1 { isSingle = false }
      for (value, count) in values { table.add(value, count, run: run) }
    }
    if table.isConstant { return }
    Self.undoFalseEchoes(&table, context)
    if !isOrder { noise.formats.learn(from: &table, context.runs) }
    table.dropConstants()
    table.clipUnstableCounts()
    noise.learn(from: &table)
    table.dropConstants()
    table.clipUnstableCounts()
    table.dropConstants()

    let unstable = table.unstable
    isExcluded = !unstable.isEmpty
    if isSingle, isExcluded { return }
    var stable = table.counts.keys.filter { !unstable.contains($0) }
    if isExcluded { stable = Self.trustworthy(stable, beside: unstable, table) }
    guard !stable.isEmpty else { return }

    let subject = Slot.Subject(
      place: context.place, tier: context.tier, isSingle: isSingle, noise: noise,
      arms: context.armRanges.map { $0.isEmpty ? nil : context.runs[$0.lowerBound] },
      // A run without the place says nothing about the order of what is in it.
      isJudged: context.armRanges.map { !$0.isEmpty && (!isOrder || context.contents[$0.lowerBound] != nil) },
      floors: Self.floors(context, noise), known: Set(table.counts.keys))
    for slot in Slot.slots(of: stable.sorted(), table, subject) { aspects += slot.aspects }
  }

  /// Values that are one and the same text before the replacement by placeholders are a constant, in which some of the
  /// runs find a value of their profile by chance.
  private static func undoFalseEchoes(_ table: inout FeatureTable, _ context: PlaceContext) {
    var written: [Text: [(value: Text, run: Int)]] = [:]
    for (value, row) in table.counts where value.string.utf8.contains(UInt8(ascii: "<")) {
      for (run, count) in row.enumerated() where count > 0 {
        let raw = Text(context.runs[run].unsubstituted(value.string))
        if raw != value { written[raw, default: []].append((value, run)) }
      }
    }
    for (raw, holders) in written
    where table.counts[raw] != nil || holders.contains(where: { $0.value != holders[0].value }) {
      for (value, run) in holders {
        let count = table.counts[value]![run]
        table.counts[value]![run] = 0
        table.add(raw, count, run: run)
      }
    }
    table.counts = table.counts.filter { $0.value.contains { $0 > 0 } }
  }

  /// Beside values that come and go by chance, a stable one may be stable by chance: it counts only where repeats agree
  /// on both sides, and where nothing unstable resembles it more than its counterpart does.
  private static func trustworthy(_ stable: [Text], beside unstable: Set<Text>, _ table: FeatureTable) -> [Text] {
    let repeated = table.armRanges.filter { $0.count > 1 }
    let noisy = unstable.prefix(200).map { Tokens($0.string) }
    let tokens = Dictionary(uniqueKeysWithValues: stable.map { ($0, Tokens($0.string)) })
    return stable.filter { value in
      let row = table.counts[value]!
      let levels = Set(repeated.map { row[$0.lowerBound] })
      guard levels.count > 1 else { return false }
      let nearestNoise = noisy.map { tokens[value]!.similarity(to: $0) }.max() ?? 0
      guard nearestNoise >= Slot.leastSimilarity else { return true }
      let arms = table.byArm(value)
      let counterpart =
        stable.filter { other in
          other != value && zip(arms, table.byArm(other)).allSatisfy { $0 == 0 || $1 == 0 }
        }.map { tokens[value]!.similarity(to: tokens[$0]!) }.max() ?? 0
      return counterpart > nearestNoise
    }
  }

  /// How often every arm shows each value at least: what is left above it is what differs.
  private static func floors(_ context: PlaceContext, _ noise: NoiseMask) -> [Text: Int] {
    var floors: [Text: Int]?
    for arm in context.armRanges where !arm.isEmpty {
      let values =
        context.contents[arm.lowerBound].map { noise.apply($0, of: context.runs[arm.lowerBound]) } ?? [:]
      if let known = floors {
        floors = known.reduce(into: [:]) { result, entry in
          let least = min(entry.value, values[entry.key] ?? 0)
          if least > 0 { result[entry.key] = least }
        }
      } else {
        floors = values
      }
    }
    return floors ?? [:]
  }
}
