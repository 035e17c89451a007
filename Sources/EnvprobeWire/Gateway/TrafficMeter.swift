import EnvprobeModel
import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Counts the bytes of a connection as they are on the wire; the outermost handler.
final class TrafficMeter: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer

  /// Where the bytes are kept as they are; `nil` for nowhere.
  private let keep: ((RawBytes.Direction, ByteBuffer) -> Void)?
  private(set) var received = 0
  private(set) var sent = 0
  private var context: ChannelHandlerContext?

  init(keep: ((RawBytes.Direction, ByteBuffer) -> Void)? = nil) { self.keep = keep }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  /// Ends the connection with a reset, below whatever layers it has: not a byte more is sent.
  func reset() {
    guard let context else { return }
    if let socket = context.channel as? any SocketOptionProvider {
      _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    received += bytes.readableBytes
    keep?(.received, bytes)
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let bytes = unwrapOutboundIn(data)
    sent += bytes.readableBytes
    keep?(.sent, bytes)
    context.write(data, promise: promise)
  }
}
