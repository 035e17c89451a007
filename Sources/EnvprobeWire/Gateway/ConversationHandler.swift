import EnvprobeModel
import NIOCore
import NIOHTTP2
import NIOSSL
import NIOTLS
import NIOWebSocket

/// Carries a ``Conversation`` on a TCP connection: does what it says, and records.
///
/// It is the innermost handler; TLS is put before it whenever the conversation finds some. Once HTTP/2 begins it only
/// passes bytes on.
final class ConversationHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let log: SessionLog
  private let contexts: TLSContexts
  private let connection: Connection
  private let meter: TrafficMeter
  private var conversation: Conversation
  private var exchange: Exchange?
  /// A client hello whose outcome is open.
  private var handshake: (hello: ClientHello, host: String, tap: AlertTap)?
  private var isHandshakeComplete = false
  /// Whether handlers behind this one have taken over.
  private var isHandedOver = false
  private var raw = ByteBuffer()
  private var rawLost = 0
  private var failure: String?
  private var isClosing = false
  /// Steps that follow an answer which the scenario holds back.
  private var waiting: [Conversation.Step] = []
  private var isHeldBack = false
  /// An answer that is being passed on as it comes.
  private var coming: (stream: ResponseStream, exchange: Exchange)?
  /// Whether the client has said all that it will.
  private var isInputClosed = false

  init(log: SessionLog, contexts: TLSContexts, connection: Connection, meter: TrafficMeter) {
    self.log = log
    self.contexts = contexts
    self.connection = connection
    self.meter = meter
    conversation = Conversation(
      route: Route(host: connection.name ?? connection.address, port: connection.port))
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    settleHandshake(failure: nil)
    if isHandedOver {
      context.fireChannelRead(data)
      return
    }
    guard !isClosing else { return }
    perform(conversation.receive(unwrapInboundIn(data)), context)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.flush()
    context.fireChannelReadComplete()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    coming?.stream.pause(!context.channel.isWritable)
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed {
      // Whatever was whole has been answered by now, or is about to be; then nothing is left to be said.
      if isHeldBack { isInputClosed = true } else { close(context) }
      return
    }
    if case .handshakeCompleted? = event as? TLSUserEvent { isHandshakeComplete = true }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let tls = TLSFailure(error) {
      if handshake != nil { settleHandshake(failure: tls) }
    } else if case NIOSSLError.uncleanShutdown = error {
      // Many clients just close the connection below TLS.
    } else {
      failure = failure ?? "\(error)"
    }
    isClosing = true
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    settleHandshake(failure: .abandoned)
    isHeldBack = false
    coming?.stream.cancel()
    coming?.exchange.end(failure: "the program ended the connection")
    coming = nil
    perform(waiting + conversation.end(), context)
    exchange?.abandon()
    exchange = nil
    if raw.readableBytes > 0 { log.raw(.received, on: connection, Array(raw.readableBytesView)) }
    if rawLost > 0 {
      log.gap(.wire, "the last \(rawLost) bytes of a connection were not kept", host: conversation.route.host)
    }
    log.close(ConnectionClosed(connection: connection.id, received: meter.received, sent: meter.sent, error: failure))
    context.fireChannelInactive()
  }

  private func perform(_ steps: [Conversation.Step], _ context: ChannelHandlerContext) {
    for (index, step) in steps.enumerated() {
      if isHeldBack {
        waiting += steps[index...]
        return
      }
      switch step {
      case .send(let bytes): context.write(wrapOutboundOut(bytes), promise: nil)
      case .tunnel(let kind, let host, let port, let head):
        let headers = head.map { log.redactor.redact($0).headers } ?? []
        log.record(
          .tunnel(ProxyTunnel(connection: connection.id, kind: kind, host: host, port: port, headers: headers)),
          on: connection.id)
      case .startTLS(let hello, let bytes): startTLS(hello, bytes, context)
      case .startHTTP2(let bytes): startHTTP2(bytes, context)
      case .http(let event): perform(event, context)
      case .dns(let message):
        let server = conversation.route.via.isEmpty ? connection.address : conversation.route.host
        let pid = log.pid(of: connection)
        guard let answer = log.answer(dns: message, transport: .tcp, server: server, by: pid) else { continue }
        var bytes = ByteBuffer(integer: UInt16(answer.count))
        bytes.writeBytes(answer)
        context.write(wrapOutboundOut(bytes), promise: nil)
      case .raw(var bytes):
        let room = max(0, log.limits.raw - raw.readableBytes)
        if bytes.readableBytes > room {
          rawLost += bytes.readableBytes - room
          bytes = bytes.getSlice(at: bytes.readerIndex, length: room) ?? ByteBuffer()
        }
        raw.writeBuffer(&bytes)
      case .close: close(context)
      }
    }
  }

  private func perform(_ event: RequestParser.Event, _ context: ChannelHandlerContext) {
    // What a client sends after it has asked for the connection to be closed gets no answer.
    guard !isClosing else { return }
    switch event {
    case .head(let head):
      exchange = Exchange(head: head, route: conversation.route, connection: connection, log: log)
    case .body(let part): exchange?.receive(part)
    case .end(let trailers):
      guard let exchange else { return }
      self.exchange = nil
      switch exchange.complete(trailers: trailers, on: context.eventLoop) {
      case .ready(let response) where response.delivery.delay == 0:
        write(response, exchange.settle(response), to: exchange, context)
      case .ready(let response):
        let fields = exchange.settle(response)
        let delay = TimeAmount.nanoseconds(Int64(response.delivery.delay * 1e9))
        holdBack(context)
        context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in
          goOn(with: response, fields, to: exchange, context)
        }
      case .coming(let stream):
        holdBack(context)
        passOn(stream, to: exchange, context)
      }
    case .failure(let failure, let kept):
      exchange?.abandon()
      exchange = nil
      log.raw(.received, on: connection, kept)
      log.gap(.wire, failure.rawValue, host: conversation.route.host)
      let answer = ByteBuffer(
        string: "HTTP/1.1 \(failure.status) Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
      context.write(wrapOutboundOut(answer), promise: nil)
      close(context)
    }
  }

  private func write(
    _ response: Response, _ fields: [HTTPHeader], to exchange: Exchange, _ context: ChannelHandlerContext
  ) {
    if response.delivery.ending == .reset {
      isClosing = true
      failure = "reset by the scenario (\(response.source))"
      meter.reset()
      return
    }
    var buffer = context.channel.allocator.buffer(capacity: 512 + response.body.count)
    response.serialize(to: exchange.head, fields: fields, into: &buffer)
    context.write(wrapOutboundOut(buffer), promise: nil)
    if let script = response.socket { return startWebSocket(script, exchange, fields, context) }
    if response.isCut || fields.contains(HTTPHeader(name: "Connection", value: "close")) { return close(context) }
    if conversation.awaitsUpgrade { perform(conversation.refuseUpgrade(), context) }
  }

  /// Lets time pass before an answer. Nothing more is read meanwhile: answers must not overtake each other.
  private func holdBack(_ context: ChannelHandlerContext) {
    isHeldBack = true
    _ = context.channel.setOption(.autoRead, value: false)
  }

  /// Ends that time with the answer.
  private func goOn(
    with response: Response, _ fields: [HTTPHeader], to exchange: Exchange, _ context: ChannelHandlerContext
  ) {
    guard isHeldBack else { return }  // the connection has ended
    isHeldBack = false
    write(response, fields, to: exchange, context)
    takeUpAgain(context)
  }

  /// Passes an answer on as it comes.
  private func passOn(_ stream: ResponseStream, to exchange: Exchange, _ context: ChannelHandlerContext) {
    coming = (stream, exchange)
    var begun: Response?
    stream.listen { [self] event in
      guard isHeldBack else { return }  // the connection has ended
      var buffer = context.channel.allocator.buffer(capacity: 512)
      switch event {
      case .head(var response):
        response.serializeHead(exchange.begin(&response), into: &buffer)
        begun = response
      case .part(let part):
        exchange.pass(part)
        buffer = begun?.isStreamed == true && exchange.head.version == "HTTP/1.1" ? Self.chunk(part) : part
      case .end:
        coming = nil
        isHeldBack = false
        exchange.end()
        if begun?.isStreamed == true, exchange.head.version == "HTTP/1.1" { buffer.writeString("0\r\n\r\n") }
        context.write(wrapOutboundOut(buffer), promise: nil)
        if begun.map({ !exchange.head.keepsAlive || $0.isStreamed && exchange.head.version == "HTTP/1.0" }) == true {
          return close(context)
        }
        return takeUpAgain(context)
      case .failure(let reason) where begun == nil:
        coming = nil
        let response = exchange.failed(reason)
        return goOn(with: response, exchange.settle(response), to: exchange, context)
      case .failure(let reason):
        coming = nil
        isHeldBack = false
        exchange.end(failure: reason)
        return close(context)
      }
      context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
      stream.pause(!context.channel.isWritable)
    }
  }

  private static func chunk(_ part: ByteBuffer) -> ByteBuffer {
    var part = part
    var chunk = ByteBuffer(string: String(part.readableBytes, radix: 16) + "\r\n")
    chunk.writeBuffer(&part)
    chunk.writeString("\r\n")
    return chunk
  }

  /// Goes on with what came while an answer was awaited.
  private func takeUpAgain(_ context: ChannelHandlerContext) {
    if conversation.awaitsUpgrade { perform(conversation.refuseUpgrade(), context) }
    let steps = waiting
    waiting = []
    perform(steps, context)
    context.flush()
    if isHeldBack { return }
    if isInputClosed { close(context) } else { _ = context.channel.setOption(.autoRead, value: true) }
  }

  /// Closes once what was written is out.
  private func close(_ context: ChannelHandlerContext) {
    guard !isClosing else { return }
    isClosing = true
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in channel.close(promise: nil) }
  }

  private func startTLS(_ hello: ClientHello, _ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    let host = conversation.route.host
    let tap = AlertTap()
    handshake = (hello, host, tap)
    isHandshakeComplete = false
    do {
      let tls = NIOSSLServerHandler(context: try contexts.context(for: host))
      let pipeline = context.pipeline.syncOperations
      try pipeline.addHandlers([tap, tls], position: .before(context.handler))
      let place = try pipeline.context(handler: tls)
      tls.channelRead(context: place, data: NIOAny(bytes))
      tls.channelReadComplete(context: place)
    } catch {
      settleHandshake(failure: .incompatible("\(error)"))
      close(context)
    }
  }

  private func startHTTP2(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    let (log, connection, route) = (log, connection, conversation.route)
    let meter = NIOLoopBound(meter, eventLoop: context.eventLoop)
    var settings = NIOHTTP2Handler.ConnectionConfiguration()
    settings.maximumSequentialEmptyDataFrames = 64
    var streams = NIOHTTP2Handler.StreamConfiguration()
    // Uploads of megabytes should not stop for a window update every 64 KiB.
    streams.targetWindowSize = 1 << 20
    let handler = NIOHTTP2Handler(
      mode: .server, eventLoop: context.eventLoop, connectionConfiguration: settings, streamConfiguration: streams
    ) { stream in
      stream.eventLoop.makeCompletedFuture {
        try stream.pipeline.syncOperations.addHandler(
          HTTP2StreamHandler(log: log, connection: connection, route: route, meter: meter.value))
      }
    }
    do {
      try context.pipeline.syncOperations.addHandlers([
        handler, HTTP2ErrorHandler(log: log, host: route.host),
      ])
      isHandedOver = true
      context.fireChannelRead(wrapInboundOut(bytes))
    } catch {
      failure = "\(error)"
      close(context)
    }
  }

  private func startWebSocket(
    _ script: SocketScript, _ exchange: Exchange, _ fields: [HTTPHeader], _ context: ChannelHandlerContext
  ) {
    let handler = WebSocketHandler(
      log: log, exchange: exchange.id, connection: connection.id, host: exchange.route.host, script: script,
      isCompressionAgreed: fields.contains { $0.name == "Sec-WebSocket-Extensions" })
    let decoder = ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: log.limits.raw))
    do {
      let pipeline = context.pipeline.syncOperations
      try pipeline.addHandlers([WebSocketFrameEncoder(), decoder, handler], position: .after(self))
      isHandedOver = true
      handler.begin(try pipeline.context(handler: handler))
      let rest = conversation.acceptUpgrade()
      if rest.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(rest)) }
    } catch {
      failure = "\(error)"
      close(context)
    }
  }

  /// Records the outcome of the handshake in progress. Success is when application bytes follow: under TLS 1.3 a client
  /// that is about to refuse the certificate has finished the server's side of the handshake all the same.
  private func settleHandshake(failure: TLSFailure?) {
    guard let (hello, host, tap) = handshake else { return }
    handshake = nil
    let failure = failure.map { failure in
      if let alert = tap.alert?.refusal { return TLSFailure.refused(alert: alert) }
      return failure == .abandoned && isHandshakeComplete ? .unused : failure
    }
    let record = TLSHandshake(
      connection: connection.id, serverName: hello.serverName, alpn: hello.alpnNames, versions: hello.versionNames,
      ja3: hello.ja3, ja4: hello.ja4, failure: failure?.description)
    log.settle(record, host: host, failure: failure)
  }
}

/// Records what HTTP/2 could not make sense of.
private final class HTTP2ErrorHandler: ChannelInboundHandler {
  typealias InboundIn = Never
  private let log: SessionLog
  private let host: String

  init(log: SessionLog, host: String) {
    self.log = log
    self.host = host
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    log.gap(.wire, "HTTP/2: \(error)", host: host)
    context.close(promise: nil)
  }
}
