import EnvprobeModel
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import NIOTLS

/// A request on its way to a real destination.
struct UpstreamRequest: Sendable {
  var scheme: String
  var host: String
  var port: Int
  var head: RequestHead
  var body: [UInt8]
}

/// Asks real destinations, a connection for each request, the certificate checked as any client does: over HTTP/2 what
/// the program asks over HTTP/2, where the destination agrees, else over HTTP/1.1. Answers are passed on as they come.
struct UpstreamClient: Sendable {
  let access: LiveAccess
  /// Seconds for the whole of an answer; models think for minutes.
  static let timeout: Int64 = 600

  private let tls: (http1: NIOSSLContext, http2: NIOSSLContext)

  init(access: LiveAccess) throws(GatewayError) {
    self.access = access
    var configuration = TLSConfiguration.makeClientConfiguration()
    if let file = access.trustFile { configuration.trustRoots = .file(file) }
    do {
      configuration.applicationProtocols = ["http/1.1"]
      tls.http1 = try NIOSSLContext(configuration: configuration)
      configuration.applicationProtocols = ["h2", "http/1.1"]
      tls.http2 = try NIOSSLContext(configuration: configuration)
    } catch {
      throw GatewayError(.makeContext, subject: "live destinations", reason: "\(error)")
    }
  }

  /// - Parameter eventLoop: the one on which this is called, and the answer comes.
  func send(_ request: UpstreamRequest, on eventLoop: any EventLoop) -> ResponseStream {
    let proxy = access.proxies.proxy(scheme: request.scheme, host: request.host)
    let answer = ResponseStream()
    let tls = request.head.version.hasPrefix("HTTP/2") ? tls.http2 : tls.http1
    ClientBootstrap(group: eventLoop)
      .connectTimeout(.seconds(15))
      .connect(host: proxy?.host ?? request.host, port: proxy?.port ?? request.port)
      .assumeIsolated()
      .whenComplete { result in
        switch result {
        case .failure(let error): answer.yield(.failure(Self.reason(error)))
        case .success(let channel):
          answer.comes(from: channel)
          let timer = eventLoop.assumeIsolated().scheduleTask(in: .seconds(Self.timeout)) {
            answer.yield(.failure("no answer within \(Self.timeout) s"))
          }
          channel.closeFuture.assumeIsolated().whenComplete { _ in timer.cancel() }
          do {
            let start: (any NIOCore.Channel) throws -> Void = { channel in
              try Self.start(request, by: proxy, on: channel, tls: tls, answer)
            }
            if let proxy, request.scheme == "https" {
              try channel.pipeline.syncOperations.addHandler(
                ProxyTunnelHandler(proxy: proxy, request: request, then: start, answer: answer))
            } else {
              try start(channel)
            }
          } catch {
            answer.yield(.failure(Self.reason(error)))
          }
        }
      }
    return answer
  }

  /// Speaks HTTP on a channel that leads to the destination, or to a proxy that is asked in the clear.
  private static func start(
    _ request: UpstreamRequest, by proxy: ProxySettings.Proxy?, on channel: any NIOCore.Channel, tls: NIOSSLContext,
    _ answer: ResponseStream
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    guard request.scheme == "https" else {
      try pipeline.addHTTPClientHandlers()
      try pipeline.addHandler(UpstreamHandler(answer))
      return write(request, by: proxy, on: channel, answer)
    }
    let name = IPAddress(request.host) == nil ? request.host : nil
    let bound = NIOLoopBound(answer, eventLoop: channel.eventLoop)
    try pipeline.addHandlers([
      try NIOSSLClientHandler(context: tls, serverHostname: name),
      ApplicationProtocolNegotiationHandler { result, channel in
        channel.eventLoop.makeCompletedFuture {
          if case .negotiated("h2") = result {
            try startHTTP2(request, on: channel, bound.value)
          } else {
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            try channel.pipeline.syncOperations.addHandler(UpstreamHandler(bound.value))
            write(request, by: nil, on: channel, bound.value)
          }
        }
      },
      UpstreamErrorHandler(answer),
    ])
  }

  /// Opens the one stream of HTTP/2 that the request needs.
  private static func startHTTP2(
    _ request: UpstreamRequest, on channel: any NIOCore.Channel, _ answer: ResponseStream
  ) throws {
    let handler = NIOHTTP2Handler(
      mode: .client, eventLoop: channel.eventLoop, connectionConfiguration: .init(), streamConfiguration: .init()
    ) { pushed in pushed.close() }
    try channel.pipeline.syncOperations.addHandler(handler)
    let bound = NIOLoopBound(answer, eventLoop: channel.eventLoop)
    let promise = channel.eventLoop.makePromise(of: (any NIOCore.Channel).self)
    promise.futureResult.assumeIsolated().whenComplete { result in
      switch result {
      case .success(let stream): write(request, by: nil, on: stream, answer)
      case .failure(let error): answer.yield(.failure(reason(error)))
      }
    }
    try handler.syncMultiplexer().createStreamChannel(promise: promise) { stream in
      stream.eventLoop.makeCompletedFuture {
        try stream.pipeline.syncOperations.addHandlers([
          HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: .https), UpstreamHandler(bound.value),
        ])
      }
    }
  }

  private static func write(
    _ request: UpstreamRequest, by proxy: ProxySettings.Proxy?, on channel: any NIOCore.Channel,
    _ answer: ResponseStream
  ) {
    let isAbsolute = proxy != nil && request.scheme == "http"
    var head = HTTPRequestHead(
      version: .http1_1, method: HTTPMethod(rawValue: request.head.method), uri: request.uri(isAbsolute: isAbsolute),
      headers: request.headers)
    if isAbsolute, let authorization = proxy?.authorization {
      head.headers.add(name: "Proxy-Authorization", value: authorization)
    }
    channel.write(HTTPClientRequestPart.head(head), promise: nil)
    if !request.body.isEmpty {
      channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: request.body))), promise: nil)
    }
    channel.writeAndFlush(HTTPClientRequestPart.end(nil)).assumeIsolated().whenFailure {
      answer.yield(.failure(reason($0)))
    }
  }

  static func reason(_ error: any Error) -> String {
    "\(error)"
  }
}

