import EnvprobeModel
import FoundationEssentials

/// The traffic of a run as a capture file (pcapng, draft-ietf-opsawg-pcapng), for Wireshark and tshark.
///
/// What was recorded is what layers carried, and not packets: the gateway took TLS off. So nothing is made up below it:
/// each request, each answer and each piece of another protocol is a packet of the link type `WIRESHARK_UPPER_PDU`, the
/// one that Wireshark itself exports what it has decrypted to. HTTP/2 stands as the HTTP/1.1 text of the same fields.
///
/// Where a run recorded the bytes below TLS and the secrets of TLS, connections are TCP streams around these bytes, and
/// the secrets stand in the file: readers take TLS off themselves. The headers of the packets are made up then.
public enum PcapngExport {
  /// LINKTYPE_WIRESHARK_UPPER_PDU (https://www.tcpdump.org/linktypes.html).
  static let linkType: UInt16 = 252
  /// LINKTYPE_RAW: packets that begin with an IP header.
  static let internetLinkType: UInt16 = 101
  /// Bytes of the largest packet that readers take; of larger ones the beginning is kept, and the length told.
  static let packetLimit = 256 << 10

  public static func encode(_ trace: Trace) -> [UInt8] {
    let start = (try? Date(trace.manifest.started, strategy: .iso8601))?.timeIntervalSince1970 ?? 0
    var writer = Writer(start: start)
    writer.sectionHeader(application: trace.manifest.tool)
    writer.interface(linkType)
    var streams = Streams(in: trace)
    if !streams.isEmpty {
      writer.interface(internetLinkType)
      writer.secrets(streams.secrets)
    }
    let history = ProgramHistory(trace.events)
    var connections: [Int: Connection] = [:]
    var exchanges: [Int: TraceExchange] = [:]
    for exchange in TraceExchange.all(in: trace) { exchanges[exchange.request.exchange] = exchange }
    for event in trace.events {
      let comment = event.pid.map { history.label(of: $0, at: event.time) }
      switch event.payload {
      case .connection(let connection):
        connections[connection.id] = connection
        for packet in streams.begin(connection) { writer.internetPacket(packet, at: event.time, comment: comment) }
      case .segment(let segment):
        guard let bytes = trace.blobs[segment.content.sha256] else { continue }
        for packet in streams.segment(bytes, segment) {
          writer.internetPacket(packet, at: event.time, comment: comment)
        }
      case .connectionClosed(let end):
        for packet in streams.end(end.connection) { writer.internetPacket(packet, at: event.time, comment: nil) }
      case .request(let request):
        guard let exchange = exchanges[request.exchange], let connection = connections[request.connection],
          !streams.has(connection.id)
        else { continue }
        writer.packet(
          head(of: request, in: trace) + framed(exchange.body(in: trace), by: request.headers), dissector: "http",
          connection, isAnswer: false, at: event.time, comment: comment)
      case .response(let response):
        guard let exchange = exchanges[response.exchange], let connection = connections[exchange.request.connection],
          !streams.has(connection.id)
        else { continue }
        writer.packet(
          head(of: response) + framed(exchange.answer(in: trace), by: response.headers), dissector: "http",
          connection, isAnswer: true, at: event.time, comment: comment)
      case .raw(let raw):
        guard let connection = connections[raw.connection], let bytes = trace.blobs[raw.content.sha256],
          !streams.has(connection.id)
        else { continue }
        writer.packet(
          bytes, dissector: "data", connection, isAnswer: raw.direction == .sent, at: event.time, comment: comment)
      default: break
      }
    }
    return writer.bytes
  }

  /// The program's own port is not recorded; one for each connection keeps them apart.
  static func clientPort(of connection: Connection) -> Int { 32768 + connection.id % 28000 }

  private static func head(of request: HTTPRequest, in trace: Trace) -> [UInt8] {
    if let bytes = request.head.flatMap({ trace.blobs[$0.sha256] }) { return bytes }
    var text = "\(request.method) \(request.target) HTTP/1.1\r\n"
    for header in request.headers {
      if header.name == ":authority" { text += "host: \(header.value)\r\n" }
      if !header.name.hasPrefix(":") { text += "\(header.name): \(header.value)\r\n" }
    }
    return Array((text + "\r\n").utf8)
  }

  private static func head(of response: HTTPResponse) -> [UInt8] {
    let fields = response.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
    return Array("HTTP/1.1 \(response.status) \r\n\(fields)\r\n".utf8)
  }

  /// A body as the fields say that it is framed: what was recorded has no chunks.
  private static func framed(_ body: [UInt8]?, by headers: [HTTPHeader]) -> [UInt8] {
    guard let body, !body.isEmpty else { return [] }
    guard headers.first("transfer-encoding")?.lowercased() == "chunked" else { return body }
    return Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8)
  }
}
