import EnvprobeModel

/// One way in which one place differs between arms: a line that is there or not, a value, or a stretch within a line.
public struct Aspect: Sendable {
  enum Kind: Sendable {
    /// Something is there, or nothing is.
    case presence
    /// One value or another that has little in common with it.
    case value
    /// The same value more or less often.
    case count
    /// Stretches within a value.
    case columns(Columns, [Int])
  }

  let slot: Slot
  let kind: Kind
  /// By arm of the comparison: which class it belongs to, numbered by first appearance. `nil` where the arm says nothing
  /// about this.
  public let classes: [Int?]
  /// By class: what is seen there, with placeholders for what the profile explains; `nil` where nothing is. Where a line
  /// varies for several reasons, the lines differ in this one only, and are otherwise the baseline's.
  public let values: [String?]
  public internal(set) var tier: Observation.Tier

  public var place: Place { slot.subject.place }

  init(slot: Slot, kind: Kind, keys: [Int?], rendered: (Int) -> String?) {
    self.slot = slot
    self.kind = kind
    tier = slot.subject.tier
    classes = Slot.classes(keys)
    var values: [String?] = []
    for (arm, number) in classes.enumerated() where number == values.count { values.append(rendered(arm)) }
    self.values = values
  }

  /// How this place differs from class `a` to class `b`.
  public func kind(from a: Int, to b: Int) -> Finding.Kind {
    values[a] == nil ? .appears : values[b] == nil ? .disappears : .changed
  }

  /// The character-level differences between two classes.
  public func differences(from a: Int, to b: Int) -> [Finding.Difference] {
    guard let before = values[a], let after = values[b] else { return [] }
    return TextDifference.differences(before, after)
  }

  /// What an arm of the comparison has here as the program wrote it, noise masked; `nil` where nothing is.
  public func text(inArm arm: Int) -> String? {
    slot.variants[arm].map { slot.subject.arms[arm]?.unsubstituted($0.string) ?? $0.string }
  }

  /// The class that a run belongs to; `nil` for a behaviour that no arm of the comparison showed.
  func group(of reading: Slot.Reading) -> Int? {
    let found = located(in: reading)
    switch kind {
    case .presence:
      if !reading.isThere, slot.subject.noise.order != nil { return nil }
      return values.firstIndex { ($0 == nil) == (found == nil) }
    case .count:
      let value = slot.variants.lazy.compactMap { $0 }.first!
      let count = max(0, (reading.values[value] ?? 0) - (slot.subject.floors[value] ?? 0))
      return slot.counts.indices.first { classes[$0] != nil && slot.counts[$0] == count }.flatMap { classes[$0] }
    case .value:
      guard let found else { return nil }
      return slot.variants.indices.first { slot.variants[$0] == found }.flatMap { classes[$0] }
    case .columns(let columns, let group):
      guard let found else { return nil }
      let texts = group.map { columns.text(ofOther: found, column: $0).map(Text.init) }
      for (arm, variant) in slot.variants.enumerated() {
        guard let variant, classes[arm] != nil else { continue }
        if group.map({ Text(columns.text(of: variant, column: $0)) }) == texts { return classes[arm] }
      }
      return nil
    }
  }

  /// The value of a run that stands where the slot's variants stand in others.
  private func located(in reading: Slot.Reading) -> Text? {
    let variants = Set(slot.variants.compactMap { $0 })
    for variant in variants.sorted() {
      if (reading.values[variant] ?? 0) > (slot.subject.floors[variant] ?? 0) { return variant }
    }
    if slot.subject.isSingle { return reading.unknown.first?.value ?? reading.values.keys.first }
    guard !reading.unknown.isEmpty else { return nil }
    let tokens = variants.map { Tokens($0.string) }
    return reading.unknown
      .map { entry in (entry.value, tokens.map { $0.similarity(to: entry.tokens) }.max() ?? 0) }
      .filter { $0.1 >= Slot.leastSimilarity }
      .max { $0.1 < $1.1 }?.0
  }

  /// How much text tells the classes apart, in characters: one changed byte is more telling than a rewritten page.
  var size: Int {
    guard values.allSatisfy({ $0 != nil }) else {
      return 1_000_000 + values.compactMap { $0?.utf8.count }.reduce(0, +)
    }
    return values.dropFirst().reduce(0) { sum, value in
      sum
        + TextDifference.differences(values[0]!, value!).reduce(0) {
          $0 + $1.before.unicodeScalars.count + $1.after.unicodeScalars.count
        }
    }
  }
}
