import EnvprobeModel

/// Which assignments a matrix compares: the profiles as they are, the first one being the baseline.
///
/// The assignments that attribution adds later are no part of the design; they follow from what the design shows.
public struct Design: Hashable, Sendable, Codable {
  /// A profile, reduced to what a run needs of it.
  public struct Arm: Hashable, Sendable, Codable {
    public var name: String
    public var assignment: Assignment

    public init(name: String, assignment: Assignment) {
      self.name = name
      self.assignment = assignment
    }
  }

  /// In the order in which they were asked for; never empty.
  public let arms: [Arm]

  /// The arm that the others are compared with.
  public var baseline: Arm { arms[0] }

  /// Fails where two arms could not be told apart: by their names, or in what they set.
  public init(profiles arms: [Arm]) throws(MatrixError) {
    guard !arms.isEmpty else {
      throw MatrixError(.plan, subject: "", reason: "there is no profile", hint: "name at least one with --profiles")
    }
    var folders: [String: String] = [:]
    var assignments: [Assignment: String] = [:]
    for arm in arms {
      let folder = RunName.folder(for: arm.name)
      if let other = folders[folder] {
        throw MatrixError(
          .plan, subject: "", reason: "two profiles are called '\(other)' and '\(arm.name)'",
          hint: "name each profile once, and give profiles names that differ in letters or digits")
      }
      if let other = assignments[arm.assignment] {
        throw MatrixError(
          .plan, subject: "", reason: "the profiles '\(other)' and '\(arm.name)' set the same levels",
          hint: "use --repeat to run one profile several times")
      }
      folders[folder] = arm.name
      assignments[arm.assignment] = arm.name
    }
    self.arms = arms
  }

  /// The name of the profile whose assignment is exactly this one.
  public func name(of assignment: Assignment) -> String? { arms.first { $0.assignment == assignment }?.name }

  /// The factors in which at least two arms differ, in their canonical order: all that a finding can depend on.
  public var varyingFactors: [Factor] {
    Set(arms.dropFirst().flatMap { $0.assignment.differingFactors(from: baseline.assignment) }).sorted()
  }

  /// Every locale that an arm sets, so that each run finds the same set of them.
  public var locales: [String] { Set(arms.flatMap { $0.assignment.locale?.locales ?? [] }).sorted() }

  /// The levels that the arms offer for a factor, in order of first appearance; `nil` where an arm leaves it unset.
  public func levels(of factor: Factor) -> [Level?] {
    var seen: Set<Level?> = []
    return arms.map { $0.assignment[factor] }.filter { seen.insert($0).inserted }
  }

  private enum CodingKeys: CodingKey { case arms }

  public init(from decoder: any Decoder) throws {
    let arms = try decoder.container(keyedBy: CodingKeys.self).decode([Arm].self, forKey: .arms)
    try self.init(profiles: arms)
  }
}
