import EnvprobeModel

/// Values of one place that stand for each other in different arms: the variants of one line, or of one field.
struct Slot: Sendable {
  /// What the slots of a place have in common.
  struct Subject: Sendable {
    var place: Place
    var tier: Observation.Tier
    /// Whether every run has one value here, so that the values of two runs need not resemble each other to be
    /// variants.
    var isSingle: Bool
    var noise: NoiseMask
    /// A run of each arm, for undoing placeholders.
    var arms: [RunObservations?]
    /// Whether the arm says anything about this place at all.
    var isJudged: [Bool]
    /// How often every arm shows each value at least.
    var floors: [Text: Int]
    /// Every value that some arm shows, noise included.
    var known: Set<Text>

    /// What a run shows at this place.
    func reading(of run: RunObservations) -> Reading {
      guard let content = run.contents[place] else { return Reading() }
      let values = noise.apply(content, of: run)
      let unknown = values.filter { $0.value > (floors[$0.key] ?? 0) && !known.contains($0.key) }.keys.sorted()
      return Reading(isThere: true, values: values, unknown: unknown.map { ($0, Tokens($0.string)) })
    }
  }

  /// One run at the place of a slot.
  struct Reading: Sendable {
    var isThere = false
    var values: [Text: Int] = [:]
    /// Values that no arm of the comparison shows.
    var unknown: [(value: Text, tokens: Tokens)] = []
  }

  /// Less than half of the words in common: two lines, not two variants of one.
  static let leastSimilarity = 0.5

  let subject: Subject
  /// By arm: the variant there, `nil` where there is none.
  var variants: [Text?]
  /// By arm: how often more than in every arm.
  var counts: [Int]

  /// Pairs the values that appear with those that disappear, nearest first. One slot has at most one value in each arm.
  static func slots(of values: [Text], _ table: FeatureTable, _ subject: Subject) -> [Slot] {
    var slots = values.map { value -> Slot in
      let row = table.byArm(value)
      let least = zip(row, subject.isJudged).filter(\.1).map(\.0).min() ?? 0
      let counts = row.map { max(0, $0 - least) }
      return Slot(subject: subject, variants: counts.map { $0 > 0 ? value : nil }, counts: counts)
    }
    slots.removeAll { $0.variants.allSatisfy { $0 == nil } }
    if subject.isSingle { return merged(slots) }

    let tokens = slots.map { slot in Tokens(slot.variants.lazy.compactMap { $0 }.first!.string) }
    var pairs: [(similarity: Double, a: Int, b: Int)] = []
    for (a, b) in likelyPairs(tokens) where slots[a].isDisjoint(with: slots[b]) {
      let similarity = tokens[a].similarity(to: tokens[b])
      if similarity >= leastSimilarity { pairs.append((similarity, a, b)) }
    }
    pairs.sort { ($1.similarity, $0.a, $0.b) < ($0.similarity, $1.a, $1.b) }
    var leader = Array(slots.indices)
    func find(_ index: Int) -> Int {
      var index = index
      while leader[index] != index { index = leader[index] }
      return index
    }
    for pair in pairs {
      let (a, b) = (find(pair.a), find(pair.b))
      guard a != b, slots[a].isDisjoint(with: slots[b]) else { continue }
      slots[a].take(slots[b])
      leader[b] = a
    }
    return replaced(slots.indices.filter { leader[$0] == $0 }.map { slots[$0] })
  }

  /// Where one value is found instead of exactly one other, they are variants, however little they have in common.
  private static func replaced(_ slots: [Slot]) -> [Slot] {
    var byArms: [[Bool]: [Int]] = [:]
    for (index, slot) in slots.enumerated() { byArms[slot.variants.map { $0 != nil }, default: []].append(index) }
    var result = slots
    var gone: Set<Int> = []
    for (arms, indices) in byArms where indices.count == 1 && arms[0] {
      let others = zip(arms, slots[0].subject.isJudged).map { !$0 && $1 }
      if let counterpart = byArms[others], counterpart.count == 1, counterpart[0] != indices[0] {
        result[indices[0]].take(slots[counterpart[0]])
        gone.insert(counterpart[0])
      }
    }
    return result.indices.filter { !gone.contains($0) }.map { result[$0] }
  }

  private static func merged(_ slots: [Slot]) -> [Slot] {
    guard var first = slots.first else { return [] }
    for slot in slots.dropFirst() { first.take(slot) }
    return [first]
  }

