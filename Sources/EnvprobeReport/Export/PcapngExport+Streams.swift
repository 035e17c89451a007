import EnvprobeModel

extension PcapngExport {
  /// TCP packets around the bytes of connections that were recorded below TLS.
  ///
  /// Headers are made up as far as readers need them to put streams together: a handshake, sequence numbers without
  /// gaps, acknowledgements of all that came before, an end in both directions.
  struct Streams {
    private struct Stream {
      /// Of the program and of the gateway.
      var client: [UInt8]
      var server: [UInt8]
      var clientPort: Int
      var serverPort: Int
      /// The next sequence numbers.
      var clientSequence: UInt32 = 1
      var serverSequence: UInt32 = 1
    }

    private struct Flags: OptionSet {
      let rawValue: UInt8
      static let end = Flags(rawValue: 0x01)
      static let synchronize = Flags(rawValue: 0x02)
      static let push = Flags(rawValue: 0x08)
      static let acknowledge = Flags(rawValue: 0x10)
    }

    /// Bytes of payload in a packet.
    private static let packetSize = 16384

    let secrets: [String]
    private let recorded: Set<Int>
    private let ownAddress: [UInt8]
    private var streams: [Int: Stream] = [:]

    init(in trace: Trace) {
      var secrets: [String] = []
      var recorded: Set<Int> = []
      for event in trace.events {
        switch event.payload {
        case .tlsSecret(let secret): secrets.append(secret.line)
        case .segment(let segment): recorded.insert(segment.connection)
        default: break
        }
      }
      self.secrets = secrets
      self.recorded = recorded
      ownAddress = Writer.address(trace.manifest.assignment.network?.address ?? Plan.Default.address)
    }

    var isEmpty: Bool { recorded.isEmpty }

    func has(_ connection: Int) -> Bool { recorded.contains(connection) }

    mutating func begin(_ connection: Connection) -> [[UInt8]] {
      guard has(connection.id) else { return [] }
      let server = Writer.address(connection.address)
      let client =
        server.count == ownAddress.count ? ownAddress : [0xfd] + [UInt8](repeating: 0, count: 11) + ownAddress
      let stream = Stream(
        client: client, server: server, clientPort: PcapngExport.clientPort(of: connection),
        serverPort: connection.port)
      streams[connection.id] = stream
      return [
        Self.packet(stream, fromClient: true, sequence: 0, acknowledged: 0, .synchronize),
        Self.packet(stream, fromClient: false, sequence: 0, acknowledged: 1, [.synchronize, .acknowledge]),
        Self.packet(stream, fromClient: true, sequence: 1, acknowledged: 1, .acknowledge),
      ]
    }

    mutating func segment(_ bytes: [UInt8], _ segment: WireSegment) -> [[UInt8]] {
      guard var stream = streams[segment.connection] else { return [] }
      let fromClient = segment.direction == .received
      var packets: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let part = rest.prefix(Self.packetSize)
        rest = rest.dropFirst(part.count)
        packets.append(Self.packet(stream, fromClient: fromClient, [.acknowledge, .push], part))
        if fromClient {
          stream.clientSequence &+= UInt32(part.count)
        } else {
          stream.serverSequence &+= UInt32(part.count)
        }
      }
      streams[segment.connection] = stream
      return packets
    }

    mutating func end(_ connection: Int) -> [[UInt8]] {
      guard var stream = streams.removeValue(forKey: connection) else { return [] }
      let first = Self.packet(stream, fromClient: true, [.end, .acknowledge])
      stream.clientSequence &+= 1
      let second = Self.packet(stream, fromClient: false, [.end, .acknowledge])
      stream.serverSequence &+= 1
      return [first, second, Self.packet(stream, fromClient: true, .acknowledge)]
    }

    private static func packet(
      _ stream: Stream, fromClient: Bool, _ flags: Flags, _ payload: ArraySlice<UInt8> = []
    ) -> [UInt8] {
      let (own, other) =
        fromClient
        ? (stream.clientSequence, stream.serverSequence) : (stream.serverSequence, stream.clientSequence)
      return packet(stream, fromClient: fromClient, sequence: own, acknowledged: other, flags, payload)
    }

    /// IP (RFC 791, RFC 8200) and TCP (RFC 9293), in network order.
    private static func packet(
      _ stream: Stream, fromClient: Bool, sequence: UInt32, acknowledged: UInt32, _ flags: Flags,
      _ payload: ArraySlice<UInt8> = []
    ) -> [UInt8] {
      let (from, to) = fromClient ? (stream.client, stream.server) : (stream.server, stream.client)
      let (source, destination) =
        fromClient ? (stream.clientPort, stream.serverPort) : (stream.serverPort, stream.clientPort)
      var segment = big(UInt16(truncatingIfNeeded: source)) + big(UInt16(truncatingIfNeeded: destination))
      segment += big(sequence) + big(acknowledged)
      // Five words of header, a window of everything, and the checksum's place.
      segment += [5 << 4, flags.rawValue] + big(UInt16.max) + [0, 0, 0, 0] + payload
      let tcp: UInt8 = 6
      let pseudo = from + to + big(UInt32(tcp)) + big(UInt32(segment.count))
      segment.replaceSubrange(16..<18, with: big(checksum(pseudo + segment)))
      if from.count == 4 {
        var header: [UInt8] = [0x45, 0] + big(UInt16(20 + segment.count)) + [0, 0, 0x40, 0, 64, tcp, 0, 0] + from + to
        header.replaceSubrange(10..<12, with: big(checksum(header)))
        return header + segment
      }
      return [0x60, 0, 0, 0] + big(UInt16(segment.count)) + [tcp, 64] + from + to + segment
    }

    private static func big(_ value: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    /// The Internet checksum (RFC 1071).
    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
      var sum: UInt32 = 0
      for index in stride(from: 0, to: bytes.count, by: 2) {
        sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
      }
      while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
      return ~UInt16(sum)
    }
  }
}
