import EnvprobeModel

/// Lets only gaps through: for the system calls that are handed over at the level `off`, so that the network answers,
/// and are not to be recorded.
struct GapSink: EventSink {
  let sink: any EventSink

  func record(_ payload: Event.Payload, pid: Int?) {
    if case .gap = payload { sink.record(payload, pid: pid) }
  }

  func store(_ bytes: [UInt8]) -> Blob { sink.store(bytes) }
}
