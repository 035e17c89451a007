import EnvprobeModel
import NIOCore
import NIOHTTP1

/// An answer of the offline world.
struct Response: Hashable, Sendable {
  var status: Int
  /// Without those that the connection adds: date, server, length and coding.
  var headers: [HTTPHeader]
  var body: [UInt8]
  /// Whether the body is a stream of events, which has no length beforehand.
  var isStreamed = false
  /// Which part of the offline world answered.
  var source: String
  /// The question to the name service that it answers, where it does.
  var dnsQuery: DNSQuery?
  /// How it arrives.
  var delivery = Scenario.Delivery()
  /// The place of the rule among those of the scenario's file, where one of them answered.
  var rule: Int?
  /// What is said over the WebSocket that it opens; `nil` where it opens none.
  var socket: SocketScript?
  /// What the real server says the length of the body is, where the answer is passed on as it comes.
  var declaredLength: Int?
  /// Whether a real server has made it, so that its fields are whole but for the connection's.
  var isForeign = false

  /// Whether a response to this method with this status has a body (RFC 9112, section 6.3).
  func hasBody(method: String) -> Bool { method != "HEAD" && status != 204 && status != 304 && status >= 200 }

  /// Every header field as it is sent, with names as HTTP/1.1 servers write them.
  ///
  /// - Parameter date: an IMF-fixdate.
  func fields(to head: RequestHead, date: String) -> [HTTPHeader] {
    var fields =
      isForeign ? [] : [HTTPHeader(name: "Date", value: date), HTTPHeader(name: "Server", value: "nginx")]
    fields += headers
    let isHTTP1 = head.version.hasPrefix("HTTP/1")
    if let declaredLength {
      fields.append(HTTPHeader(name: "Content-Length", value: String(declaredLength)))
    } else if isStreamed, isHTTP1 {
      if head.version == "HTTP/1.1" { fields.append(HTTPHeader(name: "Transfer-Encoding", value: "chunked")) }
    } else if !isStreamed, status != 204, status != 304, status >= 200, !(isForeign && head.method == "HEAD") {
      fields.append(HTTPHeader(name: "Content-Length", value: String(body.count)))
    }
    if isHTTP1, status != 101 {
      let keepsAlive = head.keepsAlive && !(isStreamed && head.version == "HTTP/1.0")
      fields.append(HTTPHeader(name: "Connection", value: keepsAlive ? "keep-alive" : "close"))
    }
    return fields
  }

  /// The response on an HTTP/1 connection.
  func serialize(to head: RequestHead, fields: [HTTPHeader], into buffer: inout ByteBuffer) {
    serializeHead(fields, into: &buffer)
    guard hasBody(method: head.method) else { return }
    if isStreamed, head.version == "HTTP/1.1" {
      if !body.isEmpty {
        buffer.writeString(String(body.count, radix: 16) + "\r\n")
        buffer.writeBytes(sentBody)
        if isCut { return }
        buffer.writeString("\r\n")
      }
      buffer.writeString("0\r\n\r\n")
    } else {
      buffer.writeBytes(sentBody)
    }
  }

  func serializeHead(_ fields: [HTTPHeader], into buffer: inout ByteBuffer) {
    let reason = HTTPResponseStatus(statusCode: status).reasonPhrase
    buffer.writeString("HTTP/1.1 \(status) \(reason)\r\n")
    for field in fields { buffer.writeString("\(field.name): \(field.value)\r\n") }
    buffer.writeString("\r\n")
  }

  /// Whether the connection ends before the answer is whole.
  var isCut: Bool { delivery.ending != .whole }

  /// As much of the body as the scenario lets through.
  var sentBody: ArraySlice<UInt8> {
    switch delivery.ending {
    case .whole: body[...]
    case .cut(let count): body.prefix(count)
    case .reset: []
    }
  }
}

/// Formats a date as servers do, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
///
/// - Parameter seconds: since 1970-01-01T00:00:00Z.
func httpDate(_ seconds: Int) -> String {
  let (days, second) = seconds.quotientAndFloorRemainder(dividingBy: 86400)
  // Days to civil date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
  let (era, dayOfEra) = (days + 719_468).quotientAndFloorRemainder(dividingBy: 146_097)
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shifted = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * shifted + 2) / 5 + 1
  let month = shifted < 10 ? shifted + 3 : shifted - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  let weekday = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][((days + 4) % 7 + 7) % 7]
  let name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
  func two(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
  return
    "\(weekday), \(two(day)) \(name) \(year) \(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60)) GMT"
}

extension Int {
  fileprivate func quotientAndFloorRemainder(dividingBy divisor: Int) -> (Int, Int) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