extension UpstreamRequest {
  private var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (scheme == "https" ? 443 : 80) ? name : "\(name):\(port)"
  }

  fileprivate func uri(isAbsolute: Bool) -> String {
    var target = head.target[...]
    if let mark = target.firstRange(of: "://"), !target[..<mark.lowerBound].contains("/") {
      target = target[mark.upperBound...].drop { $0 != "/" && $0 != "?" }
    }
    if !target.hasPrefix("/"), target != "*" { target = "/" + target }
    return isAbsolute ? "\(scheme)://\(authority)\(target)" : String(target)
  }

  /// The program's own fields, without those that are about its connection.
  fileprivate var headers: HTTPHeaders {
    var fields = HTTPHeaders()
    fields.add(name: "Host", value: authority)
    for field in head.headers {
      let name = field.name.lowercased()
      if name.hasPrefix(":") || name.hasPrefix("proxy-") || name == "host" || name == "expect"
        || Response.connectionFields.contains(name)
      {
        continue
      }
      fields.add(name: field.name, value: field.value)
    }
    if !body.isEmpty || ["POST", "PUT", "PATCH"].contains(head.method) {
      fields.add(name: "Content-Length", value: String(body.count))
    }
    fields.add(name: "Connection", value: "close")  // left out over HTTP/2
    return fields
  }
}

/// Takes an answer in.
private final class UpstreamHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let answer: ResponseStream

  init(_ answer: ResponseStream) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      var response = Response(status: Int(head.status.code), headers: [], body: [], source: "live")
      response.isForeign = true
      response.headers = head.headers.compactMap { name, value in
        Response.connectionFields.contains(name.lowercased()) ? nil : HTTPHeader(name: name, value: value)
      }
      response.declaredLength = head.headers.first(name: "content-length").flatMap { Int($0) }
      answer.yield(.head(response))
    case .body(let bytes): answer.yield(.part(bytes))
    case .end: answer.yield(.end)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Many servers end the connection below TLS once they have answered.
    if case NIOSSLError.uncleanShutdown = error { return }
    answer.yield(.failure(UpstreamClient.reason(error)))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    answer.yield(.failure("the connection ended before the answer was whole"))
    context.fireChannelInactive()
  }
}

/// Tells what goes wrong before HTTP begins, or below HTTP/2.
private final class UpstreamErrorHandler: ChannelInboundHandler {
  typealias InboundIn = Any

  private let answer: ResponseStream

  init(_ answer: ResponseStream) { self.answer = answer }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if case NIOSSLError.uncleanShutdown = error { return }
    answer.yield(.failure(UpstreamClient.reason(error)))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    answer.yield(.failure("the connection ended before the answer was whole"))
    context.fireChannelInactive()
  }
}

/// Asks a proxy for a tunnel, and hands the channel on once it is there.
private final class ProxyTunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let proxy: ProxySettings.Proxy
  private let request: UpstreamRequest
  private let start: (any NIOCore.Channel) throws -> Void
  private let answer: ResponseStream
  private var received = ByteBuffer()

  init(
    proxy: ProxySettings.Proxy, request: UpstreamRequest,
    then start: @escaping (any NIOCore.Channel) throws -> Void, answer: ResponseStream
  ) {
    self.proxy = proxy
    self.request = request
    self.start = start
    self.answer = answer
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let host = request.host.contains(":") ? "[\(request.host)]" : request.host
    let authorization = proxy.authorization.map { "Proxy-Authorization: \($0)\r\n" } ?? ""
    context.channel.writeAndFlush(
      ByteBuffer(
        string: "CONNECT \(host):\(request.port) HTTP/1.1\r\nHost: \(host):\(request.port)\r\n\(authorization)\r\n"),
      promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    received.writeBuffer(&bytes)
    let text = String(buffer: received)
    guard text.hasSuffix("\r\n\r\n") else {
      if received.readableBytes > 64 * 1024 { answer.yield(.failure("the proxy's answer has no end")) }
      return
    }
    let line = text.prefix { $0 != "\r\n" }
    guard line.split(separator: " ").dropFirst().first == "200" else {
      return answer.yield(.failure("the proxy refused: \(line)"))
    }
    let (channel, start, answer) = (context.channel, start, answer)
    context.pipeline.syncOperations.removeHandler(self).assumeIsolated().whenComplete { _ in
      do { try start(channel) } catch { answer.yield(.failure(UpstreamClient.reason(error))) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    answer.yield(.failure(UpstreamClient.reason(error)))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    answer.yield(.failure("the proxy ended the connection"))
    context.fireChannelInactive()
  }
}
