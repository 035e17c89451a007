import EnvprobeModel

/// Where an observation was made: the key under which runs are compared.
public struct Place: Hashable, Sendable {
  public var channel: Channel
  /// As in ``Observation/location``.
  public var location: String

  public init(_ channel: Channel, _ location: String) {
    self.channel = channel
    self.location = location
  }

  public static func == (a: Place, b: Place) -> Bool {
    a.channel == b.channel && Text(a.location) == Text(b.location)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(channel)
    Text(location).hash(into: &hasher)
  }
}

extension Place: Comparable {
  public static func < (a: Place, b: Place) -> Bool {
    a.channel == b.channel ? Text(a.location) < Text(b.location) : a.channel < b.channel
  }
}

/// What one run showed at one place: a multiset of values.
struct PlaceContent: Sendable {
  /// How the values of a place are to be compared.
  enum Shape: Sendable, Hashable {
    /// Values with how often each occurred.
    case values
    /// Values of which only the presence counts: how often a name is resolved depends on chance.
    case set
    /// Sequences of names, joined by ``separator``. Only the order of those names counts that every run shows: what
    /// comes or goes has places of its own.
    case order
  }

  /// Between the items of a sequence; no text that is compared as a sequence holds it.
  static let separator: Character = "\u{1F}"

  var tier: Observation.Tier
  var shape: Shape
  var values: [Text: Int] = [:]
  /// Equal for equal values, within one process; by it, places that do not differ cost one comparison of integers.
  private(set) var fingerprint = 0

  init(tier: Observation.Tier, shape: Shape) {
    self.tier = tier
    self.shape = shape
  }

  mutating func add(_ value: Text, _ count: Int, tier: Observation.Tier) {
    values[value, default: 0] += count
    // Two requests of different trust at one place: the place is worth what the less trusted one is.
    if tier == .low { self.tier = .low }
  }

  mutating func seal() {
    var sum = 0
    for (value, count) in values {
      var hasher = Hasher()
      hasher.combine(value)
      hasher.combine(shape == .set ? 1 : count)
      sum &+= hasher.finalize()
    }
    // 0 is for places that a run does not have.
    fingerprint = sum == 0 ? 1 : sum
  }
}
