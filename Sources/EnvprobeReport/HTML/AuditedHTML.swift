import Mustache

/// Text from the program under audit as HTML.
///
/// It goes scalar by scalar: `<` followed by a combining mark is one `Character` that equals no `<`, and an escape that
/// goes by characters lets it through. Nothing that is hidden reaches the page as it is: see ``VisibleText``.
enum AuditedHTML {
  static func escape(_ text: String) -> String { entities(VisibleText.escape(text)) }

  /// Only what HTML gives a meaning to.
  static func entities(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars { append(scalar, to: &result) }
    return result
  }

  static func append(_ scalar: Unicode.Scalar, to result: inout String) {
    switch scalar {
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "&": result += "&amp;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.unicodeScalars.append(scalar)
    }
  }
}

/// How templates escape what stands in two braces.
struct AuditedContent: MustacheContentType {
  static let name = "AUDITED"

  func escapeText(_ text: String) -> String { AuditedHTML.escape(text) }
}
