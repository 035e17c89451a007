import EnvprobeModel
import FoundationEssentials

/// Lines of `events.ndjson`, made in place.
///
/// `JSONEncoder` takes 30 times as long for a system call, and these come by the ten thousand while the program waits.
/// What is written here is read back by ``Event``'s `Codable`, which stays the definition of the format; the kinds that
/// are rare are left to `JSONEncoder`.
struct EventLine {
  private(set) var bytes: [UInt8] = []

  /// Keeps the memory, for the next lines.
  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  /// Appends an event and a line break.
  mutating func append(_ event: Event) {
    switch event.payload {
    case .syscall(let call):
      head(event)
      append(call)
    case .exec(let call):
      head(event)
      append(call)
    case .output(let output):
      head(event)
      literal(#"{"stream":""#)
      literal(output.stream.rawValue)
      literal(#"","bytes":"#)
      append(output.bytes)
      literal("}")
    default:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.withoutEscapingSlashes]
      // Values of the model are made of strings, integers and finite numbers: none of them can fail to be encoded.
      bytes.append(contentsOf: try! encoder.encode(event))
      literal("\n")
      return
    }
    literal("}\n")
  }

  private mutating func head(_ event: Event) {
    literal(#"{"seq":"#)
    integer(Int64(event.sequence))
    literal(#","time":"#)
    // The shortest text that reads back as the same number.
    literal(event.time.description)
    if let pid = event.pid {
      literal(#","pid":"#)
      integer(Int64(pid))
    }
    literal(#","kind":""#)
    literal(event.payload.kind)
    literal(#"","data":"#)
  }

  private mutating func append(_ call: SyscallCall) {
    literal(#"{"name":"#)
    string(call.name)
    if let architecture = call.architecture {
      literal(#","architecture":"#)
      string(architecture)
    }
    literal(#","arguments":["#)
    var isFirst = true
    for argument in call.arguments {
      if !isFirst { literal(",") }
      isFirst = false
      append(argument)
    }
    literal("]")
    if let denied = call.denied {
      literal(#","denied":"#)
      string(denied)
    }
    if let observed = call.observed {
      literal(#","observed":["#)
      var isFirst = true
      for target in observed {
        if !isFirst { literal(",") }
        isFirst = false
        switch target {
        case .present: literal("true")
        case .missing: literal("false")
        case .unknown: literal("null")
        case .elsewhere(let path): append(path)
        }
      }
      literal("]")
    }
    literal("}")
  }

  private mutating func append(_ argument: SyscallCall.Argument) {
    switch argument {
    case .number(let value):
      literal(#"{"number":"#)
      integer(value)
    case .path(let value):
      literal(#"{"path":"#)
      append(value)
    case .text(let value):
      literal(#"{"text":"#)
      append(value)
    case .flags(let names):
      literal(#"{"flags":["#)
      var isFirst = true
      for name in names {
        if !isFirst { literal(",") }
        isFirst = false
        string(name)
      }
      literal("]")
    case .address(let value):
      literal(#"{"address":"#)
      observed(value) { line, address in
        line.literal(#"{"family":"#)
        line.string(address.family)
        line.literal(#","address":"#)
        line.string(address.address)
        if let port = address.port {
          line.literal(#","port":"#)
          line.integer(Int64(port))
        }
        line.literal("}")
      }
    }
    literal("}")
  }

  private mutating func append(_ call: ExecCall) {
    literal(#"{"path":"#)
    append(call.path)
    literal(#","arguments":"#)
    append(call.arguments)
    literal(#","environment":"#)
    append(call.environment)
    if let exists = call.exists { literal(exists ? #","exists":true"# : #","exists":false"#) }
    if let resolved = call.resolved {
      literal(#","resolved":"#)
      append(resolved)
    }
    literal("}")
  }

  private mutating func append(_ value: Observed<ByteString>) {
    observed(value) { line, bytes in line.append(bytes) }
  }

  private mutating func append(_ value: Observed<[ByteString]>) {
    observed(value) { line, list in
      line.literal("[")
      var isFirst = true
      for element in list {
        if !isFirst { line.literal(",") }
        isFirst = false
        line.append(element)
      }
      line.literal("]")
    }
  }

  private mutating func observed<Value>(_ value: Observed<Value>, _ append: (inout EventLine, Value) -> Void) {
    switch value {
    case .complete(let whole): append(&self, whole)
    case .truncated(let part, let total):
      literal(#"{"truncated":true,"value":"#)
      append(&self, part)
      if let total {
        literal(#","of":"#)
        integer(Int64(total))
      }
      literal("}")
    case .unreadable(let errno):
      literal(#"{"unreadable":"#)
      string(errno)
      literal("}")
    }
  }

  private mutating func append(_ value: ByteString) {
    let isText = value.bytes.allSatisfy { $0 < 0x80 } || value.text != nil
    if isText {
      value.bytes.withUnsafeBufferPointer { quoted($0) }
    } else {
      literal(#"{"base64":""#)
      literal(Base64.encode(value.bytes))
      literal(#""}"#)
    }
  }

  // MARK: JSON

  private mutating func literal(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  @_disfavoredOverload
  private mutating func literal(_ text: String) {
    var text = text
    text.withUTF8 { bytes.append(contentsOf: $0) }
  }

  private mutating func string(_ text: String) {
    var text = text
    text.withUTF8 { quoted($0) }
  }

  private mutating func integer(_ value: Int64) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    let start = bytes.count
    var rest = value.magnitude
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)

  /// UTF-8 as a JSON string: stretches without a character to escape are copied as a whole.
  private mutating func quoted(_ text: UnsafeBufferPointer<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    var start = 0
    for index in 0..<text.count {
      let byte = text[index]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
      bytes.append(contentsOf: text[start..<index])
      start = index + 1
      bytes.append(UInt8(ascii: "\\"))
      switch byte {
      case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
      case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
      case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
      default:
        literal("u00")
        bytes.append(Self.hexDigits[Int(byte >> 4)])
        bytes.append(Self.hexDigits[Int(byte & 15)])
      }
    }
    bytes.append(contentsOf: text[start...])
    bytes.append(UInt8(ascii: "\""))
  }
}
