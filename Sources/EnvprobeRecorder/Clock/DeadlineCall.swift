/// A system call that takes a point in time, where that is one of a clock that is shifted.
struct DeadlineCall: Sendable {
  enum Clock: Sendable {
    /// Realtime, or the filter has looked at it.
    case known
    /// In an argument.
    case argument(Int)
    /// That of the timer whose descriptor, or number, is argument 0.
    case timerDescriptor, timer
  }

  let name: String
  /// The argument that points to it.
  let argument: Int
  let clock: Clock
  /// Bytes of each of its two numbers.
  let width: Int
  /// Whether it stands behind an interval, and zero means none (`struct itimerspec`).
  let hasInterval: Bool

  private init(_ name: String, _ argument: Int, _ clock: Clock = .known, width: Int = 8, hasInterval: Bool = false) {
    self.name = name
    self.argument = argument
    self.clock = clock
    self.width = width
    self.hasInterval = hasInterval
  }

  /// The bytes of the structure, and where in it the deadline is.
  var size: Int { hasInterval ? width * 4 : width * 2 }
  var offset: Int { hasInterval ? width * 2 : 0 }

  /// By number; the calls that the filter hands over.
  static let amd64: [UInt64: DeadlineCall] = [
    202: .init("futex", 3),
    223: .init("timer_settime", 2, .timer, hasInterval: true),
    230: .init("clock_nanosleep", 2),
    242: .init("mq_timedsend", 4),
    243: .init("mq_timedreceive", 4),
    286: .init("timerfd_settime", 2, .timerDescriptor, hasInterval: true),
    449: .init("futex_waitv", 3, .argument(4)),
    455: .init("futex_wait", 4, .argument(5)),
  ]
  static let i386: [UInt64: DeadlineCall] = [
    240: .init("futex", 3, width: 4),
    260: .init("timer_settime", 2, .timer, width: 4, hasInterval: true),
    267: .init("clock_nanosleep", 2, width: 4),
    279: .init("mq_timedsend", 4, width: 4),
    280: .init("mq_timedreceive", 4, width: 4),
    325: .init("timerfd_settime", 2, .timerDescriptor, width: 4, hasInterval: true),
    407: .init("clock_nanosleep_time64", 2),
    409: .init("timer_settime64", 2, .timer, hasInterval: true),
    411: .init("timerfd_settime64", 2, .timerDescriptor, hasInterval: true),
    418: .init("mq_timedsend_time64", 4),
    419: .init("mq_timedreceive_time64", 4),
    422: .init("futex_time64", 3),
    449: .init("futex_waitv", 3, .argument(4)),
    455: .init("futex_wait", 4, .argument(5)),
  ]
}
