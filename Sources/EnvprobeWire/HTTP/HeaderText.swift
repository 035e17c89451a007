/// Comparing and decoding text as HTTP has it.
extension StringProtocol {
  /// ASCII comparison as for field names.
  func equalsIgnoringCase(_ other: some StringProtocol) -> Bool {
    let a = utf8
    let b = other.utf8
    return a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.lowercasedASCII == $1.lowercasedASCII) }
  }

  /// Without spaces and tabs at its ends.
  var trimmingWhitespace: String {
    let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    return String(drop(while: blank).reversed().drop(while: blank).reversed())
  }

  /// Escapes `%41` undone; those that are not well-formed stay.
  var percentDecoded: String {
    var bytes: [UInt8] = []
    var rest = utf8.makeIterator()
    var pending: [UInt8] = []
    while let byte = pending.isEmpty ? rest.next() : pending.removeFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
        continue
      }
      while pending.count < 2, let next = rest.next() { pending.append(next) }
      if pending.count == 2, let value = UInt8(String(decoding: pending, as: UTF8.self), radix: 16) {
        bytes.append(value)
        pending = []
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension UInt8 {
  var lowercasedASCII: UInt8 { 0x41...0x5a ~= self ? self | 0x20 : self }
}
