import EnvprobeModel

/// A field that is another one in every run, but is made otherwise with some level: the version of its UUID, its
/// alphabet, its length, the parity of its number, which of its keys comes first.
///
/// The strict comparison masks such a field, and what it carries with it. Here everything that can be said of the field
/// (``FieldFeature``) is set against the levels with Fisher's exact test. As that is a large number of tests, the runs that
/// are there only say what to try (``screen(_:)``), and fresh runs decide.
public struct NoisyCarrier: Suspicion {
  /// The most that are tried again.
  public static let most = 3
  /// How likely chance may be in the screening, corrected for every test of it.
  static let screening = 0.1
  /// More values at a place of one run, and it is no field.
  private static let mostValues = 400

  /// Where a field stands.
  private struct Field: Hashable {
    var place: Place
    /// The line that holds it, noise masked, and which of its pieces it is, or the names of a sequence; `nil` for the whole
    /// value of the place.
    var piece: Piece?
    var isSequence = false

    struct Piece: Hashable {
      var signature: Text
      var position: Int
    }
  }

  public let place: Place
  /// What is said of the field, a clause.
  public let text: String
  public let levels: [(factor: Factor, level: Level?)]
  /// An assignment that has the levels and one without.
  public let showing: Assignment
  public let lacking: Assignment
  public let outcomes: [Attribution.Outcome]
  private let field: Field
  private let feature: FieldFeature
  private let probability: Double

  // MARK: Screening

  /// What the runs of a comparison suggest, the most telling first.
  public static func screen(_ arms: [Arm]) -> [NoisyCarrier] {
    let arms = arms.filter { !$0.comparableRuns.isEmpty }
    let splits = LevelSplit.splits(of: arms)
    guard !splits.isEmpty else { return [] }
    let runs = arms.map(\.comparableRuns)
    var hypotheses: [(field: Field, feature: FieldFeature, split: Int, test: Double, least: Double)] = []
    for (field, byRun) in fields(of: runs) {
      var seen: [FieldFeature: [Int]] = [:]
      var having = Array(repeating: 0, count: arms.count)
      for (arm, texts) in byRun {
        having[arm] += 1
        for feature in features(of: texts, field) {
          seen[feature, default: Array(repeating: 0, count: arms.count)][arm] += 1
        }
      }
      let all = having.reduce(0, +)
      for (feature, counts) in seen {
        let occurrences = counts.reduce(0, +)
        guard occurrences < all else { continue }
        for (index, split) in splits.enumerated() {
          let inside = split.arms.reduce(0) { $0 + having[$1] }
          let hits = split.arms.reduce(0) { $0 + counts[$1] }
          guard inside > 0, inside < all else { continue }
          let least = ExactTest(
            seen: min(inside, occurrences), of: inside, othersSeen: max(0, occurrences - inside), of: all - inside)
          guard least.probability <= screening else { continue }
          let test = ExactTest(seen: hits, of: inside, othersSeen: occurrences - hits, of: all - inside)
          hypotheses.append((field, feature, index, test.probability, least.probability))
        }
      }
    }
    // Tarone's correction: what could not be significant whatever the runs showed is no test.
    let least = hypotheses.map(\.least).sorted()
    let tested =
      (1...max(1, least.count)).first { count in
        least.prefix { $0 <= screening / Double(count) }.count <= count
      } ?? 1
    let found = hypotheses.filter { $0.test * Double(tested) <= screening }.map { one in
      let split = splits[one.split]
      let showing = arms[split.arms.min()!].assignment
      return NoisyCarrier(
        place: one.field.place, text: one.feature.description, levels: split.levels,
        showing: showing, lacking: split.lacking(arms, against: showing), outcomes: split.outcomes(arms),
        field: one.field, feature: one.feature, probability: one.test)
    }
    // Much can be said of one field that is made otherwise: the strongest stands for all, once for each field.
    var known: Set<Place> = []
    return found.sorted { ($0.probability, $0.place, Text($0.text)) < ($1.probability, $1.place, Text($1.text)) }
      .filter { known.insert($0.place).inserted }
  }

  /// The fields of noisy places: by field, the arm of each run that has it, and its texts there.
  private static func fields(of runs: [[RunObservations]]) -> [Field: [(arm: Int, texts: [Text])]] {
    var result: [Field: [(arm: Int, texts: [Text])]] = [:]
    for place in noisyPlaces(of: runs) {
      for (arm, repeats) in runs.enumerated() {
        for run in repeats {
          for (field, texts) in fields(of: run, at: place) { result[field, default: []].append((arm, texts)) }
        }
      }
    }
    return result
  }

