/// What kind of difference two stretches of text make, from the least visible to the plain one.
///
/// Derived from the properties of the characters that the Unicode Character Database gives (the standard library's
/// tables) and from their names; only look-alikes of other scripts need a table.
enum CharacterClass: String, CaseIterable, Sendable {
  case bidiControl = "bidi-control"
  case invisible
  case whitespace
  case nfc = "normalisation-NFC"
  case nfkc = "normalisation-NFKC"
  case dateSeparator = "date-separator"
  case apostrophe
  case quote
  case dash
  case confusable
  case `case`
  case punctuation
  case digits
  case text

  /// The class of a change of `before` into `after`; one of them may be empty.
  init(_ before: String.UnicodeScalarView.SubSequence, _ after: String.UnicodeScalarView.SubSequence) {
    let all = Array(before) + Array(after)
    let (a, b) = (String(before), String(after))
    if !all.isEmpty, all.allSatisfy(\.isInvisible) {
      self = all.contains(where: \.properties.isBidiControl) ? .bidiControl : .invisible
    } else if all.allSatisfy({ $0.properties.isWhitespace || $0.isInvisible }) {
      self = .whitespace
    } else if !a.isEmpty, a == b {
      // Canonical equivalence: the equality of strings.
      self = .nfc
    } else if Self.visible(before).elementsEqual(Self.visible(after)) {
      self = .invisible
    } else if !a.isEmpty, !b.isEmpty, Self.compatible(before) == Self.compatible(after) {
      self = .nfkc
    } else if !a.isEmpty, !b.isEmpty, all.allSatisfy(\.isApostropheLike) {
      self = .apostrophe
    } else if all.allSatisfy(\.isQuoteLike) {
      self = .quote
    } else if !a.isEmpty, !b.isEmpty, all.allSatisfy(\.isDashLike) {
      self = .dash
    } else if !a.isEmpty, !b.isEmpty, Self.skeleton(before) == Self.skeleton(after) {
      self = .confusable
    } else if !a.isEmpty, !b.isEmpty, a.lowercased() == b.lowercased() {
      self = .case
    } else if all.allSatisfy(\.isPunctuation) {
      self = .punctuation
    } else if all.allSatisfy({ $0.properties.generalCategory == .decimalNumber }) {
      self = .digits
    } else {
      self = .text
    }
  }

  private static func visible(_ text: String.UnicodeScalarView.SubSequence) -> [Unicode.Scalar] {
    text.filter { !$0.isInvisible }
  }

  private static func compatible(_ text: String.UnicodeScalarView.SubSequence) -> String {
    text.reduce(into: "") { $0 += $1.compatibleForm }
  }

  /// The text with every character replaced by the plain one that it is mistaken for (after Unicode TR39).
  private static func skeleton(_ text: String.UnicodeScalarView.SubSequence) -> String {
    text.filter { !$0.isInvisible }.reduce(into: "") { $0 += $1.lookAlike }
  }
}

extension Unicode.Scalar {
  /// `U+2019 RIGHT SINGLE QUOTATION MARK`
  var codePoint: String {
    let hex = String(value, radix: 16, uppercase: true)
    let padded = String(repeating: "0", count: max(0, 4 - hex.utf8.count)) + hex
    let name = properties.name ?? properties.nameAlias ?? "<\(properties.generalCategory)>"
    return "U+\(padded) \(name)"
  }

  /// Whether it leaves no mark and takes no room.
  var isInvisible: Bool {
    if properties.isDefaultIgnorableCodePoint || properties.isBidiControl { return true }
    switch properties.generalCategory {
    case .format: return true
    case .control: return !properties.isWhitespace
    default: return false
    }
  }

  private var name: String { properties.name ?? "" }

  /// Apostrophes, single quotation marks, primes, accents that stand alone, and modifier letters of these shapes.
  var isApostropheLike: Bool {
    if self == "'" || self == "`" { return true }
    guard value >= 0x80, properties.generalCategory != .nonspacingMark else { return false }
    let name = name
    if name.contains("DOUBLE") || name.contains("TRIPLE") || name.contains("QUADRUPLE") { return false }
    return name.contains("APOSTROPHE") || name.contains("SINGLE") && name.contains("QUOTATION")
      || name.hasSuffix("PRIME") || name.hasSuffix("TURNED COMMA") || name.hasSuffix("REVERSED COMMA")
      || name == "ACUTE ACCENT" || name == "GRAVE ACCENT" || name.hasSuffix("LETTER ACUTE ACCENT")
      || name.hasSuffix("LETTER GRAVE ACCENT") || name.hasSuffix("GERESH") || name.hasSuffix("SALTILLO")
      || name == "MODIFIER LETTER VERTICAL LINE" || name.hasSuffix("LETTER RIGHT HALF RING")
      || name.hasSuffix("LETTER LEFT HALF RING") || name == "SINGLE LOW-9 QUOTATION MARK"
  }

