/// How one scalar is shown and called.
enum Glyph {
  /// A short visible stand-in for a scalar that would not be seen, `nil` where it can be shown itself.
  static func standIn(for scalar: Unicode.Scalar) -> String? {
    if let short = abbreviations[scalar.value] { return short }
    switch scalar.value {
    case 0x00..<0x20: return String(Unicode.Scalar(0x2400 + scalar.value)!)
    case 0xFE00...0xFE0F: return "VS\(scalar.value - 0xFE00 + 1)"
    case 0xE0021...0xE007E: return "TAG \(Unicode.Scalar(scalar.value - 0xE0000)!)"
    default: return VisibleText.replacement(for: scalar)
    }
  }

  /// `U+2019 RIGHT SINGLE QUOTATION MARK`
  static func name(_ scalar: Unicode.Scalar) -> String {
    let properties = scalar.properties
    let name = properties.name ?? properties.nameAlias ?? controlNames[scalar.value]
    return VisibleText.codePoint(scalar) + (name.map { " " + $0 } ?? "")
  }

  /// Whether it sits on the character before it and would be seen on what happens to stand there.
  static func isCombining(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .spacingMark: true
    default: false
    }
  }

  /// The names of characters that people know by their abbreviations (Unicode Standard, NameAliases.txt).
  static let abbreviations: [UInt32: String] = [
    0x09: "⇥", 0x0A: "↵", 0x7F: "␡", 0x85: "NEL", 0xA0: "NBSP", 0xAD: "SHY", 0x034F: "CGJ", 0x061C: "ALM",
    0x180E: "MVS", 0x2002: "ENSP", 0x2003: "EMSP", 0x2007: "FSP", 0x2009: "THSP", 0x200A: "HSP", 0x200B: "ZWSP",
    0x200C: "ZWNJ", 0x200D: "ZWJ", 0x200E: "LRM", 0x200F: "RLM", 0x2028: "LSEP", 0x2029: "PSEP", 0x202A: "LRE",
    0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO", 0x202E: "RLO", 0x202F: "NNBSP", 0x2060: "WJ", 0x2066: "LRI",
    0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI", 0x3000: "IDSP", 0xFEFF: "BOM",
  ]

  private static let controlNames: [UInt32: String] = [
    0x00: "NULL", 0x07: "BELL", 0x08: "BACKSPACE", 0x09: "CHARACTER TABULATION", 0x0A: "LINE FEED",
    0x0B: "LINE TABULATION", 0x0C: "FORM FEED", 0x0D: "CARRIAGE RETURN", 0x1B: "ESCAPE", 0x7F: "DELETE",
    0x85: "NEXT LINE",
  ]
}
