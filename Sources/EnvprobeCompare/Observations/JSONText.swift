/// JSON with what other parsers drop: the order of keys, keys given twice, numbers as written.
indirect enum JSONText: Sendable {
  struct Member: Sendable {
    var key: String
    var value: JSONText
  }
  case object([Member])
  case array([JSONText])
  case string(String)
  /// A number, `true`, `false` or `null`, as written.
  case literal(String)

  /// A text that is JSON as a whole, and how it is written.
  struct Document: Sendable {
    var root: JSONText
    /// `compact`, or which white space stands between the tokens and which characters are escaped without need: the
    /// same value can be written in many ways, and the choice is visible on the wire.
    var syntax: String
  }

  /// `nil` where the bytes are not JSON (RFC 8259) from the first to the last, or nested more than 200 deep.
  static func parse(_ bytes: some Collection<UInt8>) -> Document? {
    let parsed = bytes.withContiguousStorageIfAvailable { buffer -> Document? in
      var parser = JSONParser(bytes: buffer)
      return parser.document()
    }
    return parsed
      ?? Array(bytes).withUnsafeBufferPointer { buffer in
        var parser = JSONParser(bytes: buffer)
        return parser.document()
      }
  }
}

private struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0
  var depth = 0
  var whitespace: Set<String> = []
  var escapes: Set<String> = []

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func document() -> JSONText.Document? {
    skipEdge()
    guard let root = value() else { return nil }
    skipEdge()
    guard position == bytes.count else { return nil }
    return JSONText.Document(root: root, syntax: syntax)
  }

  private var syntax: String {
    var parts: [String] = []
    // Indentation grows with depth: the step says it all.
    let indents = whitespace.filter { $0.hasPrefix("\n") || $0.hasPrefix("\r") }
    if !indents.isEmpty {
      let steps = indents.map { $0.utf8.count - 1 }.filter { $0 > 0 }
      let tabs = indents.contains { $0.contains("\t") }
      let returns = indents.contains { $0.hasPrefix("\r") }
      parts.append("\(returns ? "CRLF " : "")indented by \(steps.min() ?? 0)\(tabs ? " tabs" : "")")
    }
    let others = whitespace.subtracting(indents)
    if !others.isEmpty {
      parts.append("spaced " + others.sorted().map { "'\($0)'" }.joined(separator: " "))
    }
    if !escapes.isEmpty { parts.append("escaped " + escapes.sorted().joined(separator: " ")) }
    return parts.isEmpty ? "compact" : parts.joined(separator: ", ")
  }

  private mutating func skipEdge() { while position < bytes.count, isSpace(bytes[position]) { position += 1 } }

  private mutating func skip() {
    guard position < bytes.count, isSpace(bytes[position]) else { return }
    let start = position
    while position < bytes.count, isSpace(bytes[position]) { position += 1 }
    whitespace.insert(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func value() -> JSONText? {
    guard position < bytes.count else { return nil }
    switch bytes[position] {
    case UInt8(ascii: "{"): return object()
    case UInt8(ascii: "["): return array()
    case UInt8(ascii: "\""): return string().map { .string($0) }
    default: return literal()
    }
  }

  private mutating func object() -> JSONText? {
    position += 1
    depth += 1
    defer { depth -= 1 }
    guard depth < 200 else { return nil }
    var members: [JSONText.Member] = []
    skip()
    if take(UInt8(ascii: "}")) { return .object([]) }
    while true {
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\""), let key = string() else { return nil }
      skip()
      guard take(UInt8(ascii: ":")) else { return nil }
      skip()
      guard let value = value() else { return nil }
      members.append(.init(key: key, value: value))
      skip()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { return nil }
      skip()
    }
  }

  private mutating func array() -> JSONText? {
    position += 1
    depth += 1
    defer { depth -= 1 }
    guard depth < 200 else { return nil }
    var elements: [JSONText] = []
    skip()
    if take(UInt8(ascii: "]")) { return .array([]) }
    while true {
      guard let value = value() else { return nil }
      elements.append(value)
      skip()
      if take(UInt8(ascii: "]")) { return .array(elements) }
      guard take(UInt8(ascii: ",")) else { return nil }
      skip()
    }
  }

  private mutating func literal() -> JSONText? {
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
        UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "E"):
        position += 1
      default:
        return finishLiteral(from: start)
      }
    }
    return finishLiteral(from: start)
  }

  private func finishLiteral(from start: Int) -> JSONText? {
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if ["true", "false", "null"].contains(text) { return .literal(text) }
    guard let first = text.utf8.first, first == UInt8(ascii: "-") || (48...57).contains(first) else { return nil }
    return Double(text) == nil ? nil : .literal(text)
  }

  private mutating func string() -> String? {
    position += 1
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let text = String(escapingInvalid: bytes[start..<position])
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return escapedString(from: start) }
      if byte < 0x20 { return nil }
      position += 1
    }
    return nil
  }

  private mutating func escapedString(from start: Int) -> String? {
    var decoded: [UInt8] = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return String(escapingInvalid: decoded) }
      if byte < 0x20 { return nil }
      guard byte == UInt8(ascii: "\\") else {
        decoded.append(byte)
        continue
      }
      guard position < bytes.count else { return nil }
      let escape = bytes[position]
      position += 1
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): decoded.append(escape)
      case UInt8(ascii: "/"):
        decoded.append(escape)
        escapes.insert("\\/")
      case UInt8(ascii: "n"): decoded.append(0x0A)
      case UInt8(ascii: "t"): decoded.append(0x09)
      case UInt8(ascii: "r"): decoded.append(0x0D)
      case UInt8(ascii: "b"): decoded.append(0x08)
      case UInt8(ascii: "f"): decoded.append(0x0C)
      case UInt8(ascii: "u"): guard unicodeEscape(into: &decoded) else { return nil }
      default: return nil
      }
    }
    return nil
  }

  private mutating func unicodeEscape(into decoded: inout [UInt8]) -> Bool {
    guard let unit = hexUnit() else { return false }
    var scalar = UInt32(unit)
    if (0xD800..<0xDC00).contains(unit), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    {
      let back = position
      position += 2
      guard let low = hexUnit() else { return false }
      if (0xDC00..<0xE000).contains(low) {
        scalar = 0x10000 + ((UInt32(unit) - 0xD800) << 10) + (UInt32(low) - 0xDC00)
      } else {
        position = back
      }
    }
    guard let valid = Unicode.Scalar(scalar) else {
      // Half of a surrogate pair has no UTF-8: its escape stays as it is.
      decoded += Array("\\u\(String(unit, radix: 16))".utf8)
      return true
    }
    decoded += Array(UTF8.encode(valid)!)
    // Some writers escape all that is not ASCII: one fact, whatever the text says.
    if scalar >= 0x80 {
      escapes.insert("non-ASCII")
    } else if scalar >= 0x20 {
      escapes.insert("\\u00" + String(scalar, radix: 16, uppercase: true))
    }
    return true
  }

  private mutating func hexUnit() -> UInt16? {
    guard position + 4 <= bytes.count else { return nil }
    var unit: UInt16 = 0
    for offset in 0..<4 {
      let byte = bytes[position + offset]
      let digit: UInt8
      switch byte {
      case 48...57: digit = byte - 48
      case 65...70:
        digit = byte - 55
        escapes.insert("upper-case hex")
      case 97...102: digit = byte - 87
      default: return nil
      }
      unit = unit << 4 | UInt16(digit)
    }
    position += 4
    return unit
  }
}
