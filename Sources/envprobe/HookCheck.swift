import EnvprobeCompare
import EnvprobeMatrix
import EnvprobeModel
import EnvprobeRecorder
import EnvprobeSandbox

/// Finds out whether a program behaves otherwise for the hooks in its runtimes, by two more runs without them: only what
/// is the same in both can differ for that reason.
struct HookCheck {
  var settings: RunSettings
  var sandbox: Sandbox
  var subject: Subject
  var assignment: Assignment

  /// What the hooks bring with them: what is read and called, and the environment that is handed on.
  private static let own: Set<Channel> = [.env, .syscall, .exec, .timing]

  /// Sentences for a person. The records of the two runs are kept in the folder of the hooked one.
  func differences(from bundle: String, isInteractive: Bool) throws -> [String] {
    if isInteractive {
      return ["hooks: used at a terminal; run it without one to learn whether the program behaves otherwise for them"]
    }
    var settings = settings
    settings.hooks = []
    let executor = try RunExecutor(
      settings: settings, sandbox: sandbox, subject: subject,
      instants: assignment.clock.flatMap { Instant($0) }.map { [$0] } ?? [])
    defer { executor.shutdown() }
    let plain = try (1...2).map { number in
      let path = "\(bundle)/unhooked-\(number)"
      _ = try executor.run(
        PlannedRun(id: "unhooked-\(number)", profile: nil, assignment: assignment, repetition: number), bundle: path,
        streams: .detached)
      return Self.places(of: try BundleReader.read(path))
    }
    let hooked = Self.places(of: try BundleReader.read(bundle))
    let places = Set(hooked.keys).union(plain[0].keys).filter {
      plain[0][$0] == plain[1][$0] && hooked[$0] != plain[0][$0]
    }
    if places.isEmpty { return ["hooks: two runs without them show the same"] }
    let names = places.map { "\($0.channel.rawValue) \($0.location)" }.sorted()
    return ["hooks: the program behaves otherwise for them, in \(names.count) places:"]
      + names.prefix(12).map { "  " + $0 }
      + (names.count > 12 ? ["  and \(names.count - 12) more"] : [])
  }

  private struct Place: Hashable {
    var channel: Channel
    var location: String
  }

  private static func places(of trace: Trace) -> [Place: [Observation: Int]] {
    var result: [Place: [Observation: Int]] = [:]
    for (observation, count) in observations(of: trace) where !own.contains(observation.channel) {
      // Which paths are asked for is the hooks' doing as well.
      if observation.channel == .file, observation.location.hasPrefix("path asked for") { continue }
      if observation.tier == .low { continue }
      result[Place(channel: observation.channel, location: observation.location), default: [:]][observation] = count
    }
    return result
  }
}
