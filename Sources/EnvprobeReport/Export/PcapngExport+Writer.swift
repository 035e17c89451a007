import EnvprobeModel

extension PcapngExport {
  /// Blocks of the file, all of them in little-endian order.
  struct Writer {
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

    /// Declares an interface; packets name it by its place.
    mutating func interface(_ linkType: UInt16) {
      block(1, Self.little(linkType) + Self.little(UInt16(0)) + Self.little(UInt32(PcapngExport.packetLimit)))
    }

    /// Secrets of TLS, as lines of a key log file; to stand before the packets that they are for.
    mutating func secrets(_ lines: [String]) {
      let text = Array(lines.joined(separator: "\n").utf8) + [10]
      // Decryption Secrets Block; "TLSK".
      block(10, Self.little(UInt32(0x544c_534b)) + Self.little(UInt32(text.count)) + Self.padded(text))
    }

    private mutating func packet(_ interface: UInt32, _ packet: [UInt8], at time: Double, comment: String?) {
      let kept = packet.prefix(PcapngExport.packetLimit)
      // opt_comment, opt_endofopt
      let options = comment.map { Self.option(1, Array($0.utf8.prefix(1000))) + Self.little(UInt32(0)) } ?? []
      let microseconds = UInt64(max(0, (start + time) * 1_000_000))
      var body = Self.little(interface) + Self.little(UInt32(microseconds >> 32))
      body += Self.little(UInt32(truncatingIfNeeded: microseconds)) + Self.little(UInt32(kept.count))
      block(6, body + Self.little(UInt32(packet.count)) + Self.padded(Array(kept)) + options)
    }

    /// A packet of the second interface, from its IP header on.
    mutating func internetPacket(_ packet: [UInt8], at time: Double, comment: String?) {
      self.packet(1, packet, at: time, comment: comment)
    }

    /// - Parameter isAnswer: whether the packet goes to the program.
    mutating func packet(
      _ payload: [UInt8], dissector: String, _ connection: Connection, isAnswer: Bool, at time: Double,
      comment: String?
    ) {
      packet(
        0, Self.tags(dissector: dissector, connection, isAnswer: isAnswer) + payload, at: time, comment: comment)
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
      let clientPort = PcapngExport.clientPort(of: connection)
      let (from, to) = isAnswer ? (server, client) : (client, server)
      let ports = isAnswer ? (connection.port, clientPort) : (clientPort, connection.port)
      let isIPv4 = server.count == 4
      var bytes = tag(12, Array(dissector.utf8))
      bytes += tag(isIPv4 ? 20 : 22, from) + tag(isIPv4 ? 21 : 23, to)
      bytes += tag(24, number(connection.transport == .tcp ? 2 : 3))
      bytes += tag(25, number(ports.0)) + tag(26, number(ports.1))
      return bytes + tag(0, [])
    }

    static func address(_ text: String) -> [UInt8] {
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
