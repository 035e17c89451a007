/// Something that can be said of a text that is another one in every run: how it is made.
struct FieldFeature: Hashable, Sendable {
  enum Property: Hashable, Sendable {
    case length, lengthParity, alphabet, lacks, distinctCharacters, isSorted, numberParity, lastParity
    case character(Int), characterFromEnd(Int), classOfCharacter(Int), letterCase, padding
    /// Of sequences of names.
    case first, last, before(Text, Text)
  }

  var property: Property
  var value: Text

  /// A clause: "the character at position 15 is `7`".
  var description: String {
    switch property {
    case .length: "it is \(value.string) bytes long"
    case .lengthParity: "its length is \(value.string)"
    case .alphabet: "it is made of \(value.string)"
    case .lacks: "it has none of \(value.string)"
    case .distinctCharacters: "it has \(value.string) different characters"
    case .isSorted: "its digits are \(value.string)"
    case .numberParity: "the number is \(value.string)"
    case .lastParity: "its last digit is \(value.string)"
    case .character(let index): "its character \(index + 1) is `\(value.string)`"
    case .characterFromEnd(let index): "its character \(index + 1) from the end is `\(value.string)`"
    case .classOfCharacter(let index): "its character \(index + 1) is \(value.string)"
    case .letterCase: "its letters are \(value.string)"
    case .padding: "it ends with \(value.string) characters of padding"
    case .first: "`\(value.string)` comes first"
    case .last: "`\(value.string)` comes last"
    case .before(let a, let b): "`\(a.string)` comes \(value.string) `\(b.string)`"
    }
  }

  /// Groups of characters that a way of making ids may leave out.
  private static let groups: [(name: String, characters: Set<UInt8>)] = [
    ("the letters a to f", Set("abcdef".utf8)), ("the letters g to z", Set("ghijklmnopqrstuvwxyz".utf8)),
    ("the letters A to F", Set("ABCDEF".utf8)), ("the letters G to Z", Set("GHIJKLMNOPQRSTUVWXYZ".utf8)),
    ("the vowels", Set("aeiouAEIOU".utf8)), ("the digits", Set("0123456789".utf8)),
    ("the digits 0 and 1", Set("01".utf8)), ("the digits 8 and 9", Set("89".utf8)),
    ("the even digits", Set("02468".utf8)), ("the odd digits", Set("13579".utf8)), ("- and _", Set("-_".utf8)),
    ("+ and /", Set("+/".utf8)),
  ]

  /// Positions are looked at up to here; what is longer is told by its length and alphabet.
  static let positions = 40

  /// What can be said of a text.
  static func features(of text: Text) -> [FieldFeature] {
    let bytes = Array(text.string.utf8)
    guard !bytes.isEmpty else { return [] }
    var result: [FieldFeature] = []
    func add(_ property: Property, _ value: String) { result.append(.init(property: property, value: Text(value))) }
    add(.length, "\(bytes.count)")
    add(.lengthParity, bytes.count % 2 == 0 ? "even" : "odd")
    if isQuantity(bytes) {
      add(.numberParity, bytes.last! % 2 == 0 ? "even" : "odd")
      add(.characterFromEnd(0), String(UnicodeScalar(bytes.last!)))
      return result
    }
    add(.alphabet, alphabet(of: bytes))
    let used = Set(bytes)
    for (name, characters) in groups where used.isDisjoint(with: characters) { add(.lacks, name) }
    add(.distinctCharacters, "\(used.count)")
    add(.padding, "\(bytes.reversed().prefix { $0 == UInt8(ascii: "=") || $0 == 0x20 }.count)")
    let digits = bytes.filter { (48...57).contains($0) }
    if digits.count > 3 {
      add(.isSorted, zip(digits, digits.dropFirst()).allSatisfy { $0 <= $1 } ? "in order" : "in no order")
    }
    if let last = bytes.last, (48...57).contains(last) {
      add(digits.count == bytes.count ? .numberParity : .lastParity, last % 2 == 0 ? "even" : "odd")
    }
    let letters = bytes.filter { classOf($0) == "a small letter" || classOf($0) == "a capital letter" }
    if letters.count > 2 {
      let capitals = letters.count { $0 < 97 }
      add(.letterCase, capitals == 0 ? "small" : capitals == letters.count ? "capitals" : "of both cases")
    }
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return result }
    for (index, byte) in bytes.prefix(positions).enumerated() {
      add(.character(index), String(UnicodeScalar(byte)))
      add(.classOfCharacter(index), classOf(byte))
    }
    for (index, byte) in bytes.reversed().prefix(4).enumerated() {
      add(.characterFromEnd(index), String(UnicodeScalar(byte)))
    }
    return result
  }

  /// Whether it is a number that says how much of something there is: its first digits do not show how it is made.
  private static func isQuantity(_ bytes: [UInt8]) -> Bool {
    let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
    let points = digits.count { $0 == UInt8(ascii: ".") }
    return digits.count <= (points == 0 ? 11 : 24) && points <= 1 && digits.last.map { (48...57).contains($0) } == true
      && digits.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
  }

  /// More names than this, and only the first and the last are looked at.
  private static let most = 8

  /// What can be said of a sequence of names.
  static func features(ofSequence items: [Text]) -> [FieldFeature] {
    guard let first = items.first, let last = items.last, items.count > 1 else { return [] }
    var result = [FieldFeature(property: .first, value: first), FieldFeature(property: .last, value: last)]
    guard items.count <= most, Set(items).count == items.count else { return result }
    for (index, a) in items.enumerated() {
      for b in items[(index + 1)...] {
        result.append(
          a < b
            ? .init(property: .before(a, b), value: Text("before"))
            : .init(property: .before(b, a), value: Text("after")))
      }
    }
    return result
  }

  private static func classOf(_ byte: UInt8) -> String {
    switch byte {
    case 48...57: "a digit"
    case 97...122: "a small letter"
    case 65...90: "a capital letter"
    case 0x80...: "beyond ASCII"
    default: "punctuation"
    }
  }

  /// The smallest usual alphabet that holds all letters and digits.
  private static func alphabet(of bytes: [UInt8]) -> String {
    let used = Set(bytes.filter { isWord($0) })
    let alphabets: [(String, (UInt8) -> Bool)] = [
      ("digits", { (48...57).contains($0) }),
      ("hex digits", { (48...57).contains($0) || (97...102).contains($0) }),
      ("capital hex digits", { (48...57).contains($0) || (65...70).contains($0) }),
      ("small letters", { (97...122).contains($0) }),
      ("capital letters", { (65...90).contains($0) }),
      ("letters of base32", { (97...122).contains($0) || (50...55).contains($0) }),
      ("small letters and digits", { (97...122).contains($0) || (48...57).contains($0) }),
      ("capital letters and digits", { (65...90).contains($0) || (48...57).contains($0) }),
      ("letters", { (97...122).contains($0) || (65...90).contains($0) }),
    ]
    return alphabets.first { used.allSatisfy($0.1) }?.0 ?? "letters and digits"
  }
}
