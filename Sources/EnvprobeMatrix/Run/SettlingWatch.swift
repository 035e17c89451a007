import EnvprobeCompare
import EnvprobeModel

/// Watches equal runs until nothing new varies between them.
struct SettlingWatch {
  private struct Key: Hashable {
    var channel: Channel
    var location: String
  }

  private var first: [Key: [String: Int]]?
  private var varying: Set<Key> = []
  /// How many runs in a row brought nothing new.
  private(set) var quiet = 0

  /// Takes in the next run.
  mutating func add(_ run: RunObservations) {
    var contents: [Key: [String: Int]] = [:]
    for (observation, count) in run.observations where observation.tier == .trusted {
      contents[Key(channel: observation.channel, location: observation.location), default: [:]][observation.value] =
        count
    }
    guard let first else {
      first = contents
      return
    }
    let before = varying.count
    for (key, values) in contents where !varying.contains(key) && first[key] != values { varying.insert(key) }
    for key in first.keys where contents[key] == nil { varying.insert(key) }
    quiet = varying.count == before ? quiet + 1 : 0
  }
}
