/// Where observers put what they see while a run is going on.
///
/// Implemented by the recorder's bundle writer; the wire and the tests use it without knowing the bundle.
public protocol EventSink: Sendable {
  /// Appends an event now. `pid` is the process id as the program sees it, where one is concerned.
  func record(_ payload: Event.Payload, pid: Int?)

  /// Keeps bytes under their SHA-256, once. Bytes that could not be written become a gap by themselves.
  func store(_ bytes: [UInt8]) -> Blob
}

extension EventSink {
  public func record(_ payload: Event.Payload) { record(payload, pid: nil) }
}
