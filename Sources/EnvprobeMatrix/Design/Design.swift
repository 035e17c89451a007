import EnvprobeModel

/// Which assignments a matrix compares; the first one is the baseline.
///
/// The assignments that attribution adds later are no part of the design; they follow from what the design shows.
public struct Design: Hashable, Sendable, Codable {
  /// An assignment with a name: a profile, reduced to what a run needs of it, or a mixture that the design made.
  public struct Arm: Hashable, Sendable, Codable {
    public var name: String
    public var assignment: Assignment
    /// Whether the name is that of a profile whose levels the assignment has.
    public var isProfile: Bool
    /// What `--set` puts on top of the profile; the assignment has it.
    public var settings: [String]

    public init(name: String, assignment: Assignment, isProfile: Bool = true, settings: [String] = []) {
      self.name = name
      self.assignment = assignment
      self.isProfile = isProfile
      self.settings = settings
    }

    private enum CodingKeys: String, CodingKey {
      case name, assignment, settings
      case isMade = "made"
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        name: try container.decode(String.self, forKey: .name),
        assignment: try container.decode(Assignment.self, forKey: .assignment),
        isProfile: try container.decodeIfPresent(Bool.self, forKey: .isMade) != true,
        settings: try container.decodeIfPresent([String].self, forKey: .settings) ?? [])
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(assignment, forKey: .assignment)
      if !settings.isEmpty { try container.encode(settings, forKey: .settings) }
      if !isProfile { try container.encode(true, forKey: .isMade) }
    }
  }

  public let kind: DesignKind
  /// The profiles whose levels the design uses, in the order in which they were asked for; never empty.
  public let profiles: [Arm]
  /// The assignments to run; never empty.
  public let arms: [Arm]
  private let index: [Assignment: Int]

  /// The arm that the others are compared with.
  public var baseline: Arm { arms[0] }

  /// The profiles as they are. Fails where two could not be told apart: by their names, or in what they set.
  public init(profiles: [Arm]) throws(MatrixError) {
    try self.init(.profiles, profiles: profiles, arms: profiles)
  }

  /// A design whose arms are made already; the first profile is the baseline and the first arm.
  init(_ kind: DesignKind, profiles: [Arm], arms: [Arm]) throws(MatrixError) {
    try Self.requireDistinct(profiles)
    self.kind = kind
    self.profiles = profiles
    self.arms = Self.distinctlyNamed(arms)
    index = Dictionary(uniqueKeysWithValues: self.arms.enumerated().map { ($1.assignment, $0) })
  }

  private static func requireDistinct(_ profiles: [Arm]) throws(MatrixError) {
    guard !profiles.isEmpty else {
      throw MatrixError(.plan, subject: "", reason: "there is no profile", hint: "name at least one with --profiles")
    }
    var folders: [String: String] = [:]
    var assignments: [Assignment: String] = [:]
    for arm in profiles {
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
  }

  /// The arms, each assignment once; those that the design made are renamed where two would share a folder.
  private static func distinctlyNamed(_ arms: [Arm]) -> [Arm] {
    var seen: Set<Assignment> = []
    var folders: Set<String> = Set(arms.filter(\.isProfile).map { RunName.folder(for: $0.name) })
    return arms.filter { seen.insert($0.assignment).inserted }.map { arm in
      guard !arm.isProfile else { return arm }
      var result = arm
      var number = 2
      while !folders.insert(RunName.folder(for: result.name)).inserted {
        result.name = "\(arm.name)-\(number)"
        number += 1
      }
      return result
    }
  }

  /// The arm of an assignment; `nil` where the design has none.
  public func arm(of assignment: Assignment) -> Arm? { index[assignment].map { arms[$0] } }

  /// The position of an assignment among the arms.
  func position(of assignment: Assignment) -> Int? { index[assignment] }

  /// The name of the profile whose assignment is exactly this one.
  public func name(of assignment: Assignment) -> String? {
    arm(of: assignment).flatMap { $0.isProfile ? $0.name : nil }
  }

  /// The factors in which at least two arms differ, in their canonical order: all that a finding can depend on.
  public var varyingFactors: [Factor] { Self.varyingFactors(of: arms) }

  static func varyingFactors(of arms: [Arm]) -> [Factor] {
    Set(arms.dropFirst().flatMap { $0.assignment.differingFactors(from: arms[0].assignment) }).sorted()
  }

  /// Every locale that an arm sets, so that each run finds the same set of them.
  public var locales: [String] { Set(arms.flatMap { $0.assignment.locale?.locales ?? [] }).sorted() }

  /// The levels that the design offers for a factor, in order of first appearance; `nil` where it is left unset.
  public func levels(of factor: Factor) -> [Level?] { Self.levels(of: factor, in: arms) }

  static func levels(of factor: Factor, in arms: [Arm]) -> [Level?] {
    var seen: Set<Level?> = []
    return arms.map { $0.assignment[factor] }.filter { seen.insert($0).inserted }
  }

  private enum CodingKeys: CodingKey { case kind, profiles, arms }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let arms = try container.decode([Arm].self, forKey: .arms)
    try self.init(
      try container.decodeIfPresent(DesignKind.self, forKey: .kind) ?? .profiles,
      profiles: try container.decodeIfPresent([Arm].self, forKey: .profiles) ?? arms, arms: arms)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    if profiles != arms { try container.encode(profiles, forKey: .profiles) }
    try container.encode(arms, forKey: .arms)
  }
}
