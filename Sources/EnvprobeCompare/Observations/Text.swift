/// A string that is compared by its bytes.
///
/// The equality of Swift strings is canonical equivalence: it takes `é` and `e` + U+0301 for the same. A program can
/// hide a bit there, so whatever decides whether two observations are equal goes through this type.
struct Text: Hashable, Sendable {
  var string: String

  init(_ string: String) { self.string = string }

  static func == (a: Text, b: Text) -> Bool { a.string.utf8.elementsEqual(b.string.utf8) }

  func hash(into hasher: inout Hasher) {
    var string = string
    string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension Text: Comparable {
  static func < (a: Text, b: Text) -> Bool { a.string.utf8.lexicographicallyPrecedes(b.string.utf8) }
}

extension String {
  /// The bytes as text. A byte that is no UTF-8 becomes `\xNN`, so that two different sequences of bytes never become
  /// the same text through replacement characters.
  init(escapingInvalid bytes: some Collection<UInt8>) {
    if let valid = String(validating: bytes, as: UTF8.self) {
      self = valid
      return
    }
    var result = ""
    var decoder = UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var pending = bytes.startIndex
    loop: while true {
      switch decoder.parseScalar(from: &iterator) {
      case .valid(let encoded):
        result.unicodeScalars.append(UTF8.decode(encoded))
        pending = bytes.index(pending, offsetBy: encoded.count)
      case .error(let length):
        for _ in 0..<length {
          let digits = String(bytes[pending], radix: 16)
          result += digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
          pending = bytes.index(after: pending)
        }
      case .emptyInput: break loop
      }
    }
    self = result
  }
}
