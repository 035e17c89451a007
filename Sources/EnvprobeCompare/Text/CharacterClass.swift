/// What kind of difference two stretches of text make, from the least visible to the plain one.
///
/// Derived from the properties of the characters that the Unicode Character Database gives: those of the standard library
/// and, for look-alikes, compatible forms and scripts, those of ``UnicodeData``.
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
  case scriptMix = "script-mix"
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
    } else if !a.isEmpty, !b.isEmpty, UnicodeData.mixesScripts(a) != UnicodeData.mixesScripts(b) {
      self = .scriptMix
    } else if all.allSatisfy({ $0.properties.generalCategory == .decimalNumber }) {
      self = .digits
    } else {
      self = .text
    }
  }

  private static func visible(_ text: String.UnicodeScalarView.SubSequence) -> [Unicode.Scalar] {
    text.filter { !$0.isInvisible }
  }

  private static func compatible(_ text: String.UnicodeScalarView.SubSequence) -> Text {
    Text(text.reduce(into: "") { $0 += UnicodeData.compatibleForm(of: $1) })
  }

  /// The text with every character replaced by the plain one that it is mistaken for, after UTS #39.
  private static func skeleton(_ text: String.UnicodeScalarView.SubSequence) -> Text {
    Text(text.filter { !$0.isInvisible }.reduce(into: "") { $0 += UnicodeData.lookAlike(of: $1) })
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
}
