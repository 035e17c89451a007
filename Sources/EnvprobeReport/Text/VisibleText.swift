/// Text from the program under audit, made safe and plain to look at.
///
/// Nothing of it may reach the terminal as a control sequence, and nothing of it may hide: control characters,
/// invisible and direction-changing ones and unusual spaces are written as their names or code points in angle
/// brackets, `⟨ESC⟩`, `⟨U+200B⟩`.
enum VisibleText {
  /// The text on one line.
  static func escape(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if let name = replacement(for: scalar) { result += "⟨\(name)⟩" } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }

  /// The name to show instead of a scalar, `nil` where it can be shown itself.
  static func replacement(for scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x20..<0x7F: return nil
    case 0x00: return "NUL"
    case 0x07: return "BEL"
    case 0x08: return "BS"
    case 0x09: return "TAB"
    case 0x0A: return "LF"
    case 0x0D: return "CR"
    case 0x1B: return "ESC"
    case 0x7F: return "DEL"
    default: break
    }
    let properties = scalar.properties
    let isHidden =
      switch properties.generalCategory {
      case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse,
        .unassigned:
        true
      default: properties.isDefaultIgnorableCodePoint
      }
    return isHidden ? codePoint(scalar) : nil
  }

  /// `U+2019`
  static func codePoint(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

/// How many cells of a terminal a text takes.
enum DisplayWidth {
  static func of(_ text: some StringProtocol) -> Int {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text.utf8.count }
    return text.reduce(0) { $0 + of(character: $1) }
  }

  static func of(character: Character) -> Int {
    let scalars = character.unicodeScalars
    // A sequence ending in VS16 is an emoji of two cells whatever its base is.
    if scalars.contains("\u{FE0F}") { return 2 }
    return scalars.map(of(scalar:)).max() ?? 0
  }

  /// The ranges of East Asian Wide and Fullwidth (UAX #11) that terminals agree on.
  private static func of(scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x0300...0x036F, 0x200B...0x200F, 0x20D0...0x20FF, 0xFE00...0xFE0F, 0xFE20...0xFE2F: 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
      0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
      0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      2
    default: 1
    }
  }

  /// The longest beginning of the text that fits, with `…` at its end where something was cut.
  static func truncate(_ text: String, to width: Int) -> String {
    if of(text) <= width { return text }
    return prefix(of: text, cells: width - 1) + "…"
  }

  /// The longest end of the text that fits, with `…` before it where something was cut.
  static func truncateStart(_ text: String, to width: Int) -> String {
    if of(text) <= width { return text }
    return "…" + String(prefix(of: String(text.reversed()), cells: width - 1).reversed())
  }

  private static func prefix(of text: String, cells: Int) -> String {
    var used = 0
    var result = ""
    for character in text {
      used += of(character: character)
      if used > cells { break }
      result.append(character)
    }
    return result
  }
}
