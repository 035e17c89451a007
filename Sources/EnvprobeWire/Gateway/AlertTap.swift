import NIOCore

/// Looks for alerts in the clear on their way to a TLS handler; stands right before it.
final class AlertTap: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private(set) var alert: TLSAlert?

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // An alert ends the connection, so that the bytes it comes in are few.
    let bytes = unwrapInboundIn(data)
    if alert == nil, bytes.readableBytes < 4096 { alert = TLSAlert(records: bytes.readableBytesView) }
    context.fireChannelRead(data)
  }
}
