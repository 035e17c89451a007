import EnvprobeModel

/// One side of a difference as HTML: the text around it plain, what differs marked, every character of that with its
/// code point and name.
struct MarkedHTML {
  /// Marked stretches longer than this have only their unusual characters named one by one.
  private static let namedLength = 64

  private(set) var html = ""

  /// Text that is equal on both sides.
  mutating func append(plain text: String) {
    for scalar in text.unicodeScalars {
      if let glyph = Glyph.standIn(for: scalar) {
        appendNamed(glyph, scalar, class: "inv")
      } else {
        AuditedHTML.append(scalar, to: &html)
      }
    }
  }

  /// What differs. Nothing at all is shown as a gap.
  mutating func append(marked text: String) {
    let scalars = Array(text.unicodeScalars)
    if scalars.isEmpty {
      html += "<mark class=\"none\"><span class=\"vh\">nothing</span></mark>"
      return
    }
    html += "<mark>"
    let isNamed = scalars.count <= Self.namedLength
    for (index, scalar) in scalars.enumerated() {
      if scalar == " ", index == 0 || index == scalars.count - 1 {
        appendNamed("␣", scalar, class: "inv bare")
      } else if let glyph = Glyph.standIn(for: scalar) {
        appendNamed(glyph, scalar, class: "inv")
      } else if isNamed || !scalar.isASCII {
        // A combining mark gets a carrier, or it would be drawn on the tag before it.
        let carrier = Glyph.isCombining(scalar) ? "\u{25CC}" : ""
        appendNamed(carrier + String(scalar), scalar, class: "ch")
      } else {
        AuditedHTML.append(scalar, to: &html)
      }
    }
    html += "</mark>"
  }

  /// A sign that something was left out.
  mutating func appendCut() { html += "<span class=\"cut\">…</span>" }

  private mutating func appendNamed(_ glyph: String, _ scalar: Unicode.Scalar, class name: String) {
    html += "<span class=\"\(name)\" data-tip=\"\(Glyph.name(scalar))\">\(AuditedHTML.entities(glyph))</span>"
  }

  /// A value on its own, cut to a length in scalars.
  static func value(_ value: String?, limit: Int) -> String {
    guard let value else { return "<span class=\"nothing\">nothing</span>" }
    if value.isEmpty { return "<span class=\"nothing\">an empty text</span>" }
    var text = MarkedHTML()
    let scalars = value.unicodeScalars
    text.append(plain: String(String.UnicodeScalarView(scalars.prefix(limit))))
    if scalars.count > limit { text.appendCut() }
    return text.html
  }
}
