/// Text in XML 1.0, which has no way at all to write most control characters: they are shown by name instead.
enum XMLText {
  static func escape(_ text: String) -> String { AuditedHTML.escape(text) }

  /// Lines of text, each escaped, so that the breaks between them stay.
  static func escape(lines: [String]) -> String { lines.map(escape).joined(separator: "\n") }
}
