/// What of a place's sequences is their order, and not which names they have: names that come and go have places of
/// their own.
struct OrderMask: Sendable {
  /// Fingerprints of the collections of names that every run has in some order: there the whole order counts.
  private var shared: Set<Int> = []
  /// The names that every other sequence has exactly once.
  private var common: Set<Text> = []

  /// `nil` where no two names stand beside each other everywhere.
  init?(_ contents: [PlaceContent?]) {
    let sequences = contents.compactMap { content in content?.values.keys.map { Self.items($0) } }
    guard var shared = sequences.first.map({ Set($0.map(Self.fingerprint)) }) else { return nil }
    for run in sequences.dropFirst() { shared.formIntersection(run.map(Self.fingerprint)) }
    self.shared = shared
    var common: Set<Text>?
    for items in sequences.joined() where !shared.contains(Self.fingerprint(items)) {
      var counts: [Text: Int] = [:]
      for item in items { counts[item, default: 0] += 1 }
      common = common?.filter { counts[$0] == 1 } ?? Set(counts.filter { $0.value == 1 }.keys)
    }
    self.common = common ?? []
    if shared.isEmpty, self.common.count < 2 { return nil }
  }

  /// The sequence as it is compared.
  func restricted(_ sequence: Text) -> Text {
    let items = Self.items(sequence)
    let kept = shared.contains(Self.fingerprint(items)) ? items : items.filter { common.contains($0) }
    return Text(kept.lazy.map(\.string).joined(separator: ", "))
  }

  static func items(_ sequence: Text) -> [Text] {
    sequence.string.utf8.split(separator: PlaceContent.separator.asciiValue!, omittingEmptySubsequences: false)
      .map { Text(String($0)!) }
  }

  /// The same for the same names in any order, within one process.
  private static func fingerprint(_ items: [Text]) -> Int {
    items.reduce(items.count) { sum, item in
      var hasher = Hasher()
      hasher.combine(item)
      return sum &+ hasher.finalize()
    }
  }
}
