import EnvprobeModel
import NIOCore

/// One request while it is received, whichever version of HTTP brings it, up to its answer.
final class Exchange {
  let head: RequestHead
  private let log: SessionLog
  private let connection: Connection
  let route: Route
  let id: Int
  private var body: [UInt8] = []
  private var lost = 0
  /// An answer that is being passed on, with its fields; and how much of it is not kept.
  private var coming: (response: Response, fields: [HTTPHeader])?
  private var lostOfAnswer = 0
  /// The body as recorded.
  private var bodyBlob: Blob?

  init(head: RequestHead, route: Route, connection: Connection, log: SessionLog) {
    self.head = head
    self.route = route.addressed(by: head)
    self.connection = connection
    self.log = log
    id = log.nextExchange()
    if let text = head.value(of: "content-length"), let length = Int(text) {
      body.reserveCapacity(max(0, min(length, log.limits.body)))
    }
  }

  func receive(_ part: ByteBuffer) {
    let room = log.limits.body - body.count
    if part.readableBytes <= room {
      body.append(contentsOf: part.readableBytesView)
    } else {
      body.append(contentsOf: part.readableBytesView.prefix(room))
      lost += part.readableBytes - room
    }
  }

  /// The answer to a request.
  enum Answer {
    case ready(Response)
    /// It is on its way, and comes on the loop that was named.
    case coming(ResponseStream)
  }

  /// The request is whole: records it, and says what the answer is, which is to be handed to ``settle(_:)``.
  func complete(trailers: [HTTPHeader], on eventLoop: any EventLoop) -> Answer {
    let decoded = record(trailers: trailers, isCutOff: false)
    let request = ScenarioRequest(
      scheme: route.scheme, host: route.host.lowercased(), head: head, body: decoded ?? body, sentBody: body)
    return log.respond(to: request, route: route, bodyDigest: bodyBlob?.sha256 ?? "", on: eventLoop)
  }

  /// Records the answer, and returns the fields to send with it.
  func settle(_ response: Response) -> [HTTPHeader] {
    if let query = response.dnsQuery { log.record(.dns(query), on: connection.id) }
    let fields = response.fields(to: head, date: httpDate(log.now()))
    // A reset is no answer: how the connection ended says what happened.
    if response.delivery.ending != .reset { record(response, fields) }
    return fields
  }

  /// Begins an answer that is passed on as it comes, and returns the fields to send with it.
  func begin(_ response: inout Response) -> [HTTPHeader] {
    // Without a length its end must show.
    response.isStreamed = response.declaredLength == nil && response.hasBody(method: head.method)
    let fields = response.fields(to: head, date: httpDate(log.now()))
    coming = (response, fields)
    return fields
  }

  /// Keeps a part of such an answer.
  func pass(_ part: ByteBuffer) {
    let room = log.limits.body - (coming?.response.body.count ?? 0)
    coming?.response.body.append(contentsOf: part.readableBytesView.prefix(room))
    lostOfAnswer += max(0, part.readableBytes - room)
  }

  /// Ends such an answer; with why it is not whole, where it is not.
  func end(failure: String? = nil) {
    guard let (response, fields) = coming else { return }
    coming = nil
    if lostOfAnswer > 0 {
      log.gap(.wire, "the last \(lostOfAnswer) bytes of an answer were not kept", host: route.host)
    }
    if let failure { log.gap(.unanswered, "the answer was broken off: \(failure)", host: route.host) }
    record(response, fields, isCutOff: failure != nil || lostOfAnswer > 0)
  }

  /// The answer in place of one that does not come.
  func failed(_ reason: String) -> Response {
    log.gap(.unanswered, "the real destination did not answer: \(reason)", host: route.host)
    return Response(status: 502, headers: [], body: [], source: "live")
  }

  private func record(_ response: Response, _ fields: [HTTPHeader], isCutOff: Bool = false) {
    let sent = response.sentBody
    let hasBody = response.hasBody(method: head.method) && !sent.isEmpty
    log.record(
      .response(
        HTTPResponse(
          exchange: id, status: response.status, headers: fields.map(log.redactor.redact),
          body: hasBody ? log.sink.store(log.redactor.redact(Array(sent)) ?? Array(sent)) : nil,
          source: response.source, delay: response.delivery.delay > 0 ? response.delivery.delay : nil,
          truncated: response.isCut || isCutOff ? true : nil)), on: connection.id)
  }

  /// The rest of the request will not come.
  func abandon() { _ = record(trailers: [], isCutOff: true) }

  /// Records the request; returns the body without content coding where it had one.
  private func record(trailers: [HTTPHeader], isCutOff: Bool) -> [UInt8]? {
    if lost > 0 { log.gap(.wire, "the last \(lost) bytes of a request body were not kept", host: route.host) }
    let decoded = isCutOff ? nil : decodedBody()
    let safe = log.redactor.redact(head)
    let safeDecoded = decoded.flatMap(log.redactor.redact)
    // A coded body would tell the credential that was taken out of the decoded one.
    bodyBlob = body.isEmpty || safeDecoded != nil ? nil : log.sink.store(log.redactor.redact(body) ?? body)
    log.record(
      .request(
        HTTPRequest(
          exchange: id, connection: connection.id, scheme: route.scheme, host: route.host, port: route.port,
          via: route.via, method: head.method, target: safe.target, version: head.version, headers: safe.headers,
          trailers: trailers.map(log.redactor.redact), head: safe.bytes.isEmpty ? nil : log.sink.store(safe.bytes),
          body: bodyBlob, decodedBody: (safeDecoded ?? decoded).map(log.sink.store),
          truncated: isCutOff || lost > 0)), on: connection.id)
    return decoded
  }

  /// The body of a gRPC call with its messages decompressed, which each for itself are in the coding that a field names.
  private func decodedMessages() throws(ContentCoding.Failure) -> [UInt8]? {
    guard head.value(of: "content-type")?.hasPrefix("application/grpc") == true,
      let coding = head.value(of: "grpc-encoding"), coding != "identity"
    else { return nil }
    return try GRPCBody.decompressed(body, coding: coding, limit: log.limits.decodedBody)
  }

  private func decodedBody() -> [UInt8]? {
    guard !body.isEmpty, lost == 0 else { return nil }
    let codings = head.values(of: "content-encoding").joined(separator: ",")
    do {
      if codings.isEmpty { return try decodedMessages() }
      return try ContentCoding.decode(body, codings: codings, limit: log.limits.decodedBody)
    } catch {
      switch error {
      case .unknown(let name): log.gap(.wire, "the content coding '\(name)' is not known", host: route.host)
      case .corrupt(let name): log.gap(.wire, "a body is not in its content coding '\(name)'", host: route.host)
      case .tooLarge(let limit):
        log.gap(.wire, "a body is larger than \(limit) bytes without its content coding", host: route.host)
      }
      return nil
    }
  }
}
