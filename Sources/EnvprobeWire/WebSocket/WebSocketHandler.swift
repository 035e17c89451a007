import EnvprobeModel
import NIOCore
import NIOWebSocket

/// Records the messages of a WebSocket both ways, and says what the scenario has to say.
final class WebSocketHandler: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private let log: SessionLog
  private let exchange: Int
  private let connection: Int
  private let host: String
  private let script: SocketScript
  private var reader: WebSocketMessageReader
  private var isClosing = false

  init(
    log: SessionLog, exchange: Int, connection: Int, host: String, script: SocketScript, isCompressionAgreed: Bool
  ) {
    self.log = log
    self.exchange = exchange
    self.connection = connection
    self.host = host
    self.script = script
    reader = WebSocketMessageReader(isCompressionAgreed: isCompressionAgreed, limit: log.limits.raw)
  }

  /// Says what is said first; to be called once the answer that opens the socket is on its way.
  func begin(_ context: ChannelHandlerContext) {
    for text in script.greetings { send(.text, Array(text.utf8), context) }
    context.flush()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    do throws(WebSocketMessageReader.Failure) {
      guard let message = try reader.receive(unwrapInboundIn(data)) else { return }
      record(message.kind, .received, message.bytes, isCompressed: message.isCompressed)
      switch message.kind {
      case .text:
        let text = String(decoding: message.bytes, as: UTF8.self)
        for reply in script.replies(to: text) { send(.text, Array(reply.utf8), context) }
      case .ping: send(.pong, message.bytes, context)
      case .close: end(Array(message.bytes.prefix(2)), context)
      case .binary, .pong: break
      }
      context.flush()
    } catch {
      fail(error.text, code: error.code, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail("\(error)", code: .protocolError, context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    if reader.isUnfinished, !isClosing { log.gap(.wire, "a WebSocket ended within a message", host: host) }
    context.fireChannelInactive()
  }

  private func fail(_ text: String, code: WebSocketErrorCode, _ context: ChannelHandlerContext) {
    guard !isClosing else { return }
    log.gap(.wire, "WebSocket: \(text)", host: host)
    let number = UInt16(webSocketErrorCode: code)
    end([UInt8(number >> 8), UInt8(truncatingIfNeeded: number)], context)
  }

  /// Says goodbye, and closes.
  private func end(_ status: [UInt8], _ context: ChannelHandlerContext) {
    isClosing = true
    send(.close, status, context)
    let channel = context.channel
    context.flush()
    channel.close(promise: nil)
  }

  private func send(_ kind: WebSocketMessage.Kind, _ bytes: [UInt8], _ context: ChannelHandlerContext) {
    record(kind, .sent, bytes)
    let frame = WebSocketFrame(fin: true, opcode: kind.opcode, data: ByteBuffer(bytes: bytes))
    context.write(wrapOutboundOut(frame), promise: nil)
  }

  private func record(
    _ kind: WebSocketMessage.Kind, _ direction: RawBytes.Direction, _ bytes: [UInt8], isCompressed: Bool = false
  ) {
    let content = log.sink.store(log.redactor.redact(bytes) ?? bytes)
    log.record(
      .message(
        WebSocketMessage(
          exchange: exchange, direction: direction, kind: kind, content: content, compressed: isCompressed)),
      on: connection)
  }
}

extension WebSocketMessage.Kind {
  fileprivate var opcode: WebSocketOpcode {
    switch self {
    case .text: .text
    case .binary: .binary
    case .ping: .ping
    case .pong: .pong
    case .close: .connectionClose
    }
  }
}
