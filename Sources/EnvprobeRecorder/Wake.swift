import CEnvprobeRecorder
import Glibc

/// Wakes a thread that waits in `poll`.
final class Wake: Sendable {
  /// Polls as readable from ``signal()`` to ``clear()``.
  let descriptor: Int32

  init() throws(RecorderError) {
    descriptor = envprobe_event_descriptor()
    guard descriptor >= 0 else { throw RecorderError("make an event descriptor", errno: -descriptor) }
  }

  deinit { close(descriptor) }

  func signal() {
    var one: UInt64 = 1
    write(descriptor, &one, MemoryLayout.size(ofValue: one))
  }

  func clear() {
    var count: UInt64 = 0
    read(descriptor, &count, MemoryLayout.size(ofValue: count))
  }
}
