/// A function, or a value, of a language runtime's library by which a program learns something of the place: told by a
/// ``RuntimeHook``.
///
/// Like an ``EnvironmentRead``, it is recorded when a process comes to it first, and once more with the whole `count` when
/// the process ends.
public struct RuntimeCall: Hashable, Sendable, Codable {
  /// As in the source: `Intl.DateTimeFormat.resolvedOptions`, `time.tzname`.
  public var name: String
  /// Where it was first used, innermost first, as the runtime writes it: `main (/work/a.js:3:7)`.
  public var stack: [String]
  public var count: Int
  /// In seconds of the monotonic clock since the launch.
  public var firstTime: Double

  public init(name: String, stack: [String], count: Int, firstTime: Double) {
    self.name = name
    self.stack = stack
    self.count = count
    self.firstTime = firstTime
  }
}