  /// Pairs of texts that share a word which few others have; all pairs where there are few texts.
  private static func likelyPairs(_ tokens: [Tokens]) -> [(Int, Int)] {
    if tokens.count <= 40 {
      return tokens.indices.flatMap { a in tokens.indices.filter { $0 > a }.map { (a, $0) } }
    }
    var holders: [Text: [Int]] = [:]
    for (index, tokens) in tokens.enumerated() {
      for token in Set(tokens.tokens) { holders[token, default: []].append(index) }
    }
    var pairs: Set<[Int]> = []
    for (_, indices) in holders where indices.count <= 12 {
      for (position, a) in indices.enumerated() { for b in indices[(position + 1)...] { pairs.insert([a, b]) } }
    }
    return pairs.map { ($0[0], $0[1]) }.sorted { $0 < $1 }
  }

  private func isDisjoint(with other: Slot) -> Bool {
    zip(variants, other.variants).allSatisfy { $0 == nil || $1 == nil }
  }

  private mutating func take(_ other: Slot) {
    for arm in variants.indices where variants[arm] == nil {
      variants[arm] = other.variants[arm]
      counts[arm] = other.counts[arm]
    }
  }

  // MARK: Aspects

  /// The ways in which the slot differs between the arms.
  var aspects: [Aspect] {
    var aspects: [Aspect] = []
    let judged = variants.indices.filter { subject.isJudged[$0] }
    let present = judged.filter { variants[$0] != nil }
    let distinct = Set(present.map { variants[$0]! })
    if distinct.count == 1, let value = distinct.first, let least = subject.floors[value], least > 0 {
      // There in every arm, in some more often.
      return [countAspect(judged, of: value)]
    }
    if present.count < judged.count, !present.isEmpty {
      // Comes and goes; how often it comes is told below.
      let keys: [Int?] = variants.indices.map { subject.isJudged[$0] ? (variants[$0] == nil ? 0 : 1) : nil }
      aspects.append(
        Aspect(
          slot: self, kind: .presence, keys: keys, rendered: { arm in variants[arm]?.string }))
    }
    if distinct.count == 1 {
      if Set(present.map { counts[$0] }).count > 1 { aspects.append(countAspect(present, of: distinct.first!)) }
      return aspects
    }
    guard let reference = present.first.map({ variants[$0]! }) else { return aspects }
    if let columns = Columns(reference: reference, variants: distinct) {
      aspects += columnAspects(columns, present)
    } else if Set(present.map { raw(variants[$0]!.string, arm: $0) }).count > 1 {
      aspects.append(
        Aspect(
          slot: self, kind: .value, keys: keys(present) { variants[$0]! },
          rendered: { arm in variants[arm]?.string }))
    }
    return aspects
  }

  private func countAspect(_ arms: [Int], of value: Text) -> Aspect {
    var aspect = Aspect(
      slot: self, kind: .count, keys: keys(arms) { counts[$0] },
      rendered: { arm in "\(value.string) (\(counts[arm] + (subject.floors[value] ?? 0)) times)" })
    // How often something is done again is the first thing that chance decides.
    aspect.tier = .low
    return aspect
  }

  private func columnAspects(_ columns: Columns, _ present: [Int]) -> [Aspect] {
    var groups: [[Int?]: [Int]] = [:]
    for column in columns.ranges.indices {
      let texts = present.map { columns.text(of: variants[$0]!, column: column) }
      let raws = zip(present, texts).map { raw($1, arm: $0) }
      // Nothing but a placeholder here and its own text there.
      if Set(raws).count == 1 { continue }
      let keys = Self.classes(keys(present) { Text(columns.text(of: variants[$0]!, column: column)) })
      groups[keys, default: []].append(column)
    }
    return groups.sorted { $0.value[0] < $1.value[0] }.map { keys, group in
      Aspect(
        slot: self, kind: .columns(columns, group), keys: keys,
        rendered: { arm in variants[arm].map { columns.rendered($0, columns: group) } })
    }
  }

  private func raw(_ text: String, arm: Int) -> Text { Text(subject.arms[arm]?.unsubstituted(text) ?? text) }

  private func keys<Key: Hashable>(_ present: [Int], _ key: (Int) -> Key) -> [Int?] {
    var known: [Key: Int] = [:]
    var result: [Int?] = Array(repeating: nil, count: variants.count)
    for arm in present {
      let key = key(arm)
      let number = known[key] ?? known.count
      known[key] = number
      result[arm] = number
    }
    return result
  }

  /// The same grouping with the classes numbered by first appearance.
  static func classes(_ keys: [Int?]) -> [Int?] {
    var known: [Int: Int] = [:]
    return keys.map { key in
      guard let key else { return nil }
      let number = known[key] ?? known.count
      known[key] = number
      return number
    }
  }
}
