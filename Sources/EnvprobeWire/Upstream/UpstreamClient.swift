import EnvprobeModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A request on its way to a real destination.
struct UpstreamRequest: Sendable {
  var scheme: String
  var host: String
  var port: Int
  var head: RequestHead
  var body: [UInt8]
}

/// Why a request got no answer from its real destination.
struct UpstreamError: Error, Hashable, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// Asks real destinations over HTTP/1.1, a connection for each request, the certificate checked as any client does.
///
/// The answer is taken in whole before it is passed on: what is recorded is what the program got.
struct UpstreamClient: Sendable {
  let access: LiveAccess
  /// Bytes of the largest answer.
  let bodyLimit: Int
  /// Seconds for the whole of an answer; models think for minutes.
  static let timeout: Int64 = 600

  private let tls: NIOSSLContext

  init(access: LiveAccess, bodyLimit: Int) throws(GatewayError) {
    self.access = access
    self.bodyLimit = bodyLimit
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.applicationProtocols = ["http/1.1"]
    if let file = access.trustFile { configuration.trustRoots = .file(file) }
    do { tls = try NIOSSLContext(configuration: configuration) } catch {
      throw GatewayError(.makeContext, subject: "live destinations", reason: "\(error)")
    }
  }

  /// - Returns: on `eventLoop`.
  func send(_ request: UpstreamRequest, on eventLoop: any EventLoop) -> EventLoopFuture<Response> {
    let proxy = access.proxies.proxy(scheme: request.scheme, host: request.host)
    let promise = eventLoop.makePromise(of: Response.self)
    let (tls, limit) = (tls, bodyLimit)
    ClientBootstrap(group: eventLoop)
      .connectTimeout(.seconds(15))
      .connect(host: proxy?.host ?? request.host, port: proxy?.port ?? request.port)
      .whenComplete { result in
        switch result {
        case .failure(let error): promise.fail(UpstreamError(Self.reason(error)))
        case .success(let channel):
          let timer = eventLoop.scheduleTask(in: .seconds(Self.timeout)) {
            promise.fail(UpstreamError("no answer within \(Self.timeout) s"))
          }
          promise.futureResult.whenComplete { _ in
            timer.cancel()
            channel.close(promise: nil)
          }
          do {
            let start: @Sendable (any NIOCore.Channel) throws -> Void = { channel in
              try Self.start(request, by: proxy, on: channel, tls: tls, limit: limit, promise)
            }
            if let proxy, request.scheme == "https" {
              try channel.pipeline.syncOperations.addHandler(
                ProxyTunnelHandler(proxy: proxy, request: request, then: start, promise: promise))
            } else {
              try start(channel)
            }
          } catch {
            promise.fail(UpstreamError(Self.reason(error)))
          }
        }
      }
    return promise.futureResult
  }

  /// Speaks HTTP on a channel that leads to the destination, or to a proxy that is asked in the clear.
  private static func start(
    _ request: UpstreamRequest, by proxy: ProxySettings.Proxy?, on channel: any NIOCore.Channel, tls: NIOSSLContext,
    limit: Int, _ promise: EventLoopPromise<Response>
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    if request.scheme == "https" {
      let name = IPAddress(request.host) == nil ? request.host : nil
      try pipeline.addHandler(try NIOSSLClientHandler(context: tls, serverHostname: name))
    }
    try pipeline.addHTTPClientHandlers()
    try pipeline.addHandler(UpstreamHandler(limit: limit, promise: promise))
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
    channel.writeAndFlush(HTTPClientRequestPart.end(nil)).whenFailure { promise.fail(UpstreamError(Self.reason($0))) }
  }

  static func reason(_ error: any Error) -> String {
    (error as? UpstreamError)?.description ?? "\(error)"
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
    fields.add(name: "Connection", value: "close")
    return fields
  }
}

/// Takes an answer in.
private final class UpstreamHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let limit: Int
  private let promise: EventLoopPromise<Response>
  private var response = Response(status: 502, headers: [], body: [], source: "live")

  init(limit: Int, promise: EventLoopPromise<Response>) {
    self.limit = limit
    self.promise = promise
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      response.status = Int(head.status.code)
      response.isForeign = true
      response.headers = head.headers.compactMap { name, value in
        Response.connectionFields.contains(name.lowercased()) ? nil : HTTPHeader(name: name, value: value)
      }
    case .body(let bytes):
      guard response.body.count + bytes.readableBytes <= limit else {
        return promise.fail(UpstreamError("the answer is larger than \(limit) bytes"))
      }
      response.body.append(contentsOf: bytes.readableBytesView)
    case .end: promise.succeed(response)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Many servers end the connection below TLS once they have answered.
    if case NIOSSLError.uncleanShutdown = error { return }
    promise.fail(UpstreamError(UpstreamClient.reason(error)))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    promise.fail(UpstreamError("the connection ended before the answer was whole"))
    context.fireChannelInactive()
  }
}

/// Asks a proxy for a tunnel, and hands the channel on once it is there.
private final class ProxyTunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let proxy: ProxySettings.Proxy
  private let request: UpstreamRequest
  private let start: @Sendable (any NIOCore.Channel) throws -> Void
  private let promise: EventLoopPromise<Response>
  private var received = ByteBuffer()

  init(
    proxy: ProxySettings.Proxy, request: UpstreamRequest,
    then start: @escaping @Sendable (any NIOCore.Channel) throws -> Void, promise: EventLoopPromise<Response>
  ) {
    self.proxy = proxy
    self.request = request
    self.start = start
    self.promise = promise
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
      if received.readableBytes > 64 * 1024 { promise.fail(UpstreamError("the proxy's answer has no end")) }
      return
    }
    let line = text.prefix { $0 != "\r\n" }
    guard line.split(separator: " ").dropFirst().first == "200" else {
      return promise.fail(UpstreamError("the proxy refused: \(line)"))
    }
    let (channel, start, promise) = (context.channel, start, promise)
    context.pipeline.syncOperations.removeHandler(self).whenComplete { _ in
      do { try start(channel) } catch { promise.fail(UpstreamError(UpstreamClient.reason(error))) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    promise.fail(UpstreamError(UpstreamClient.reason(error)))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    promise.fail(UpstreamError("the proxy ended the connection"))
    context.fireChannelInactive()
  }
}
