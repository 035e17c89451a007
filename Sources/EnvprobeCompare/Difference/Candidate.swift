import EnvprobeModel

/// A difference between arms that repeats do not explain: one split of the arms, and everywhere it is seen.
///
/// What it depends on is not known yet. That takes experiments: for each new arm, ``divided(by:)`` says which of the
/// known behaviours it shows, and splits the candidate where its places no longer go together.
public struct Candidate: Sendable {
  /// Everywhere it is seen, the most telling place first.
  public let aspects: [Aspect]
  /// By arm of the comparison: the number of the class of arms that behave alike; the baseline's is 0 where it is judged.
  /// `nil` where the arm does not show either.
  public let classes: [Int?]
  /// As ``Aspect/size``, by aspect.
  private let sizes: [Int]

  init(aspects: [Aspect], classes: [Int?]) {
    let ranked = aspects.map { ($0, $0.tier == .trusted ? 0 : 1, $0.size) }.sorted { a, b in
      (a.1, a.2) == (b.1, b.2) ? a.0.place < b.0.place : (a.1, a.2) < (b.1, b.2)
    }
    self.aspects = ranked.map(\.0)
    self.classes = classes
    sizes = ranked.map(\.2)
  }

  /// A part of another candidate: some of its aspects, in their order.
  private init(_ whole: Candidate, aspects indices: [Int]) {
    aspects = indices.map { whole.aspects[$0] }
    classes = whole.classes
    sizes = indices.map { whole.sizes[$0] }
  }

  /// Trusted where any of its places is.
  public var tier: Observation.Tier { aspects.contains { $0.tier == .trusted } ? .trusted : .low }

  /// The most telling place.
  public var main: Aspect { aspects[0] }

  /// How many ways to behave there are.
  public var classCount: Int { main.values.count }

  /// The arms of the comparison that behave in one way, by their index.
  public func arms(in group: Int) -> [Int] { classes.indices.filter { classes[$0] == group } }

  /// What an arm that the comparison did not have shows of a candidate.
  public enum Group: Hashable, Sendable {
    /// The behaviour of that class.
    case known(Int)
    /// A behaviour that no class shows.
    case other
    /// The repeats of the arm do not agree, or the places of the candidate do not.
    case unstable
  }

  /// Which behaviour an arm shows, over all places.
  public func group(of arm: Arm) -> Group {
    let groups = Set(self.groups(of: arm))
    return groups.count == 1 ? groups.first! : .unstable
  }

  /// The candidate cut by what an arm shows: places that go on behaving alike stay together.
  public func divided(by arm: Arm) -> [(group: Group, candidate: Candidate)] {
    var parts: [Group: [Int]] = [:]
    var order: [Group] = []
    for (index, group) in groups(of: arm).enumerated() {
      if parts[group] == nil { order.append(group) }
      parts[group, default: []].append(index)
    }
    return order.map { ($0, Candidate(self, aspects: parts[$0]!)) }
  }

  /// By aspect.
  private func groups(of arm: Arm) -> [Group] {
    let runs = arm.comparableRuns
    var readings: [Place: [Slot.Reading]] = [:]
    return aspects.map { aspect in
      let place = aspect.place
      let known = readings[place] ?? runs.map { aspect.slot.subject.reading(of: $0) }
      readings[place] = known
      let groups = Set(known.map { aspect.group(of: $0) })
      guard groups.count == 1, let group = groups.first else { return .unstable }
      return group.map { .known($0) } ?? .other
    }
  }

  func precedes(_ other: Candidate) -> Bool {
    if tier != other.tier { return tier == .trusted }
    return sizes[0] == other.sizes[0] ? main.place < other.main.place : sizes[0] < other.sizes[0]
  }
}
