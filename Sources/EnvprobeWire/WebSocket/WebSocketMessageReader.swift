import EnvprobeModel
import NIOCore
import NIOWebSocket

/// Puts frames together to messages (RFC 6455, section 5.4), compression undone: frames in, messages out, no I/O.
struct WebSocketMessageReader {
  struct Message: Hashable, Sendable {
    var kind: WebSocketMessage.Kind
    var bytes: [UInt8]
    var isCompressed = false
  }

  enum Failure: Error, Hashable {
    case protocolError(String)
    case tooLarge(limit: Int)

    /// The status with which the socket is closed (RFC 6455, section 7.4.1).
    var code: WebSocketErrorCode {
      switch self {
      case .protocolError: .protocolError
      case .tooLarge: .messageTooLarge
      }
    }

    var text: String {
      switch self {
      case .protocolError(let text): text
      case .tooLarge(let limit): "a message is larger than \(limit) bytes"
      }
    }
  }

  /// Whether compression was agreed on.
  let isCompressionAgreed: Bool
  /// Bytes of the largest message.
  let limit: Int
  private var partial: Message?

  init(isCompressionAgreed: Bool, limit: Int) {
    self.isCompressionAgreed = isCompressionAgreed
    self.limit = limit
  }

  /// Whether a message has begun and not ended.
  var isUnfinished: Bool { partial != nil }

  /// Takes in a frame, and returns the message that it completes.
  mutating func receive(_ frame: WebSocketFrame) throws(Failure) -> Message? {
    let bytes = Array(frame.unmaskedData.readableBytesView)
    switch frame.opcode {
    case .ping: return Message(kind: .ping, bytes: bytes)
    case .pong: return Message(kind: .pong, bytes: bytes)
    case .connectionClose: return Message(kind: .close, bytes: bytes)
    case .text, .binary:
      guard partial == nil else { throw .protocolError("a message begins within another") }
      guard !frame.rsv1 || isCompressionAgreed else { throw .protocolError("compression was not agreed on") }
      partial = Message(kind: frame.opcode == .text ? .text : .binary, bytes: [], isCompressed: frame.rsv1)
    case .continuation:
      guard partial != nil else { throw .protocolError("a continuation continues nothing") }
    default:
      throw .protocolError("unknown opcode")
    }
    guard var message = partial else { return nil }
    partial = nil  // the bytes must have one owner
    guard message.bytes.count + bytes.count <= limit else { throw .tooLarge(limit: limit) }
    message.bytes += bytes
    guard frame.fin else {
      partial = message
      return nil
    }
    if message.isCompressed {
      do {
        message.bytes = try ContentCoding.inflateMessage(message.bytes, limit: limit)
      } catch {
        if case .tooLarge(let limit) = error { throw .tooLarge(limit: limit) }
        throw .protocolError("a message is not what its compression says")
      }
    }
    return message
  }
}
