import EnvprobeModel
import EnvprobeSandbox

/// What the clock of a run shows when it starts.
public enum RunClock: Hashable, Sendable {
  /// The host's time, even where the assignment says otherwise.
  case host
  /// The assignment's instant, or the host's time where it has none.
  case assigned
  /// The assignment's instant, or this one: that of a matrix, all of whose runs start at the same instant.
  ///
  /// - Parameter isRequired: Whether a host that forbids it is an error. Otherwise the clock is the host's.
  case shared(Instant, isRequired: Bool)

  /// Seconds since boot at the start of a run whose clock is set, the same in all: an ordinary machine's after a night and
  /// a morning.
  static let uptime = 51_137

  /// The instant for an assignment; `nil` for the host's time.
  func target(for assignment: Assignment) throws(MatrixError) -> (instant: Instant, isRequired: Bool)? {
    if self == .host { return nil }
    if let text = assignment.clock {
      guard let instant = Instant(text) else {
        throw MatrixError(
          .plan, subject: "", reason: "the clock cannot show \(text)", hint: "choose a year before 2262")
      }
      return (instant, true)
    }
    guard case .shared(let instant, let isRequired) = self else { return nil }
    return (instant, isRequired)
  }

  /// The instant at which a matrix starts its runs unless told otherwise: a whole hour of the day that it is now in UTC,
  /// at which it is the same day in all of its zones, as far from midnight in each of them as it can be.
  ///
  /// Where there is no such hour, as for zones on both sides of the date line, it is one at which the day is the same in
  /// the most of them.
  ///
  /// - Parameters:
  ///   - zones: what the offset from UTC is in each zone at an instant, in seconds.
  ///   - now: seconds since 1970.
  static func sharedInstant(_ zones: [(Int64) -> Int], now: Int64) -> Instant {
    let midnight = now / 86_400 * 86_400
    let hours = (0..<24).map { midnight + Int64($0) * 3600 }
    func rate(_ instant: Int64) -> (same: Int, margin: Int64) {
      var same = 0
      var margin = Int64(86_400)
      for zone in zones {
        let local = instant + Int64(zone(instant))
        guard local / 86_400 == instant / 86_400 else { continue }
        same += 1
        margin = min(margin, local % 86_400, 86_400 - local % 86_400)
      }
      return (same, margin)
    }
    let best = hours.map { (hour: $0, rate: rate($0)) }.reduce((hour: midnight, rate: (same: -1, margin: 0))) {
      $1.rate > $0.rate ? $1 : $0
    }
    return Instant(nanoseconds: best.hour * 1_000_000_000)
  }

  /// ``sharedInstant(_:now:)`` for the zones of a design.
  public static func sharedInstant(of design: Design, now: Int64) throws(LaunchError) -> Instant {
    var zones: [(Int64) -> Int] = []
    for name in Set(design.arms.map { $0.assignment.timezone ?? Plan.Default.timezone }) {
      let file = try Sandbox.zone(name)
      zones.append { file.moment(at: $0).offset }
    }
    return sharedInstant(zones, now: now)
  }
}
