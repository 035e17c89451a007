import EnvprobeModel

/// Reads the lines of system calls as ``EventLine`` writes them.
///
/// `JSONDecoder` takes 20 times as long, and a matrix reads a hundred thousand of them. Whatever is not exactly as
/// written here, another kind of event, other white space, another order, is left to `JSONDecoder`.
struct EventLineParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  /// The event of a line without its line break, `nil` where `JSONDecoder` is to be asked.
  static func syscall(_ line: UnsafeBufferPointer<UInt8>) -> Event? {
    var parser = EventLineParser(bytes: line)
    return parser.event()
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private mutating func event() -> Event? {
    guard skip(#"{"seq":"#), let sequence = integer(), skip(#","time":"#), let time = number() else { return nil }
    var pid: Int?
    if skip(#","pid":"#) {
      pid = integer().map { Int($0) }
      if pid == nil { return nil }
    }
    guard skip(#","kind":"syscall","data":"#), let call = call(), skip("}"), position == bytes.count else { return nil }
    return Event(sequence: Int(sequence), time: time, pid: pid, payload: .syscall(call))
  }

  private mutating func call() -> SyscallCall? {
    guard skip(#"{"name":"#), let name = text() else { return nil }
    var call = SyscallCall(name: name, arguments: [])
    if skip(#","architecture":"#) {
      call.architecture = text()
      if call.architecture == nil { return nil }
    }
    guard skip(#","arguments":["#) else { return nil }
    while !skip("]") {
      guard call.arguments.isEmpty || skip(","), let argument = argument() else { return nil }
      call.arguments.append(argument)
    }
    if skip(#","denied":"#) {
      call.denied = text()
      if call.denied == nil { return nil }
    }
    if skip(#","observed":["#) {
      var targets: [PathTarget] = []
      while !skip("]") {
        guard targets.isEmpty || skip(","), let target = target() else { return nil }
        targets.append(target)
      }
      call.observed = targets
    }
    return skip("}") ? call : nil
  }

  private mutating func target() -> PathTarget? {
    if skip("true") { return .present }
    if skip("false") { return .missing }
    if skip("null") { return .unknown }
    return byteString().map { .elsewhere($0) }
  }

  private mutating func argument() -> SyscallCall.Argument? {
    let argument: SyscallCall.Argument?
    if skip(#"{"number":"#) {
      argument = integer().map { .number($0) }
    } else if skip(#"{"path":"#) {
      argument = observed { $0.byteString() }.map { .path($0) }
    } else if skip(#"{"text":"#) {
      argument = observed { $0.byteString() }.map { .text($0) }
    } else if skip(#"{"flags":["#) {
      var names: [String] = []
      while !skip("]") {
        guard names.isEmpty || skip(","), let name = text() else { return nil }
        names.append(name)
      }
      argument = .flags(names)
    } else if skip(#"{"address":"#) {
      argument = observed { $0.address() }.map { .address($0) }
    } else {
      return nil
    }
    return skip("}") ? argument : nil
  }

  private mutating func address() -> SocketAddress? {
    guard skip(#"{"family":"#), let family = text(), skip(#","address":"#), let address = text() else { return nil }
    var port: Int?
    if skip(#","port":"#) {
      port = integer().map { Int($0) }
      if port == nil { return nil }
    }
    return skip("}") ? SocketAddress(family: family, address: address, port: port) : nil
  }

  private mutating func observed<Value>(_ value: (inout EventLineParser) -> Value?) -> Observed<Value>? {
    if skip(#"{"unreadable":"#) {
      guard let errno = text(), skip("}") else { return nil }
      return .unreadable(errno: errno)
    }
    if skip(#"{"truncated":true,"value":"#) {
      guard let part = value(&self) else { return nil }
      var total: Int?
      if skip(#","of":"#) {
        total = integer().map { Int($0) }
        if total == nil { return nil }
      }
      return skip("}") ? .truncated(part, of: total) : nil
    }
    return value(&self).map { .complete($0) }
  }

  private mutating func byteString() -> ByteString? {
    if skip(#"{"base64":"#) {
      guard let encoded = text(), skip("}"), let bytes = Base64.decode(encoded) else { return nil }
      return ByteString(bytes)
    }
    return string().map { ByteString($0) }
  }

  // MARK: JSON

  private mutating func skip(_ literal: StaticString) -> Bool {
    let count = literal.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for index in 0..<count where bytes[position + index] != literal.utf8Start[index] { return false }
    position += count
    return true
  }

  private mutating func integer() -> Int64? {
    let isNegative = skip("-")
    let start = position
    var value: Int64 = 0
    while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
      // Negative all along: the smallest number has no positive counterpart.
      let (product, isOver) = value.multipliedReportingOverflow(by: 10)
      let (sum, isUnder) = product.subtractingReportingOverflow(Int64(digit))
      if isOver || isUnder { return nil }
      value = sum
      position += 1
    }
    if position == start || (!isNegative && value == .min) { return nil }
    // JSON has no leading zeros.
    if bytes[start] == UInt8(ascii: "0") && position > start + 1 { return nil }
    return isNegative ? value : -value
  }

  private mutating func number() -> Double? {
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: ",") { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // What `Double` reads and JSON does not know is not written either.
    return Double(text).flatMap { $0.description == text ? $0 : nil }
  }

  private mutating func text() -> String? { string().map { String(decoding: $0, as: UTF8.self) } }

  /// The bytes of a string; `nil` where they are not UTF-8, or an escape is none of those that are written.
  private mutating func string() -> [UInt8]? {
    guard skip("\"") else { return nil }
    var result: [UInt8] = []
    var start = position
    var isASCII = true
    while position < bytes.count {
      let byte = bytes[position]
      if byte >= 0x80 { isASCII = false }
      if byte == UInt8(ascii: "\"") {
        result.append(contentsOf: bytes[start..<position])
        position += 1
        return isASCII || String(validating: result, as: UTF8.self) != nil ? result : nil
      }
      guard byte == UInt8(ascii: "\\") else {
        if byte < 0x20 { return nil }
        position += 1
        continue
      }
      result.append(contentsOf: bytes[start..<position])
      guard let escaped = escape() else { return nil }
      result.append(escaped)
      start = position
    }
    return nil
  }

  private mutating func escape() -> UInt8? {
    if skip(#"\n"#) { return UInt8(ascii: "\n") }
    if skip(#"\r"#) { return UInt8(ascii: "\r") }
    if skip(#"\t"#) { return UInt8(ascii: "\t") }
    if skip(#"\""#) { return UInt8(ascii: "\"") }
    if skip(#"\\"#) { return UInt8(ascii: "\\") }
    guard skip(#"\u00"#), bytes.count - position >= 2 else { return nil }
    let digits = String(decoding: bytes[position..<(position + 2)], as: UTF8.self)
    guard let value = UInt8(digits, radix: 16), value < 0x20 else { return nil }
    position += 2
    return value
  }
}
