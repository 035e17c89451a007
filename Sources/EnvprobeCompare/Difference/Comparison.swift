import EnvprobeModel

/// What differs between arms beyond what their own repeats show to be chance.
///
/// The rules are those of the strict comparison: a place counts where every arm agrees with itself; what varies between
/// the repeats of *any* one assignment is masked in all of them, piece by piece where it has the shape of an id or a
/// number, and left out where even that does not make it constant. What is left and is not the same in all arms is a
/// candidate, and candidates that split the arms in the same way are one.
public struct Comparison: Sendable {
  /// In the order given. The first is the baseline: its values are "before".
  public let arms: [Arm]
  /// What differs, the most trustworthy and the most telling first.
  public let candidates: [Candidate]
  /// How many places there are, and how many of them are left out because they vary within an assignment.
  public let places: (compared: Int, excluded: Int)
  /// Where digests stand that change exactly when the content of the requests does, and are taken to follow from it.
  public let digestPlaces: [Place]

  /// Compares arms, of which each needs two runs or more for noise to be known; see ``knowsNoise``.
  ///
  /// - Parameter tiers: which places to look at. What hundreds of arms show at a place that varies in every run takes long to
  ///   go through, and one run of each arm says nothing about it.
  public init(_ arms: [Arm], tiers: Set<Observation.Tier> = [.trusted, .low]) {
    self.arms = arms
    let table = PlaceTable(arms)
    var digests = OpaqueDigest(arms)
    var explained: [Place] = []
    var excluded = 0
    var groups: [[Int?]: [Aspect]] = [:]
    let contexts = table.differing.map { table.context(of: $0) }.filter { tiers.contains($0.tier) }
    for analysis in concurrentMap(contexts, { PlaceAnalysis($0) }) {
      if analysis.isExcluded { excluded += 1 }
      for aspect in analysis.aspects {
        if digests.explains(aspect) {
          explained.append(aspect.place)
        } else if WordEcho.explaining(aspect) == nil {
          groups[aspect.classes, default: []].append(aspect)
        }
      }
    }
    digestPlaces = explained
    places = (table.count, excluded)
    candidates = groups.map { Candidate(aspects: $0.value, classes: $0.key) }.sorted { $0.precedes($1) }
  }

  /// Whether some arm has repeats. Without any, chance and difference cannot be told apart.
  public var knowsNoise: Bool { arms.contains { $0.runs.count > 1 } }
}

/// The places of all runs, and which of them need a closer look.
struct PlaceTable {
  private let runs: [RunObservations]
  private let armRanges: [Range<Int>]
  private var places: [Place] = []
  /// Row by row: the fingerprint of each run's content, 0 where it has none.
  private var fingerprints: [Int] = []
  /// Contents that stand under another name in a run: see ``undoFalseNames()``.
  private var renamed: [Int: [Int: Place]] = [:]

  var count: Int { places.count }

  init(_ arms: [Arm]) {
    var runs: [RunObservations] = []
    var ranges: [Range<Int>] = []
    for arm in arms {
      let start = runs.count
      runs += arm.comparableRuns
      ranges.append(start..<runs.count)
    }
    self.runs = runs
    armRanges = ranges
    var index: [Place: Int] = Dictionary(minimumCapacity: runs.first?.contents.count ?? 0)
    for (number, run) in runs.enumerated() {
      for (place, content) in run.contents {
        let row: Int
        if let known = index[place] {
          row = known
        } else {
          row = places.count
          index[place] = row
          places.append(place)
          fingerprints += Array(repeating: 0, count: runs.count)
        }
        fingerprints[row * runs.count + number] = content.fingerprint
      }
    }
    undoFalseNames(index)
  }

  /// The rows whose contents are not the same in all runs, in the order of their places.
  var differing: [Int] {
    guard runs.count > 1 else { return [] }
    return places.indices.filter { row in
      let cells = fingerprints[row * runs.count..<(row + 1) * runs.count]
      return !cells.allSatisfy { $0 == cells.first! }
    }.sorted { places[$0] < places[$1] }
  }

  func context(of row: Int) -> PlaceContext {
    let contents = runs.indices.map { number -> PlaceContent? in
      if fingerprints[row * runs.count + number] == 0 { return nil }
      return runs[number].contents[renamed[row]?[number] ?? places[row]]
    }
    return PlaceContext(place: places[row], runs: runs, contents: contents, armRanges: armRanges)
  }

  /// A name that holds a placeholder in one run, and in another the very text that it stood for, is no echo but a
  /// constant that happens to contain a value of the profile. Such contents return to their plain name.
  private mutating func undoFalseNames(_ index: [Place: Int]) {
    // Only a place that some runs lack can be the plain name of what these have under another.
    let lacking = Set(
      places.indices.filter { fingerprints[$0 * runs.count..<($0 + 1) * runs.count].contains(0) })
    guard !lacking.isEmpty else { return }
    for row in places.indices where places[row].location.utf8.contains(UInt8(ascii: "<")) {
      for (number, run) in runs.enumerated() where fingerprints[row * runs.count + number] != 0 {
        let place = Place(places[row].channel, run.unsubstituted(places[row].location))
        guard let plain = index[place], plain != row, lacking.contains(plain),
          fingerprints[plain * runs.count + number] == 0
        else { continue }
        fingerprints[plain * runs.count + number] = fingerprints[row * runs.count + number]
        fingerprints[row * runs.count + number] = 0
        renamed[plain, default: [:]][number] = places[row]
      }
    }
  }
}

/// What every run showed at one place.
struct PlaceContext: Sendable {
  var place: Place
  var runs: [RunObservations]
  /// By run; `nil` where the run does not have the place.
  var contents: [PlaceContent?]
  /// The runs of each arm.
  var armRanges: [Range<Int>]

  var tier: Observation.Tier { contents.contains { $0?.tier == .low } ? .low : .trusted }
  var shape: PlaceContent.Shape { contents.lazy.compactMap { $0?.shape }.first ?? .values }
}