  /// Places where the repeats of some arm are not the same.
  ///
  /// - Parameter includingAbsence: whether a place that some repeats lack is one.
  static func noisyPlaces(of runs: [[RunObservations]], includingAbsence: Bool = false) -> Set<Place> {
    var result: Set<Place> = []
    for repeats in runs where repeats.count > 1 {
      let first = repeats[0].contents
      for run in repeats.dropFirst() {
        for (place, content) in run.contents {
          guard let other = first[place] else {
            if includingAbsence { result.insert(place) }
            continue
          }
          if other.fingerprint != content.fingerprint { result.insert(place) }
        }
        guard includingAbsence else { continue }
        for place in first.keys where run.contents[place] == nil { result.insert(place) }
      }
    }
    return result
  }

  private static func fields(of run: RunObservations, at place: Place) -> [Field: [Text]] {
    guard let content = run.contents[place], content.values.count <= mostValues else { return [:] }
    if content.shape == .order {
      // One sequence is known from another by which names it has.
      return Dictionary(grouping: content.values.keys) { sequence in
        let names = OrderMask.items(sequence).sorted().map(\.string).joined(separator: ", ")
        return Field(place: place, piece: .init(signature: Text(names), position: 0), isSequence: true)
      }
    }
    var result: [Field: [Text]] = [:]
    if content.values.count == 1, let value = content.values.keys.first, value.string.utf8.count <= 256 {
      result[Field(place: place)] = [value]
    }
    for value in content.values.keys {
      let shape = TokenShape(value.string)
      guard shape.pieces.count > 1 else { continue }
      let signature = shape.signature
      for (position, piece) in shape.pieces.enumerated() where piece.mask != nil {
        result[Field(place: place, piece: .init(signature: signature, position: position)), default: []]
          .append(piece.text)
      }
    }
    return result
  }

  /// What can be said of all texts of a field in one run.
  private static func features(of texts: [Text], _ field: Field) -> Set<FieldFeature> {
    let each = texts.map { text in
      field.isSequence
        ? Set(FieldFeature.features(ofSequence: OrderMask.items(text))) : Set(FieldFeature.features(of: text))
    }
    return each.dropFirst().reduce(each.first ?? []) { $0.intersection($1) }
  }

  // MARK: Confirmation

  /// Whether a run's field is made so; `nil` where it has no such field.
  private func shows(_ run: RunObservations) -> Bool? {
    guard let texts = Self.fields(of: run, at: place)[field] else { return nil }
    return Self.features(of: texts, field).contains(feature)
  }

  /// Whether runs of one assignment have another text each. One that comes again follows from something that the program
  /// does in several of them, as a digest does: what its characters are is chance, once for all of these runs.
  private func isDrawn(in runs: [RunObservations]) -> Bool {
    if field.isSequence { return true }
    let texts = runs.flatMap { Self.fields(of: $0, at: place)[field] ?? [] }
    guard texts.count > 2, texts.allSatisfy({ $0.string.utf8.count >= Self.unrepeatable }) else { return true }
    return Set(texts).count * 4 >= texts.count * 3
  }

  /// Bytes from which on a draw does not come again by chance.
  private static let unrepeatable = 8

  public func probability(with: [RunObservations], without: [RunObservations], tested: Int) -> Double? {
    let (shown, others) = (with.compactMap(shows), without.compactMap(shows))
    guard !shown.isEmpty, !others.isEmpty, isDrawn(in: with), isDrawn(in: without) else { return nil }
    let test = ExactTest(
      seen: shown.count { $0 }, of: shown.count, othersSeen: others.count { $0 }, of: others.count)
    return significant(test.probability, tested: tested)
  }

  public func finding(
    with: [RunObservations], without: [RunObservations], causes: [Factor], tested: Int, reproduce: [[String]]
  ) -> Finding? {
    guard let probability = probability(with: with, without: without, tested: tested) else { return nil }
    let (shown, others) = (with.compactMap(shows), without.compactMap(shows))
    let (seen, othersSeen) = (shown.count { $0 }, others.count { $0 })
    let causes = causes.count == 1 ? [causes] : []
    let kind = findingClass(causes.first ?? [])
    let note =
      "a field that is another one in every run is made otherwise: \(text) in \(seen) of \(shown.count) fresh runs with "
      + "\(describedLevels), and in \(othersSeen) of \(others.count) without" + (kind.note.map { "; \($0)" } ?? "")
    return Finding(
      id: id("structure", causes), verdict: .unexplained, class: kind.class, channel: place.channel,
      location: place.location, kind: .changed, causes: causes, partition: partition(value: text),
      locations: [
        .init(channel: place.channel, location: place.location, kind: .changed, before: nil, after: text)
      ], differences: [], evidence: (with + without).map(\.id), reproduce: reproduce, note: note,
      frequency: .init(
        seen: seen, runs: shown.count, othersSeen: othersSeen, othersRuns: others.count, probability: probability,
        tested: tested, feature: text))
  }
}
