import EnvprobeModel
import Synchronization

/// Keeps what is recorded.
final class MemorySink: EventSink {
  private let state = Mutex<(events: [Event], blobs: [String: [UInt8]])>(([], [:]))

  func record(_ payload: Event.Payload, pid: Int?) {
    state.withLock { state in
      state.events.append(
        Event(sequence: state.events.count + 1, time: 0, pid: pid, payload: payload))
    }
  }

  func store(_ bytes: [UInt8]) -> Blob {
    let blob = Blob(sha256: "\(bytes.hashValue)", size: bytes.count)
    state.withLock { $0.blobs[blob.sha256] = bytes }
    return blob
  }

  var events: [Event] { state.withLock { $0.events } }
  var blobs: [String: [UInt8]] { state.withLock { $0.blobs } }
}
