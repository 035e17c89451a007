/// A piece of a line and how it looks.
///
/// Styles are the eight colours that every terminal has, so that the user's own palette decides how they look.
struct StyledText: Hashable, Sendable {
  enum Style: Hashable, Sendable {
    case plain, strong, faint, good, bad, caution, heading, removed, added, markedRemoved, markedAdded

    /// The parameters of the SGR escape sequence; empty for plain text.
    var code: String {
      switch self {
      case .plain: ""
      case .strong: "1"
      case .faint: "2"
      case .good: "1;32"
      case .bad: "1;31"
      case .caution: "1;33"
      case .heading: "1;36"
      case .removed: "31"
      case .added: "32"
      case .markedRemoved: "1;7;31"
      case .markedAdded: "1;7;32"
      }
    }
  }

  private(set) var runs: [(text: String, style: Style)] = []

  init(_ text: String = "", _ style: Style = .plain) {
    if !text.isEmpty { runs = [(text, style)] }
  }

  static func + (a: StyledText, b: StyledText) -> StyledText {
    var result = a
    result.runs += b.runs
    return result
  }

  static func += (a: inout StyledText, b: StyledText) { a.runs += b.runs }

  var plain: String { runs.map(\.text).joined() }
  var width: Int { runs.reduce(0) { $0 + DisplayWidth.of($1.text) } }
  var isEmpty: Bool { runs.allSatisfy { $0.text.isEmpty } }

  /// With spaces after it up to a width.
  func padded(to width: Int) -> StyledText {
    self + StyledText(String(repeating: " ", count: max(0, width - self.width)))
  }

  /// As bytes for the terminal, without trailing spaces.
  func rendered(color: Bool) -> String {
    var runs = runs
    while let last = runs.last, last.text.allSatisfy({ $0 == " " }) { runs.removeLast() }
    var result = ""
    // Neighbours of one style are one sequence: a paragraph is put together word by word.
    for stretch in runs.chunked(where: { $0.style == $1.style }) {
      let text = stretch.map(\.text).joined()
      let style = stretch[stretch.startIndex].style
      result += color && style != .plain ? "\u{1B}[\(style.code)m\(text)\u{1B}[0m" : text
    }
    return result
  }

  static func == (a: StyledText, b: StyledText) -> Bool {
    a.runs.map(\.text) == b.runs.map(\.text) && a.runs.map(\.style) == b.runs.map(\.style)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(plain) }
}

extension StyledText: ExpressibleByStringInterpolation {
  init(stringLiteral value: String) { self.init(value) }
}

extension Array {
  /// Neighbours that belong together, in slices.
  fileprivate func chunked(where belongTogether: (Element, Element) -> Bool) -> [ArraySlice<Element>] {
    var chunks: [ArraySlice<Element>] = []
    var start = startIndex
    for index in indices where index + 1 == endIndex || !belongTogether(self[index], self[index + 1]) {
      chunks.append(self[start...index])
      start = index + 1
    }
    return chunks
  }
}
