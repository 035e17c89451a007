import EnvprobeModel
import FoundationEssentials

/// The traffic of a run as a capture file (pcapng, draft-ietf-opsawg-pcapng), for Wireshark and tshark.
///
/// What was recorded is what layers carried, and not packets: the gateway took TLS off. So nothing is made up below it:
/// each request, each answer and each piece of another protocol is a packet of the link type `WIRESHARK_UPPER_PDU`, the
/// one that Wireshark itself exports what it has decrypted to. HTTP/2 stands as the HTTP/1.1 text of the same fields.
public enum PcapngExport {
  /// LINKTYPE_WIRESHARK_UPPER_PDU (https://www.tcpdump.org/linktypes.html).
  static let linkType: UInt16 = 252
  /// Bytes of the largest packet that readers take; of larger ones the beginning is kept, and the length told.
  static let packetLimit = 256 << 10

  public static func encode(_ trace: Trace) -> [UInt8] {
    let start = (try? Date(trace.manifest.started, strategy: .iso8601))?.timeIntervalSince1970 ?? 0
    var writer = Writer(start: start)
    writer.sectionHeader(application: trace.manifest.tool)
    writer.interface()
    let history = ProgramHistory(trace.events)
    var connections: [Int: Connection] = [:]
    var exchanges: [Int: TraceExchange] = [:]
    for exchange in TraceExchange.all(in: trace) { exchanges[exchange.request.exchange] = exchange }
    for event in trace.events {
      let comment = event.pid.map { history.label(of: $0, at: event.time) }
      switch event.payload {
      case .connection(let connection): connections[connection.id] = connection
      case .request(let request):
        guard let exchange = exchanges[request.exchange], let connection = connections[request.connection] else {
          continue
        }
        writer.packet(
          head(of: request, in: trace) + framed(exchange.body(in: trace), by: request.headers), dissector: "http",
          connection, isAnswer: false, at: event.time, comment: comment)
      case .response(let response):
        guard let exchange = exchanges[response.exchange], let connection = connections[exchange.request.connection]
        else { continue }
        writer.packet(
          head(of: response) + framed(exchange.answer(in: trace), by: response.headers), dissector: "http",
          connection, isAnswer: true, at: event.time, comment: comment)
      case .raw(let raw):
        guard let connection = connections[raw.connection], let bytes = trace.blobs[raw.content.sha256] else {
          continue
        }
        writer.packet(
          bytes, dissector: "data", connection, isAnswer: raw.direction == .sent, at: event.time, comment: comment)
      default: break
      }
    }
    return writer.bytes
  }

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

extension PcapngExport {
  /// Blocks of the file, all of them in little-endian order.
  private struct Writer {
    /// Seconds since 1970 at the launch.
    let start: Double
    var bytes: [UInt8] = []

    init(start: Double) { self.start = start }

    private static func little<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func padded(_ bytes: [UInt8]) -> [UInt8] {
      bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    }

    private static func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
      little(code) + little(UInt16(value.count)) + padded(value)
    }

    private mutating func block(_ type: UInt32, _ body: [UInt8]) {
      let length = Self.little(UInt32(body.count + 12))
      bytes += Self.little(type) + length + body + length
    }

    mutating func sectionHeader(application: String) {
      let order = Self.little(UInt32(0x1a2b_3c4d)) + Self.little(UInt16(1)) + Self.little(UInt16(0))
      let options = Self.option(4, Array(application.utf8.prefix(200))) + Self.little(UInt32(0))
      block(0x0a0d_0d0a, order + Self.little(Int64(-1)) + options)
    }

    mutating func interface() {
      block(
        1, Self.little(PcapngExport.linkType) + Self.little(UInt16(0)) + Self.little(UInt32(PcapngExport.packetLimit)))
    }

    /// - Parameter isAnswer: whether the packet goes to the program.
    mutating func packet(
      _ payload: [UInt8], dissector: String, _ connection: Connection, isAnswer: Bool, at time: Double,
      comment: String?
    ) {
      let packet = Self.tags(dissector: dissector, connection, isAnswer: isAnswer) + payload
      let kept = packet.prefix(PcapngExport.packetLimit)
      // opt_comment, opt_endofopt
      let options = comment.map { Self.option(1, Array($0.utf8.prefix(1000))) + Self.little(UInt32(0)) } ?? []
      let microseconds = UInt64(max(0, (start + time) * 1_000_000))
      var body = Self.little(UInt32(0)) + Self.little(UInt32(microseconds >> 32))
      body += Self.little(UInt32(truncatingIfNeeded: microseconds)) + Self.little(UInt32(kept.count))
      block(6, body + Self.little(UInt32(packet.count)) + Self.padded(Array(kept)) + options)
    }

    /// What precedes a packet of this link type (Wireshark, epan/exported_pdu.h): numbers in network order.
    private static func tags(dissector: String, _ connection: Connection, isAnswer: Bool) -> [UInt8] {
      func tag(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
        let value = padded(value)
        return [UInt8(code >> 8), UInt8(code & 255), UInt8(value.count >> 8), UInt8(value.count & 255)] + value
      }
      func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
      let server = address(connection.address)
      // The program's own address and port are not recorded; a port for each connection keeps them apart.
      let client: [UInt8] = server.count == 4 ? [0, 0, 0, 0] : [UInt8](repeating: 0, count: 16)
      let clientPort = 32768 + connection.id % 28000
      let (from, to) = isAnswer ? (server, client) : (client, server)
      let ports = isAnswer ? (connection.port, clientPort) : (clientPort, connection.port)
      let isIPv4 = server.count == 4
      var bytes = tag(12, Array(dissector.utf8))
      bytes += tag(isIPv4 ? 20 : 22, from) + tag(isIPv4 ? 21 : 23, to)
      bytes += tag(24, number(connection.transport == .tcp ? 2 : 3))
      bytes += tag(25, number(ports.0)) + tag(26, number(ports.1))
      return bytes + tag(0, [])
    }

    private static func address(_ text: String) -> [UInt8] {
      let parts = text.split(separator: ".").compactMap { UInt8($0) }
      if parts.count == 4 { return parts }
      return v6(text) ?? [0, 0, 0, 0]
    }

    private static func v6(_ text: String) -> [UInt8]? {
      let halves = text.split(separator: "::", omittingEmptySubsequences: false)
      guard text.contains(":"), halves.count <= 2 else { return nil }
      func groups(_ half: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        for group in half.split(separator: ":") {
          guard let value = UInt16(group, radix: 16) else { return nil }
          bytes += [UInt8(value >> 8), UInt8(value & 255)]
        }
        return bytes
      }
      guard let head = groups(halves[0]), let tail = halves.count > 1 ? groups(halves[1]) : [] else { return nil }
      guard head.count + tail.count <= 16 else { return nil }
      return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }
  }
}
