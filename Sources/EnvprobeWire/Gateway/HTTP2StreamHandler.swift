import EnvprobeModel
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One request on a stream of HTTP/2, and its answer.
final class HTTP2StreamHandler: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private let log: SessionLog
  private let connection: Connection
  private let route: Route
  private let meter: TrafficMeter
  private var exchange: Exchange?
  private var isAnswered = false
  /// An answer that is being passed on as it comes.
  private var coming: (stream: ResponseStream, exchange: Exchange)?

  init(log: SessionLog, connection: Connection, route: Route, meter: TrafficMeter) {
    self.log = log
    self.connection = connection
    self.route = route
    self.meter = meter
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .headers(let frame):
      let fields = frame.headers.map { HTTPHeader(name: $0.name, value: $0.value) }
      if exchange == nil, !isAnswered {
        func pseudo(_ name: String) -> String { fields.first { $0.name == name }?.value ?? "" }
        let head = RequestHead(
          method: pseudo(":method"), target: pseudo(":path"), version: "HTTP/2", headers: fields)
        exchange = Exchange(head: head, route: route, connection: connection, log: log)
        if frame.endStream {
          answer(trailers: [], context)
        } else if head.lists("100-continue", in: "expect") {
          write(headers: [":status": "100"], endStream: false, context)
          context.flush()
        }
      } else if frame.endStream {
        answer(trailers: fields, context)
      }
    case .data(let frame):
      if case .byteBuffer(let bytes) = frame.data { exchange?.receive(bytes) }
      if frame.endStream { answer(trailers: [], context) }
    default:
      break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelInactive(context: ChannelHandlerContext) {
    exchange?.abandon()
    exchange = nil
    coming?.stream.cancel()
    coming?.exchange.end(failure: "the program ended the stream")
    coming = nil
    context.fireChannelInactive()
  }

  private func answer(trailers: [HTTPHeader], _ context: ChannelHandlerContext) {
    guard let exchange else { return }
    self.exchange = nil
    isAnswered = true
    switch exchange.complete(trailers: trailers, on: context.eventLoop) {
    case .ready(let response) where response.delivery.delay == 0:
      write(response, exchange.settle(response), to: exchange.head, context)
    case .ready(let response):
      let fields = exchange.settle(response)
      let delay = TimeAmount.nanoseconds(Int64(response.delivery.delay * 1e9))
      context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in
        if context.channel.isActive { write(response, fields, to: exchange.head, context) }
      }
    case .coming(let stream): passOn(stream, to: exchange, context)
    }
  }

  /// Passes an answer on as it comes.
  private func passOn(_ stream: ResponseStream, to exchange: Exchange, _ context: ChannelHandlerContext) {
    coming = (stream, exchange)
    var isBegun = false
    stream.listen { [self] event in
      guard context.channel.isActive else { return }
      switch event {
      case .head(var response):
        isBegun = true
        write(headers: Self.headers(of: response, fields: exchange.begin(&response)), endStream: false, context)
      case .part(let part):
        exchange.pass(part)
        context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(part)))), promise: nil)
      case .end:
        coming = nil
        exchange.end()
        context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))), promise: nil)
      case .failure(let reason) where !isBegun:
        coming = nil
        let response = exchange.failed(reason)
        write(response, exchange.settle(response), to: exchange.head, context)
      case .failure(let reason):
        coming = nil
        exchange.end(failure: reason)
        // A stream that is closed before its end is reset.
        return context.close(promise: nil)
      }
      context.flush()
      stream.pause(!context.channel.isWritable)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    coming?.stream.pause(!context.channel.isWritable)
    context.fireChannelWritabilityChanged()
  }

  private static func headers(of response: Response, fields: [HTTPHeader]) -> HPACKHeaders {
    var headers = HPACKHeaders([(":status", String(response.status))])
    // Fields that are about the connection have no place here (RFC 9113, section 8.2.2).
    for field in fields where field.name != "Upgrade" { headers.add(name: field.name.lowercased(), value: field.value) }
    return headers
  }

  private func write(
    _ response: Response, _ fields: [HTTPHeader], to head: RequestHead, _ context: ChannelHandlerContext
  ) {
    if response.delivery.ending == .reset { return meter.reset() }
    let headers = Self.headers(of: response, fields: fields)
    let body = response.sentBody
    let hasBody = response.hasBody(method: head.method) && !body.isEmpty
    write(headers: headers, endStream: !hasBody && !response.isCut, context)
    if hasBody {
      let data = HTTP2Frame.FramePayload.Data(
        data: .byteBuffer(context.channel.allocator.buffer(bytes: body)), endStream: !response.isCut)
      context.write(wrapOutboundOut(.data(data)), promise: nil)
    }
    // A stream that is closed before its end is reset.
    guard response.isCut else { return context.flush() }
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.data(.init(data: .byteBuffer(ByteBuffer()))))).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  private func write(headers: HPACKHeaders, endStream: Bool, _ context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(.headers(.init(headers: headers, endStream: endStream))), promise: nil)
  }
}
