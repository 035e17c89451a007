/// A named, coherent choice of levels, with everything that it inherits.
public struct Profile: Hashable, Sendable {
  /// The value that `schema:` may have in a profile file.
  public static let currentSchema = "envprobe.profile/1"

  /// The keys of a profile file that are no factors.
  public static let plainKeys = ["schema", "name", "description", "extends"]
  /// The key under which further environment variables stand, each a factor of its own.
  public static let variablesKey = "env"
  /// Every key that a profile file may have at its top level.
  public static let keys = plainKeys + Factor.keyed.map(\.name) + [variablesKey]

  public var name: String
  public var description: String?
  /// The profiles that it extends, the nearest first.
  public var ancestors: [String]
  public var assignment: Assignment

  public init(name: String, description: String? = nil, ancestors: [String] = [], assignment: Assignment) {
    self.name = name
    self.description = description
    self.ancestors = ancestors
    self.assignment = assignment
  }
}

/// A profile file as it is written, before what it extends is looked up.
public struct ProfileDocument: Hashable, Sendable {
  /// A place in the file, both counted from 1.
  public struct Place: Hashable, Sendable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
      self.line = line
      self.column = column
    }
  }

  /// The file as it was named.
  public var file: String
  public var name: String
  public var description: String?
  public var extends: String?
  /// Where `extends` names its profile.
  public var extendsPlace: Place?
  /// The levels that the file sets itself.
  public var assignment: Assignment
  /// The factors that the file takes away from what it extends, by giving them no value.
  public var unset: Set<Factor>

  /// This document on top of the profile that it extends: its own levels win, factor by factor.
  public func resolved(onto parent: Profile?) -> Profile {
    var levels = parent?.assignment ?? Assignment()
    for factor in unset { levels[factor] = nil }
    for factor in assignment.factors { levels[factor] = assignment[factor] }
    let ancestors = parent.map { [$0.name] + $0.ancestors } ?? []
    return Profile(name: name, description: description, ancestors: ancestors, assignment: levels)
  }
}
