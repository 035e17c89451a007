import EnvprobeModel

/// A difference that wants a cause: one signature that some assignments show and the baseline does not.
public struct Candidate: Hashable, Sendable, Identifiable {
  /// The caller's name for it. Differences that every run shows together are best made one candidate.
  public var id: String
  /// An assignment that shows the baseline's side.
  public var baseline: Assignment
  /// The assignments that show the other side, the same in all of them; at least one. Several are several chances:
  /// the search begins with the one that differs least from the baseline.
  public var others: [Assignment]

  public init(id: String, baseline: Assignment, others: [Assignment]) {
    self.id = id
    self.baseline = baseline
    self.others = others
  }
}

/// What the runs under one assignment show of a candidate.
public enum Showing: String, Hashable, Sendable, Codable, CaseIterable {
  /// The baseline's side.
  case baseline
  /// The other side.
  case other
  /// Something else: a third value, or a place that does not exist.
  case different
  /// The runs disagree.
  case unstable
  /// No run under the assignment tells: they failed, or what would tell is missing from their traces.
  case unobserved

  /// Whether it says something.
  public var isDecisive: Bool { self != .unstable && self != .unobserved }

  /// What several runs show together: what all of them show; from five runs on, what all but one in five show.
  public static func agreed(by runs: [Showing]) -> Showing {
    let decisive = runs.filter { $0 != .unobserved }
    guard !decisive.isEmpty else { return .unobserved }
    let counts = Dictionary(grouping: decisive, by: \.self).mapValues(\.count)
    let (showing, count) = counts.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }!
    let tolerated = decisive.count / 5
    return decisive.count - count <= tolerated ? showing : .unstable
  }
}

/// Runs that a search wants: `repeats` runs under an assignment, those that exist included.
public struct Experiment: Hashable, Sendable {
  public var assignment: Assignment
  public var repeats: Int

  public init(assignment: Assignment, repeats: Int) {
    self.assignment = assignment
    self.repeats = repeats
  }
}

/// What is known under one assignment, of every candidate.
public struct Evidence: Hashable, Sendable {
  /// How many runs it rests on.
  public var repeats: Int
  public var showings: [Candidate.ID: Showing]

  public init(repeats: Int, showings: [Candidate.ID: Showing]) {
    self.repeats = repeats
    self.showings = showings
  }
}
