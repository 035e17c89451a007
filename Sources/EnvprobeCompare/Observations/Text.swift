import Glibc

/// A string that is compared by its bytes.
///
/// The equality of Swift strings is canonical equivalence: it takes `é` and `e` + U+0301 for the same. A program can
/// hide a bit there, so whatever decides whether two observations are equal goes through this type.
struct Text: Hashable, Sendable {
  var string: String

  init(_ string: String) { self.string = string }

  static func == (a: Text, b: Text) -> Bool {
    let (a, b) = (a.string.utf8, b.string.utf8)
    guard a.count == b.count else { return false }
    let isEqual = a.withContiguousStorageIfAvailable { a in
      b.withContiguousStorageIfAvailable { b in a.isEmpty || memcmp(a.baseAddress!, b.baseAddress!, a.count) == 0 }
    }
    return (isEqual ?? nil) ?? a.elementsEqual(b)
  }

  func hash(into hasher: inout Hasher) {
    let hashed: Void? = string.utf8.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if hashed == nil { for byte in string.utf8 { hasher.combine(byte) } }
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
