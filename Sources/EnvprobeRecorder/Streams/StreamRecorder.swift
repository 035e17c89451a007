import EnvprobeModel
import Glibc
import Synchronization

/// Passes on what the program writes to a pipe or a terminal, and records it, on a thread of its own.
///
/// A piece is recorded before it is passed on, so that a reader who is slow or gone costs nothing of the record; and it
/// is passed on whole whatever becomes of the record.
public final class StreamRecorder: Sendable {
  /// What to do when the reader of the destination has gone away.
  public enum ClosedPolicy: Sendable {
    /// Go on recording; the program does not notice.
    case keepRecording
    /// Stop reading, so that the program finds its output closed as it would without envprobe.
    case closeSource
  }

  private let wake: Wake
  private let thread: KernelThread

  /// Starts recording.
  ///
  /// - Parameters:
  ///   - source: The reading end of the program's pipe, or the master of its terminal; the recorder closes it.
  ///   - destination: Where the bytes go as well; it stays open. `nil` for nowhere.
  public init(
    _ stream: Output.Stream, source: Int32, destination: Int32?, sink: any EventSink,
    whenClosed policy: ClosedPolicy = .keepRecording
  ) throws(RecorderError) {
    let wake = try Wake()
    self.wake = wake
    thread = try KernelThread("envprobe-\(stream.rawValue.prefix(6))") {
      StreamPump(
        stream: stream, source: source, destination: destination, sink: sink, policy: policy, wake: wake
      ).run()
    }
  }

  /// Waits until every process that could write has closed its end.
  public func finish() { thread.join() }

  /// Takes what has been written by now and ends, though somebody may hold the other end open.
  public func stop() {
    wake.signal()
    thread.join()
  }
}

private struct StreamPump {
  private static let pieceSize = 64 << 10

  let stream: Output.Stream
  let source: Int32
  let destination: Int32?
  let sink: any EventSink
  let policy: StreamRecorder.ClosedPolicy
  let wake: Wake

  func run() {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 16)
    defer {
      buffer.deallocate()
      close(source)
    }
    var destination = self.destination
    while let count = readPiece(buffer) {
      let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      sink.record(.output(Output(stream: stream, bytes: ByteString([UInt8](piece)))))
      guard let output = destination else { continue }
      let error = writeAll(output, piece)
      guard error != 0 else { continue }
      destination = nil
      sink.record(
        .diagnostic(Diagnostic("\(stream.rawValue) could not be passed on: \(explanation(of: -error))")))
      if policy == .closeSource { return }
    }
  }

  /// How much was read; `nil` at the end.
  private func readPiece(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
    var waiting = [
      pollfd(fd: source, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      if poll(&waiting, 2, -1) < 0 && errno != EINTR { return nil }
      if waiting[0].revents == 0 {
        if waiting[1].revents != 0 { return nil }
        continue
      }
      let count = read(source, buffer.baseAddress, buffer.count)
      if count > 0 { return count }
      // EIO: the last process has closed its side of the terminal.
      if count == 0 || (errno != EINTR && errno != EAGAIN) {
        if count < 0 && errno != EIO {
          sink.record(.gap(Gap(kind: .lostEvents, detail: "\(stream.rawValue): \(explanation(of: errno))")))
        }
        return nil
      }
    }
  }
}
