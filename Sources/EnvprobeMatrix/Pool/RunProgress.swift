/// How far a set of runs is: what a live line shows.
public struct RunProgress: Hashable, Sendable {
  public var total: Int
  /// Runs that ended, the failed ones among them.
  public var done: Int
  /// Runs that could not be made.
  public var failed: Int
  /// Ids of the runs that are going on, in the order in which they began.
  public var inFlight: [String]
  public var elapsed: Duration
  /// `nil` until a run has ended.
  public var remaining: Duration?

  public init(
    total: Int, done: Int = 0, failed: Int = 0, inFlight: [String] = [], elapsed: Duration = .zero,
    remaining: Duration? = nil
  ) {
    self.total = total
    self.done = done
    self.failed = failed
    self.inFlight = inFlight
    self.elapsed = elapsed
    self.remaining = remaining
  }
}

/// How long runs take, from those that have ended.
struct RunEstimate {
  /// The mean of the middle half: one run that hung until its time-out must not multiply the time left.
  static func typical(_ durations: [Duration]) -> Duration? {
    guard !durations.isEmpty else { return nil }
    let sorted = durations.sorted()
    let cut = sorted.count / 4
    let middle = sorted[cut..<(sorted.count - cut)]
    return middle.reduce(.zero, +) / middle.count
  }

  /// The time until `queued` further runs and those in flight, begun so long ago, have ended.
  static func remaining(
    ended: [Duration], queued: Int, inFlight ages: [Duration], jobs: Int
  ) -> Duration? {
    guard let typical = typical(ended) else { return nil }
    let begun = ages.reduce(Duration.zero) { $0 + max(typical - $1, .zero) }
    return (typical * queued + begun) / max(min(jobs, queued + ages.count), 1)
  }
}
