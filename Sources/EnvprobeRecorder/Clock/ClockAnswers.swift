import CEnvprobeRecorder
import EnvprobeModel
import Glibc

/// Answers the readings of the clock that a program makes by system calls, in the kernel's place.
struct ClockAnswers {
  let shift: ClockShift
  private let files: FileTimes
  /// Whether readings are recorded; they are notified for their answers only, where not.
  let isFull: Bool
  /// How many could not be answered because the program's memory cannot be written.
  private(set) var failures = 0

  /// - Parameter folders: Where files may be that were made or changed in the run.
  init(shift: ClockShift, folders: [String], isFull: Bool) {
    self.shift = shift
    files = FileTimes(folders: folders)
    self.isFull = isFull
  }

  enum Answer {
    /// A positive errno, or 0 with the value that the call returns.
    case result(error: Int32, value: Int64)
    /// The kernel's own answer is the right one.
    case goOn
  }

  func deallocate() { files.deallocate() }

  /// - Parameters:
  ///   - payload: The call as it is recorded.
  ///   - isCurrent: Whether the notification still stands.
  /// - Returns: `nil` where the kernel's own answer has nothing of its clock.
  mutating func answer(
    _ notification: envprobe_notification, _ payload: Event.Payload, of thread: TraceeThread, isCurrent: () -> Bool
  ) -> Answer? {
    guard let reading = Self.reading(notification) else {
      return files.answer(
        notification, path: Self.path(of: payload), of: thread, shift: shift, isCurrent: isCurrent)
    }
    let clock = reading.clock
    // The functions that replaced the vDSO's add the offset to whatever those return.
    if ClockShift.isReadInVDSO(clock), reading.isWide,
      thread.process.isInVirtualLibrary(notification.instruction, thread: thread.id)
    {
      return .goOn
    }
    var host = timespec()
    // A machine may lack one.
    guard clock_gettime(clock, &host) == 0 else { return .goOn }
    let time = shift.shifted(host)
    if reading.pointer != 0 {
      let result = reading.layout.bytes(of: time).withUnsafeBytes {
        thread.process.write($0, at: reading.pointer, thread: thread.id, isCurrent: isCurrent)
      }
      if result == -EFAULT { return .result(error: EFAULT, value: 0) }
      if result < 0 {
        failures += 1
        return .goOn
      }
    } else if reading.layout.isTimespec {
      return .result(error: EFAULT, value: 0)
    }
    return .result(error: 0, value: reading.returnsTime ? Int64(time.tv_sec) : 0)
  }

  /// Whether a call would be notified if the clock were the host's.
  func isRecorded(_ rule: SyscallRule?, _ notification: envprobe_notification) -> Bool {
    guard !isFull, let rule else { return true }
    switch rule.treatment {
    case .recorded, .denied: return true
    case .hot: return false
    case .recordedWhen(.notZero(let argument)): return notification.argument(argument) != 0
    case .recordedWhen(.masked(let argument, let mask, let value)):
      return notification.argument(argument) & mask == value
    }
  }

  private static func path(of payload: Event.Payload) -> [UInt8]? {
    guard case .syscall(let call) = payload else { return nil }
    for case .path(.complete(let path)) in call.arguments { return path.bytes }
    return nil
  }

  /// How a time lies in memory.
  private enum Layout {
    case timespec64, timespec32, timeval64, timeval32, seconds64, seconds32

    var isTimespec: Bool { self == .timespec64 || self == .timespec32 }

    func bytes(of time: timespec) -> [UInt8] {
      func words<T: FixedWidthInteger>(_ values: T...) -> [UInt8] {
        values.flatMap { withUnsafeBytes(of: $0) { Array($0) } }
      }
      return switch self {
      case .timespec64: words(Int64(time.tv_sec), Int64(time.tv_nsec))
      case .timespec32: words(Int32(truncatingIfNeeded: time.tv_sec), Int32(time.tv_nsec))
      case .timeval64: words(Int64(time.tv_sec), Int64(time.tv_nsec / 1000))
      case .timeval32: words(Int32(truncatingIfNeeded: time.tv_sec), Int32(time.tv_nsec / 1000))
      case .seconds64: words(Int64(time.tv_sec))
      case .seconds32: words(Int32(truncatingIfNeeded: time.tv_sec))
      }
    }
  }

  private struct Reading {
    var clock: Int32
    var pointer: UInt64
    var layout: Layout
    var returnsTime = false
    var isWide = true
  }

  /// The calls that ``ClockShift/filter`` has notified, by number (`asm/unistd_64.h` and `asm/unistd_32.h`).
  private static func reading(_ notification: envprobe_notification) -> Reading? {
    let (first, second) = (notification.arguments.0, notification.arguments.1)
    let clock = Int32(truncatingIfNeeded: first)
    switch (notification.architecture, notification.number) {
    case (0xc000_003e, 228) where ClockShift.isShifted(clock):
      return Reading(clock: clock, pointer: second, layout: .timespec64)
    case (0xc000_003e, 96): return Reading(clock: 0, pointer: first, layout: .timeval64)
    case (0xc000_003e, 201): return Reading(clock: 5, pointer: first, layout: .seconds64, returnsTime: true)
    case (0x4000_0003, 265) where ClockShift.isShifted(clock):
      return Reading(clock: clock, pointer: second & 0xffff_ffff, layout: .timespec32, isWide: false)
    case (0x4000_0003, 403) where ClockShift.isShifted(clock):
      return Reading(clock: clock, pointer: second & 0xffff_ffff, layout: .timespec64, isWide: false)
    case (0x4000_0003, 78):
      return Reading(clock: 0, pointer: first & 0xffff_ffff, layout: .timeval32, isWide: false)
    case (0x4000_0003, 13):
      return Reading(
        clock: 5, pointer: first & 0xffff_ffff, layout: .seconds32, returnsTime: true, isWide: false)
    default: return nil
    }
  }
}
