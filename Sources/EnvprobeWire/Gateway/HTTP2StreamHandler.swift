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
  private var exchange: Exchange?
  private var isAnswered = false

  init(log: SessionLog, connection: Connection, route: Route) {
    self.log = log
    self.connection = connection
    self.route = route
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
    context.fireChannelInactive()
  }

  private func answer(trailers: [HTTPHeader], _ context: ChannelHandlerContext) {
    guard let exchange else { return }
    self.exchange = nil
    isAnswered = true
    let (response, fields) = exchange.complete(trailers: trailers)
    var headers = HPACKHeaders([(":status", String(response.status))])
    // Fields that are about the connection have no place here (RFC 9113, section 8.2.2).
    for field in fields where field.name != "Upgrade" { headers.add(name: field.name.lowercased(), value: field.value) }
    let hasBody = response.hasBody(method: exchange.head.method) && !response.body.isEmpty
    write(headers: headers, endStream: !hasBody, context)
    if hasBody {
      let data = HTTP2Frame.FramePayload.Data(
        data: .byteBuffer(context.channel.allocator.buffer(bytes: response.body)), endStream: true)
      context.write(wrapOutboundOut(.data(data)), promise: nil)
    }
    context.flush()
  }

  private func write(headers: HPACKHeaders, endStream: Bool, _ context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(.headers(.init(headers: headers, endStream: endStream))), promise: nil)
  }
}
