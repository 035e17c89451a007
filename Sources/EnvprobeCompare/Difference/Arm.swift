import EnvprobeModel

/// The runs of one assignment.
public struct Arm: Sendable {
  public var assignment: Assignment
  /// The repeats, in any order.
  public var runs: [RunObservations]

  public init(assignment: Assignment, runs: [RunObservations]) {
    self.assignment = assignment
    self.runs = runs
  }

  /// The arms of runs, in the order in which their assignments first come.
  public static func arms(of runs: [RunObservations]) -> [Arm] {
    var arms: [Arm] = []
    var index: [Assignment: Int] = [:]
    for run in runs {
      if let known = index[run.assignment] {
        arms[known].runs.append(run)
      } else {
        index[run.assignment] = arms.count
        arms.append(Arm(assignment: run.assignment, runs: [run]))
      }
    }
    return arms
  }

  /// The runs to compare: those that did not end early. A run that was stopped lacks what it would have done, which
  /// would look like noise and hide differences; where all were stopped, there is nothing better than them.
  var comparableRuns: [RunObservations] {
    let whole = runs.filter { run in !run.gaps.contains { Self.breaksOff.contains($0.kind) } }
    return whole.isEmpty ? runs : whole
  }

  private static let breaksOff: Set<Gap.Kind> = [.timeout, .bundle, .lostEvents]
}
