/// A canonical fact from a trace. Two runs that behave alike have the same multiset of observations, but for noise.
public struct Observation: Hashable, Sendable {
  public var channel: Channel
  /// Where in the channel: for a request `POST api.example.com/v1/messages body.system[1].text`. Free of values that
  /// differ from run to run.
  public var location: String
  /// The bytes seen there, after the profile's own values were replaced by placeholders.
  public var value: String
  public var tier: Tier

  /// How far the place is to be trusted to be the same in equal runs.
  public enum Tier: String, Sendable, Codable {
    /// Model requests, names, exit, output, files.
    case trusted
    /// Telemetry, order, TLS, counts of system calls.
    case low
  }

  public init(channel: Channel, location: String, value: String, tier: Tier) {
    self.channel = channel
    self.location = location
    self.value = value
    self.tier = tier
  }

  /// By bytes: the equality of strings is canonical equivalence, in which a program could hide a bit.
  public static func == (a: Observation, b: Observation) -> Bool {
    a.channel == b.channel && a.tier == b.tier && a.location.utf8.elementsEqual(b.location.utf8)
      && a.value.utf8.elementsEqual(b.value.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(channel)
    hasher.combine(tier)
    for var text in [location, value] { text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) } }
  }
}
