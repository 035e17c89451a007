/// A DNS message (RFC 1035, section 4), as much of it as a server needs.
struct DNSMessage: Hashable, Sendable {
  struct Question: Hashable, Sendable {
    var name: DNSName
    var type: RecordType
    var recordClass: UInt16 = 1
  }

  struct Record: Hashable, Sendable {
    var name: DNSName
    var type: RecordType
    /// For `OPT`, the sender's largest UDP payload (RFC 6891).
    var recordClass: UInt16 = 1
    /// In seconds; for `OPT`, extended status and flags.
    var timeToLive: UInt32
    var data: [UInt8]
  }

  /// The type of a record or a question.
  struct RecordType: RawRepresentable, Hashable, Sendable {
    var rawValue: UInt16
    static let a = RecordType(rawValue: 1)
    static let soa = RecordType(rawValue: 6)
    static let ptr = RecordType(rawValue: 12)
    static let aaaa = RecordType(rawValue: 28)
    static let opt = RecordType(rawValue: 41)
    static let any = RecordType(rawValue: 255)

    private static let names: [UInt16: String] = [
      1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT", 28: "AAAA", 29: "LOC",
      33: "SRV", 35: "NAPTR", 39: "DNAME", 41: "OPT", 43: "DS", 44: "SSHFP", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY",
      52: "TLSA", 64: "SVCB", 65: "HTTPS", 252: "AXFR", 255: "ANY", 256: "URI", 257: "CAA",
    ]

    /// The mnemonic of the IANA registry, or `TYPE123` (RFC 3597).
    var name: String { Self.names[rawValue] ?? "TYPE\(rawValue)" }

    init(rawValue: UInt16) { self.rawValue = rawValue }

    /// From a mnemonic or a number.
    init?(name: String) {
      let number = UInt16(name) ?? Self.names.first { $0.value == name.uppercased() }?.key
      guard let number else { return nil }
      self.init(rawValue: number)
    }
  }

  enum Status: UInt16, Sendable {
    case noError = 0
    case formatError = 1
    case serverFailure = 2
    case nameError = 3
    case notImplemented = 4
    case refused = 5

    /// The mnemonic that tools print.
    var name: String {
      switch self {
      case .noError: "NOERROR"
      case .formatError: "FORMERR"
      case .serverFailure: "SERVFAIL"
      case .nameError: "NXDOMAIN"
      case .notImplemented: "NOTIMP"
      case .refused: "REFUSED"
      }
    }
  }

  var id: UInt16
  /// The second 16 bits of the header, the status among them.
  var flags: UInt16
  var questions: [Question] = []
  var answers: [Record] = []
  var authorities: [Record] = []
  var additionals: [Record] = []

  static let responseFlag: UInt16 = 0x8000
  static let truncationFlag: UInt16 = 0x0200
  static let recursionDesiredFlag: UInt16 = 0x0100
  static let recursionAvailableFlag: UInt16 = 0x0080

  var isResponse: Bool { flags & Self.responseFlag != 0 }
  var operation: UInt16 { flags >> 11 & 15 }
}

extension DNSMessage {
  /// Reads a message; `nil` where the bytes are not one.
  init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    guard let id = reader.integer(), let flags = reader.integer(), let questionCount = reader.integer(),
      let answerCount = reader.integer(), let authorityCount = reader.integer(), let additionalCount = reader.integer()
    else { return nil }
    self.init(id: id, flags: flags)
    for _ in 0..<questionCount {
      guard let name = reader.name(), let type = reader.integer(), let recordClass = reader.integer() else {
        return nil
      }
      questions.append(Question(name: name, type: RecordType(rawValue: type), recordClass: recordClass))
    }
    for _ in 0..<answerCount { guard reader.record(into: &answers) else { return nil } }
    for _ in 0..<authorityCount { guard reader.record(into: &authorities) else { return nil } }
    for _ in 0..<additionalCount { guard reader.record(into: &additionals) else { return nil } }
  }

  /// The message on the wire. A name that equals the first question's is written as a pointer to it.
  var bytes: [UInt8] {
    var out: [UInt8] = []
    out.append(id)
    out.append(flags)
    for count in [questions.count, answers.count, authorities.count, additionals.count] { out.append(UInt16(count)) }
    for question in questions {
      out.append(question.name)
      out.append(question.type.rawValue)
      out.append(question.recordClass)
    }
    for record in answers + authorities + additionals {
      if !record.name.labels.isEmpty, record.name == questions.first?.name {
        out.append(0xc00c as UInt16)
      } else {
        out.append(record.name)
      }
      out.append(record.type.rawValue)
      out.append(record.recordClass)
      out.append(UInt16(record.timeToLive >> 16))
      out.append(UInt16(truncatingIfNeeded: record.timeToLive))
      out.append(UInt16(record.data.count))
      out += record.data
    }
    return out
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    mutating func integer() -> UInt16? {
      guard position + 2 <= bytes.count else { return nil }
      defer { position += 2 }
      return UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
    }

    /// A name, through its pointers. A pointer must lead backwards, so that no chain of them is endless.
    mutating func name() -> DNSName? {
      var labels: [[UInt8]] = []
      var length = 1
      var cursor = position
      var end: Int?
      while true {
        guard cursor < bytes.count else { return nil }
        let first = Int(bytes[cursor])
        switch first {
        case 0:
          position = end ?? cursor + 1
          return DNSName(labels: labels)
        case 1...63:
          guard cursor + 1 + first <= bytes.count else { return nil }
          labels.append(Array(bytes[cursor + 1..<cursor + 1 + first]))
          length += 1 + first
          guard length <= 255 else { return nil }
          cursor += 1 + first
        case 0xc0...0xff:
          guard cursor + 1 < bytes.count else { return nil }
          let target = (first & 0x3f) << 8 | Int(bytes[cursor + 1])
          guard target < cursor else { return nil }
          end = end ?? cursor + 2
          cursor = target
        default:
          return nil
        }
      }
    }

    mutating func record(into records: inout [Record]) -> Bool {
      guard let name = name(), let type = integer(), let recordClass = integer(), let high = integer(),
        let low = integer(), let length = integer().map(Int.init), position + length <= bytes.count
      else { return false }
      let data = Array(bytes[position..<position + length])
      position += length
      records.append(
        Record(
          name: name, type: RecordType(rawValue: type), recordClass: recordClass,
          timeToLive: UInt32(high) << 16 | UInt32(low), data: data))
      return true
    }
  }
}

extension [UInt8] {
  /// Appends in network byte order.
  mutating func append(_ value: UInt16) {
    append(UInt8(value >> 8))
    append(UInt8(truncatingIfNeeded: value))
  }

  fileprivate mutating func append(_ name: DNSName) { self += name.wireFormat }
}

extension DNSName {
  /// The name on the wire, without pointers.
  var wireFormat: [UInt8] { labels.flatMap { [UInt8($0.count)] + $0 } + [0] }
}
