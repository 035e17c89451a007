import CEnvprobeTracer
import Glibc

/// By how much the clock of a program is ahead of the host's, and since when.
///
/// The offset is a whole number of microseconds, so that a time rounded down to microseconds or nanoseconds is the same
/// whichever of them it is shifted in.
public struct ClockShift: Hashable, Sendable {
  /// Added to the host's time: `seconds` may be negative, `nanoseconds` lies in 0..<1,000,000,000.
  public let seconds: Int64
  public let nanoseconds: Int64
  /// The host's time at which the run began, in nanoseconds since 1970: files with times from then on are its own.
  public let since: Int64

  /// - Parameters:
  ///   - instant: What the program's clock shows at the host's time `now`; both in nanoseconds since 1970.
  ///   - since: When the making of the run began, in nanoseconds since 1970; `nil` is `now`.
  public init(showing instant: Int64, at now: Int64 = ClockShift.hostTime(), since: Int64? = nil) {
    let offset = instant &- now
    let whole = offset / 1000 * 1000
    let (quotient, remainder) = whole.quotientAndRemainder(dividingBy: 1_000_000_000)
    seconds = remainder < 0 ? quotient - 1 : quotient
    nanoseconds = remainder < 0 ? remainder + 1_000_000_000 : remainder
    self.since = since ?? now
  }

  /// What the program's clock shows, in whole seconds since 1970.
  public func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(shifted(time).tv_sec)
  }

  /// The host's realtime clock, in nanoseconds since 1970.
  public static func hostTime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// What must stand in front of the filter that notifies, as an array of `struct sock_filter`, for the clock to be
  /// shifted: readings of it are then notified, and calls with a deadline on it are handed to the tracer.
  public static var filter: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
      count = max(0, Int(envprobe_clock_filter(buffer.baseAddress, 8192)))
    }
  }

  /// A host's time as the program's clock has it.
  func shifted(_ time: timespec) -> timespec {
    var result = timespec(tv_sec: time.tv_sec &+ Int(seconds), tv_nsec: time.tv_nsec + Int(nanoseconds))
    if result.tv_nsec >= 1_000_000_000 {
      result.tv_nsec -= 1_000_000_000
      result.tv_sec &+= 1
    }
    return result
  }

  /// A time of the program's clock as the host's has it; not before 1970, where the kernel has no deadlines.
  func host(_ time: timespec) -> timespec {
    let (seconds, overflow) = time.tv_sec.subtractingReportingOverflow(Int(self.seconds))
    // Whatever lies that far away is never reached.
    if overflow { return timespec(tv_sec: self.seconds < 0 ? .max : 0, tv_nsec: time.tv_nsec) }
    var result = timespec(tv_sec: seconds, tv_nsec: time.tv_nsec - Int(nanoseconds))
    if result.tv_nsec < 0 {
      result.tv_nsec += 1_000_000_000
      result.tv_sec -= 1
    }
    return result.tv_sec < 0 ? timespec(tv_sec: 0, tv_nsec: 1) : result
  }

  /// The clocks of `clock_gettime(2)` that are shifted: `CLOCK_REALTIME`, `CLOCK_REALTIME_COARSE`,
  /// `CLOCK_REALTIME_ALARM` and `CLOCK_TAI`.
  static func isShifted(_ clock: Int32) -> Bool { clock == 0 || clock == 5 || clock == 8 || clock == 11 }
  /// Those that the vDSO reads by itself.
  static func isReadInVDSO(_ clock: Int32) -> Bool { clock == 0 || clock == 5 || clock == 11 }
}
