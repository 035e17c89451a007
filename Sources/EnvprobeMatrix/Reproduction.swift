import EnvprobeModel

/// The two command lines that show a finding to somebody who does not believe it.
public struct Reproduction: Hashable, Sendable {
  /// Argument vectors of `envprobe run`: the side of the baseline, then the other.
  public let commands: [[String]]

  /// - Parameters:
  ///   - baseline: the assignment of the side that looks like the baseline.
  ///   - other: the assignment of the other side; for an attributed finding the baseline with the cause's levels.
  ///   - arms: the profiles that the commands may name.
  ///   - command: the program under audit with its arguments.
  ///   - clock: what `--clock` was: an instant, or `host`; `nil` where it is not known.
  public init(baseline: Assignment, other: Assignment, arms: [Design.Arm], command: [String], clock: String? = nil) {
    // One profile on both sides reads best: what is set on top of it is then the cause and nothing else.
    let shared = arms.min { Self.cost($0, [baseline, other]) < Self.cost($1, [baseline, other]) }
    commands = [baseline, other].map { assignment in
      let exact = arms.first { $0.assignment == assignment }
      return ["envprobe", "run"] + Self.options(assignment, from: exact ?? shared) + Self.option(clock, for: assignment)
        + ["--"] + command
    }
  }

  /// `--clock` where a run would begin at another time without it. An instant of the assignment's own comes first, but for
  /// `host`.
  private static func option(_ clock: String?, for assignment: Assignment) -> [String] {
    guard let clock, (clock == "host") == (assignment.clock != nil) else { return [] }
    return ["--clock", clock]
  }

  private static func cost(_ arm: Design.Arm, _ assignments: [Assignment]) -> Int {
    assignments.reduce(0) { $0 + $1.differingFactors(from: arm.assignment).count }
  }

  /// `--profile` and the smallest number of `--set` that turn it into an assignment.
  static func options(_ assignment: Assignment, from arm: Design.Arm?) -> [String] {
    let start = arm?.assignment ?? Assignment()
    let named = arm.map { ["--profile", $0.name] + $0.settings.flatMap { ["--set", $0] } } ?? []
    return named
      + assignment.differingFactors(from: start).flatMap { factor in
        ["--set", Setting(factor: factor, level: assignment[factor]).description]
      }
  }
}
