import CEnvprobeRecorder
import EnvprobeModel
import Glibc

/// Answers for the kernel what a file's times are, where they are those of the run: it made or changed the file, and the
/// kernel stamps files with the host's time.
///
/// Times from before the run are the same in every run and stay as they are, and so do those that the program sets
/// itself, as it takes them from its own clock.
struct FileTimes {
  /// Folders in which something may have changed since the run began, as the program sees them. Asking about other paths
  /// costs nothing more.
  let folders: [[UInt8]]
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 16)

  init(folders: [String]) { self.folders = folders.map { Array($0.utf8) } }

  func deallocate() { buffer.deallocate() }

  /// How the kernel writes a file's status: where in it the times are, of 16 bytes each, and the owner.
  private struct Layout {
    var size: Int
    var times: [Int]
    var user: Int
    var group: Int
    var isExtended: Bool

    /// `struct stat` of x86-64 and `struct statx`.
    static let plain = Layout(size: 144, times: [72, 88, 104], user: 28, group: 32, isExtended: false)
    static let extended = Layout(size: 256, times: [64, 80, 96, 112], user: 20, group: 24, isExtended: true)
  }

  /// A question about a file.
  private struct Question {
    var layout: Layout
    var pointer: UInt64
    /// The descriptor that it is about; `nil` where it is about a path.
    var descriptor: Int32?
    var follows = true
    var flags: UInt32 = 0
    var mask: UInt32 = 0
  }

  /// The answer in the kernel's place; `nil` where the kernel's is right, or the call asks something else.
  ///
  /// - Parameter path: The path that the call names, absolute; `nil` where it could not be read.
  func answer(
    _ notification: envprobe_notification, path: [UInt8]?, of thread: TraceeThread, shift: ClockShift,
    isCurrent: () -> Bool
  ) -> ClockAnswers.Answer? {
    guard let question = question(notification, of: thread, isCurrent: isCurrent),
      let file = open(question, path, of: thread)
    else { return nil }
    defer { close(file) }
    let bytes = buffer.baseAddress!
    let asked =
      question.layout.isExtended
      ? envprobe_extended_status(file, question.flags, question.mask, bytes) : envprobe_status(file, bytes)
    guard asked == 0, shiftTimes(question.layout, bytes, shift), let owners = thread.process.owners(thread: thread.id)
    else { return nil }
    for (place, map) in [(question.layout.user, owners.users), (question.layout.group, owners.groups)] {
      bytes.storeBytes(
        of: map.inside(bytes.load(fromByteOffset: place, as: UInt32.self)), toByteOffset: place, as: UInt32.self)
    }
    let result = thread.process.write(
      UnsafeRawBufferPointer(start: bytes, count: question.layout.size), at: question.pointer, thread: thread.id,
      isCurrent: isCurrent)
    return result == 0 ? .result(error: 0, value: 0) : result == -EFAULT ? .result(error: EFAULT, value: 0) : nil
  }

  /// Shifts the times of the run in a status. Returns whether there was one.
  private func shiftTimes(_ layout: Layout, _ bytes: UnsafeMutableRawPointer, _ shift: ClockShift) -> Bool {
    // The kernel's stamps are as coarse as its ticks.
    let from = shift.since - 10_000_000
    let to = ClockShift.hostTime()
    var isAny = false
    for place in layout.times {
      let seconds = bytes.load(fromByteOffset: place, as: Int64.self)
      let nanoseconds = bytes.load(fromByteOffset: place + 8, as: Int64.self)
      guard seconds > 0, seconds < to / 1_000_000_000 + 1,
        (from...to).contains(seconds * 1_000_000_000 + nanoseconds)
      else { continue }
      let time = shift.shifted(timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds)))
      bytes.storeBytes(of: Int64(time.tv_sec), toByteOffset: place, as: Int64.self)
      bytes.storeBytes(of: Int64(time.tv_nsec), toByteOffset: place + 8, as: Int64.self)
      isAny = true
    }
    return isAny
  }

  private func open(_ question: Question, _ path: [UInt8]?, of thread: TraceeThread) -> Int32? {
    if let descriptor = question.descriptor { return thread.process.copy(of: descriptor) }
    guard let path, folders.contains(where: { path.starts(with: $0) }),
      let owners = thread.process.owners(thread: thread.id)
    else { return nil }
    // Not kept: it may change its root.
    let root = Glibc.open("/proc/\(thread.id)/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { return nil }
    defer { close(root) }
    let file = (path + [0]).withUnsafeBytes {
      envprobe_open_inside(
        root, $0.baseAddress!.assumingMemoryBound(to: CChar.self), question.follows ? 1 : 0,
        owners.users.firstOutside, owners.groups.firstOutside)
    }
    return file >= 0 ? file : nil
  }

  /// The calls of x86-64 (`asm/unistd_64.h`).
  private func question(
    _ notification: envprobe_notification, of thread: TraceeThread, isCurrent: () -> Bool
  ) -> Question? {
    guard notification.architecture == 0xc000_003e else { return nil }
    let arguments = notification.arguments
    let noFollow: UInt64 = 0x100
    switch notification.number {
    case 4, 6:
      return Question(layout: .plain, pointer: arguments.1, follows: notification.number == 4)
    case 5:
      return Question(layout: .plain, pointer: arguments.1, descriptor: Int32(truncatingIfNeeded: arguments.0))
    case 262:
      let descriptor = descriptor(arguments.0, arguments.1, flags: arguments.3, of: thread, isCurrent: isCurrent)
      return Question(
        layout: .plain, pointer: arguments.2, descriptor: descriptor, follows: arguments.3 & noFollow == 0)
    case 332:
      let descriptor = descriptor(arguments.0, arguments.1, flags: arguments.2, of: thread, isCurrent: isCurrent)
      return Question(
        layout: .extended, pointer: arguments.4, descriptor: descriptor, follows: arguments.2 & noFollow == 0,
        flags: UInt32(truncatingIfNeeded: arguments.2), mask: UInt32(truncatingIfNeeded: arguments.3))
    default: return nil
    }
  }

  /// The descriptor itself, where the path is empty and `AT_EMPTY_PATH` allows that.
  private func descriptor(
    _ folder: UInt64, _ path: UInt64, flags: UInt64, of thread: TraceeThread, isCurrent: () -> Bool
  ) -> Int32? {
    let folder = Int32(truncatingIfNeeded: folder)
    guard flags & 0x1000 != 0, folder >= 0 else { return nil }
    if path == 0 { return folder }
    var first: UInt8 = 0
    let got = thread.process.read(path, &first, 1, thread: thread.id, isCurrent: isCurrent)
    return got == 1 && first == 0 ? folder : nil
  }
}

/// A user namespace's ids, as `/proc/PID/uid_map` has them.
struct OwnerMap {
  private struct Range {
    var inside: UInt32
    var outside: UInt32
    var count: UInt32
  }
  private let ranges: [Range]

  init(_ text: String) {
    ranges = text.split(separator: "\n").compactMap { line in
      let numbers = line.split(separator: " ").compactMap { UInt32($0) }
      return numbers.count == 3 ? Range(inside: numbers[0], outside: numbers[1], count: numbers[2]) : nil
    }
  }

  /// `overflowuid` for those without one.
  func inside(_ id: UInt32) -> UInt32 {
    ranges.first { id >= $0.outside && id - $0.outside < $0.count }.map { $0.inside &+ (id - $0.outside) } ?? 65534
  }

  var firstOutside: UInt32 { ranges.first?.outside ?? 65534 }
}
