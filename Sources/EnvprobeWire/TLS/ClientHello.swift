/// What a TLS client says first (RFC 8446, section 4.1.2), read without taking part in the handshake.
struct ClientHello: Hashable, Sendable {
  /// `legacy_version`, such as 0x0303.
  var legacyVersion: UInt16
  var cipherSuites: [UInt16]
  /// The types of the extensions, in order.
  var extensions: [UInt16] = []
  var serverName: String?
  var alpn: [[UInt8]] = []
  var supportedVersions: [UInt16] = []
  var groups: [UInt16] = []
  var pointFormats: [UInt8] = []
  var signatureAlgorithms: [UInt16] = []

  enum Reading: Hashable, Sendable {
    case complete(ClientHello)
    /// It goes on in bytes that have not arrived.
    case incomplete
    /// It is none.
    case invalid
  }

  /// The largest hello that is waited for, in bytes; post-quantum key shares make about 2 KiB.
  static let limit = 64 * 1024

  /// Reads a hello from the first bytes of a connection: TLS records that may split it anywhere.
  static func read(_ bytes: [UInt8]) -> Reading {
    var message: [UInt8] = []
    var cursor = 0
    while true {
      if message.count >= 4 {
        let length = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
        guard message[0] == 1, length <= limit else { return .invalid }
        if message.count >= 4 + length {
          return ClientHello(body: Array(message[4..<4 + length])).map(Reading.complete) ?? .invalid
        }
      }
      guard cursor + 5 <= bytes.count else {
        return zip(bytes[cursor...], [0x16, 0x03]).allSatisfy { $0 == $1 } ? .incomplete : .invalid
      }
      let length = Int(bytes[cursor + 3]) << 8 | Int(bytes[cursor + 4])
      guard bytes[cursor] == 0x16, bytes[cursor + 1] == 3, 1...(1 << 14 + 256) ~= length else { return .invalid }
      let available = min(length, bytes.count - cursor - 5)
      message += bytes[cursor + 5..<cursor + 5 + available]
      if let type = message.first, type != 1 { return .invalid }
      if available < length, message.count < 4 { return .incomplete }
      if available < length {
        let needed = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
        return needed <= limit ? .incomplete : .invalid
      }
      cursor += 5 + length
    }
  }

  private init?(body: [UInt8]) {
    var reader = Reader(bytes: body[...])
    guard let version = reader.integer(), reader.skip(32), reader.vector(lengthBytes: 1) != nil,
      let suites = reader.vector(lengthBytes: 2), reader.vector(lengthBytes: 1) != nil
    else { return nil }
    legacyVersion = version
    cipherSuites = suites.integers
    guard !reader.bytes.isEmpty else { return }
    guard var list = reader.vector(lengthBytes: 2).map(Reader.init) else { return nil }
    while !list.bytes.isEmpty {
      guard let type = list.integer(), let data = list.vector(lengthBytes: 2) else { return nil }
      extensions.append(type)
      read(extension: type, Reader(bytes: data))
    }
  }

  private mutating func read(extension type: UInt16, _ data: Reader) {
    var data = data
    switch type {
    case 0:
      guard var names = data.vector(lengthBytes: 2).map(Reader.init), names.skip(1),
        let name = names.vector(lengthBytes: 2)
      else { return }
      serverName = String(decoding: name, as: UTF8.self)
    case 10: groups = data.vector(lengthBytes: 2)?.integers ?? []
    case 11: pointFormats = data.vector(lengthBytes: 1).map(Array.init) ?? []
    case 13: signatureAlgorithms = data.vector(lengthBytes: 2)?.integers ?? []
    case 16:
      guard var names = data.vector(lengthBytes: 2).map(Reader.init) else { return }
      while let name = names.vector(lengthBytes: 1) { alpn.append(Array(name)) }
    case 43: supportedVersions = data.vector(lengthBytes: 1)?.integers ?? []
    default: break
    }
  }

  private struct Reader {
    var bytes: ArraySlice<UInt8>

    mutating func skip(_ count: Int) -> Bool {
      guard bytes.count >= count else { return false }
      bytes = bytes.dropFirst(count)
      return true
    }

    mutating func integer() -> UInt16? {
      guard bytes.count >= 2 else { return nil }
      return UInt16(bytes.removeFirst()) << 8 | UInt16(bytes.removeFirst())
    }

    mutating func vector(lengthBytes: Int) -> ArraySlice<UInt8>? {
      guard bytes.count >= lengthBytes else { return nil }
      let length = bytes.prefix(lengthBytes).reduce(0) { $0 << 8 | Int($1) }
      guard bytes.count >= lengthBytes + length else { return nil }
      let start = bytes.startIndex + lengthBytes
      defer { bytes = bytes.dropFirst(lengthBytes + length) }
      return bytes[start..<start + length]
    }
  }
}

extension ArraySlice<UInt8> {
  /// Pairs of bytes as numbers in network byte order.
  fileprivate var integers: [UInt16] {
    stride(from: startIndex, to: endIndex - 1, by: 2).map { UInt16(self[$0]) << 8 | UInt16(self[$0 + 1]) }
  }
}
