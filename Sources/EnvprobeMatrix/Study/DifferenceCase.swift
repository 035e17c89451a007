import EnvprobeCompare
import EnvprobeModel

/// A difference that the comparison found, with everything that experiments have shown of it since.
struct DifferenceCase {
  typealias Group = EnvprobeCompare.Candidate.Group

  /// `d3`, and `d3.1`, `d3.2` for what it was cut into.
  let id: String
  let candidate: EnvprobeCompare.Candidate
  /// By assignment: how many runs tell, and what they show.
  private(set) var groups: [Assignment: (runs: Int, group: Group)] = [:]

  init(id: String, candidate: EnvprobeCompare.Candidate) {
    self.id = id
    self.candidate = candidate
  }

  /// The cases that are left when an arm is taken into account: this one, or its parts where the arm shows that its
  /// places do not go together.
  func learning(from arm: Arm) -> [DifferenceCase] {
    if let known = groups[arm.assignment], known.runs == arm.runs.count { return [self] }
    let parts = candidate.divided(by: arm)
    return parts.enumerated().map { index, part in
      var result =
        parts.count == 1
        ? self : DifferenceCase(id: "\(id).\(index + 1)", candidate: part.candidate, groups: groups)
      result.groups[arm.assignment] = (arm.runs.count, part.group)
      return result
    }
  }

  private init(
    id: String, candidate: EnvprobeCompare.Candidate, groups: [Assignment: (runs: Int, group: Group)]
  ) {
    self.id = id
    self.candidate = candidate
    self.groups = groups
  }

  /// More behaviours than this, and the causes of the first few stand for all: a value that follows a level's own text is
  /// another for every level.
  static let maximumQuestions = 8

  /// The questions to investigate: what makes the baseline's behaviour into each of the others.
  func questions(arms: [Arm]) -> [Candidate] {
    guard let baseline = candidate.arms(in: 0).first else { return [] }
    return (1..<max(candidate.classCount, 1)).prefix(Self.maximumQuestions).map { group in
      Candidate(
        id: questionID(group), baseline: arms[baseline].assignment,
        others: candidate.arms(in: group).map { arms[$0].assignment })
    }
  }

  func questionID(_ group: Int) -> Candidate.ID { "\(id)=\(group)" }

  /// What is known under an assignment, question by question.
  func showings(under assignment: Assignment) -> [Candidate.ID: Showing] {
    guard let known = groups[assignment] else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: (1..<max(candidate.classCount, 1)).map { group in
        let showing: Showing =
          switch known.group {
          case .known(0): .baseline
          case .known(group): .other
          case .known, .other: .different
          case .unstable: .unstable
          }
        return (questionID(group), showing)
      })
  }
}
