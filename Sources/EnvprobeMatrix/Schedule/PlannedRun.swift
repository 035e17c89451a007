import EnvprobeModel

/// What tells one run of a matrix from every other, whatever it is called.
public struct RunKey: Hashable, Sendable {
  public var assignment: Assignment
  /// Counts from 1 among the runs of one assignment.
  public var repetition: Int

  public init(assignment: Assignment, repetition: Int) {
    self.assignment = assignment
    self.repetition = repetition
  }
}

/// A run that a matrix means to make.
public struct PlannedRun: Hashable, Sendable, Codable, Identifiable {
  /// Unique within the matrix, and the name of the bundle's folder: `cn-gateway-2`; `x07-1` for an experiment.
  public var id: String
  /// The profile, where the assignment is exactly a profile's.
  public var profile: String?
  public var assignment: Assignment
  /// Counts from 1 among the runs of one assignment.
  public var repetition: Int

  public init(id: String, profile: String?, assignment: Assignment, repetition: Int) {
    self.id = id
    self.profile = profile
    self.assignment = assignment
    self.repetition = repetition
  }

  public var key: RunKey { RunKey(assignment: assignment, repetition: repetition) }

  enum CodingKeys: String, CodingKey {
    case id, profile, assignment
    case repetition = "repeat"
  }
}

/// How runs are called.
enum RunName {
  /// A folder's name for a profile's: letters, digits, dots, underscores and hyphens, never hidden, never empty.
  static func folder(for profile: String) -> String {
    let kept = profile.unicodeScalars.map { scalar -> Character in
      let isPlain =
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        || "._-".unicodeScalars.contains(scalar)
      return isPlain ? Character(scalar) : "-"
    }
    let name = String(kept.drop { $0 == "." })
    return name.isEmpty ? "profile" : name
  }

  /// The letters before an experiment's number: `x`, doubled until no profile could be mistaken for an experiment.
  static func experimentPrefix(besides profiles: [String]) -> String {
    var prefix = "x"
    let folders = profiles.map(folder(for:))
    while folders.contains(where: { $0.hasPrefix(prefix) && $0.dropFirst(prefix.count).first?.isNumber == true }) {
      prefix += "x"
    }
    return prefix
  }

  static func run(of group: String, repetition: Int) -> String { "\(group)-\(repetition)" }

  static func experiment(_ number: Int, prefix: String) -> String {
    prefix + (number < 10 ? "0\(number)" : "\(number)")
  }
}