  var isQuoteLike: Bool {
    if self == "\"" { return true }
    return isApostropheLike || value >= 0x80 && (properties.isQuotationMark || name.hasSuffix("DOUBLE PRIME"))
  }

  var isDashLike: Bool {
    self == "-" || properties.isDash || properties.generalCategory == .dashPunctuation
      || value >= 0x80 && (name.contains("HYPHEN") || name.contains("MINUS SIGN"))
  }

  var isPunctuation: Bool {
    switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
      true
    default: false
    }
  }

  /// The character that its compatibility decomposition leads to, by its name: `FULLWIDTH SOLIDUS` is a `SOLIDUS`. The
  /// standard library has no NFKC, but it says whether NFKC changes a character.
  fileprivate var compatibleForm: String {
    guard value >= 0x80, properties.changesWhenNFKCCaseFolded else { return String(self) }
    if self == "\u{2026}" { return "..." }
    if let digit = properties.numericValue, properties.numericType != nil, digit == digit.rounded(), (0...9) ~= digit {
      return String(Int(digit))
    }
    let name = name
    if let ligature = name.firstRange(of: "LATIN SMALL LIGATURE ") {
      return name[ligature.upperBound...].lowercased()
    }
    for prefix in ["FULLWIDTH ", "HALFWIDTH ", "SMALL ", "SUPERSCRIPT ", "SUBSCRIPT "]
    where name.hasPrefix(prefix) {
      if let plain = Self.asciiByName[String(name.dropFirst(prefix.utf8.count))] { return String(plain) }
    }
    if name.hasPrefix("MATHEMATICAL ") || name.hasPrefix("CIRCLED ") || name.hasPrefix("PARENTHESIZED ")
      || name.hasPrefix("DOUBLE-STRUCK ") || name.hasPrefix("SCRIPT ") || name.hasPrefix("BLACK-LETTER ")
      || name.hasPrefix("MODIFIER LETTER ")
    {
      let words = name.split(separator: " ")
      if let last = words.last, last.utf8.count == 1 {
        let isSmall = words.contains("SMALL")
        return isSmall ? last.lowercased() : String(last)
      }
    }
    return String(self)
  }

  private static let asciiByName: [String: Unicode.Scalar] = {
    var table: [String: Unicode.Scalar] = [:]
    for value in UInt32(0x21)...0x7E {
      let scalar = Unicode.Scalar(value)!
      if let name = scalar.properties.name { table[name] = scalar }
    }
    return table
  }()

  /// Families of marks that are taken for each other, by a word of their names.
  private static let families: [(words: [String], plain: String)] = [
    (["SOLIDUS", "SLASH"], "/"), (["FULL STOP", "DOT LEADER"], "."), (["COLON", "RATIO"], ":"),
    (["COMMA", "LOW-9 QUOTATION"], ","), (["VERTICAL LINE", "DENTAL CLICK"], "|"), (["ASTERISK"], "*"),
    (["EXCLAMATION MARK", "RETROFLEX CLICK"], "!"), (["TILDE"], "~"), (["LOW LINE"], "_"), (["SEMICOLON"], ";"),
  ]

  /// The plain character that this one is mistaken for.
  fileprivate var lookAlike: String {
    if let letter = Self.homoglyphs[self] { return String(letter) }
    guard value >= 0x80 else { return String(self) }
    if isApostropheLike { return "'" }
    if isDashLike { return "-" }
    let name = name
    if isPunctuation || properties.generalCategory == .modifierLetter {
      for family in Self.families where !name.contains("REVERSE") {
        if family.words.contains(where: { name.contains($0) }) { return family.plain }
      }
    }
    return compatibleForm
  }

  /// Letters of other scripts that look like Latin ones in most fonts: the single-letter entries of Unicode's
  /// confusables.txt (TR39, 15.1) for Cyrillic, Greek and Armenian. Names do not tell these.
  private static let homoglyphs: [Unicode.Scalar: Unicode.Scalar] = [
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ј": "j", "ѕ": "s", "һ": "h",
    "ԁ": "d", "ԛ": "q", "ԝ": "w", "ӏ": "l", "ѵ": "v", "г": "r", "А": "A", "В": "B", "Е": "E", "К": "K", "М": "M",
    "Н": "H", "О": "O", "Р": "P", "С": "C", "Т": "T", "У": "Y", "Х": "X", "І": "I", "Ј": "J", "Ѕ": "S", "Ԛ": "Q",
    "Ԝ": "W", "Ԍ": "G", "ο": "o", "ν": "v", "ι": "i", "α": "a", "ρ": "p", "σ": "o", "υ": "u", "γ": "y", "κ": "k",
    "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P",
    "Τ": "T", "Υ": "Y", "Χ": "X", "օ": "o", "ո": "n", "ս": "u", "հ": "h", "զ": "q", "ց": "g", "Օ": "O", "Ս": "U",
    "ı": "i", "ſ": "f", "ɑ": "a", "ɡ": "g", "ʋ": "v",
  ]
}
