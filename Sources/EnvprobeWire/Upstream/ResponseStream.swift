import NIOCore

/// An answer on its way from a real destination, part by part. Touched on its event loop only.
final class ResponseStream {
  enum Event {
    /// Status and fields; the body follows.
    case head(Response)
    case part(ByteBuffer)
    case end
    /// It will not come, or not come to its end; with the reason.
    case failure(String)
  }

  private var listener: ((Event) -> Void)?
  private var early: [Event] = []
  private(set) var isOver = false
  /// Where the parts come from, once there is a connection.
  private var source: (any Channel)?
  private var isPaused = false

  /// Says what has arrived. After the end nothing is taken any more.
  func yield(_ event: Event) {
    guard !isOver else { return }
    switch event {
    case .end, .failure: isOver = true
    case .head, .part: break
    }
    if let listener { listener(event) } else { early.append(event) }
    if isOver {
      listener = nil
      source?.close(promise: nil)
      source = nil
    }
  }

  func comes(from channel: any Channel) {
    guard !isOver else { return channel.close(promise: nil) }
    source = channel
    if isPaused { _ = channel.setOption(.autoRead, value: false) }
  }

  func listen(_ listener: @escaping (Event) -> Void) {
    for event in early { listener(event) }
    early = []
    if !isOver { self.listener = listener }
  }

  /// Whether no more is read for now, as who listens cannot pass it on as fast.
  func pause(_ isPaused: Bool) {
    guard isPaused != self.isPaused, !isOver else { return }
    self.isPaused = isPaused
    if let source { _ = source.setOption(.autoRead, value: !isPaused) }
  }

  /// Nobody listens any more.
  func cancel() {
    guard !isOver else { return }
    isOver = true
    listener = nil
    source?.close(promise: nil)
    source = nil
  }
}
