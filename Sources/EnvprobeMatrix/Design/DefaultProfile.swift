/// A profile of the set that a matrix uses when none is named, and what it is there for.
///
/// A difference says nothing until something neutral stands beside it. Any custom endpoint changes what an agent
/// sends, so the interesting endpoint needs another custom one next to it; a zone eight hours east needs another zone
/// eight hours east; a language needs another language. Each row therefore names the rows that it controls for: the
/// profiles that would look alike if only the uninteresting part of their levels mattered.
public struct DefaultProfile: Hashable, Sendable {
  public var name: String
  /// Why the set has it; a clause for help texts and the reference page.
  public var role: String
  /// The profiles for which this one is the neutral counterpart.
  public var controls: [String]

  public init(name: String, role: String, controls: [String]) {
    self.name = name
    self.role = role
    self.controls = controls
  }

  /// A row for each of ``ProfileLibrary/defaultMatrix``, in its order; the first is the baseline.
  public static let all: [DefaultProfile] = [
    .init(
      name: "us", role: "the baseline: the official endpoint, English, no proxy", controls: ["us-gateway", "jp", "cn"]),
    .init(
      name: "us-gateway", role: "a neutral custom endpoint, and nothing else: what any gateway changes",
      controls: ["cn-gateway", "cn-corp"]),
    .init(
      name: "sg-gateway", role: "the offset of China without its zone, behind the neutral gateway",
      controls: ["cn-gateway"]),
    .init(name: "jp", role: "another language and zone of the region", controls: ["cn"]),
    .init(name: "cn", role: "China with the official endpoint", controls: ["cn-gateway", "cn-corp"]),
    .init(
      name: "cn-gateway", role: "China behind the neutral gateway: conjunctions of place and endpoint",
      controls: ["cn-corp"]),
    .init(name: "cn-corp", role: "China behind the gateway of a large company there", controls: []),
  ]
}
