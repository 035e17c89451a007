import EnvprobeModel

/// Lines of styled text, put together for one width.
struct TextPage {
  let options: TextOptions
  private(set) var lines: [StyledText] = []

  init(_ options: TextOptions) { self.options = options }

  var text: String { lines.map { $0.rendered(color: options.color) + "\n" }.joined() }

  mutating func line(_ text: StyledText = StyledText()) { lines.append(text) }

  /// A blank line, unless there is one already or the page begins here.
  mutating func gap() {
    if let last = lines.last, !last.isEmpty { line() }
  }

  /// A heading and, to its right, what it is about.
  mutating func heading(_ title: String, _ note: String = "") {
    gap()
    paragraph(note, first: StyledText(title, .heading) + (note.isEmpty ? "" : "  "), style: .faint)
  }

  /// Text broken between words. Lines after the first are indented by the width of `first`, or by `indent`; `right`
  /// stands at the end of the first line.
  mutating func paragraph(
    _ text: String, first: StyledText = "", indent: Int? = nil, style: StyledText.Style = .plain,
    right: StyledText = ""
  ) {
    let hanging = StyledText(String(repeating: " ", count: indent ?? first.width))
    let reserved = right.isEmpty ? 0 : right.width + 2
    var broken: [StyledText] = []
    var current = first
    var isEmpty = true
    for word in Self.words(text, width: options.width - hanging.width - reserved) {
      let room = options.width - (broken.isEmpty ? reserved : 0)
      if !isEmpty, current.width + 1 + DisplayWidth.of(word) > room {
        broken.append(current)
        current = hanging
        isEmpty = true
      }
      current += StyledText((isEmpty ? "" : " ") + word, style)
      isEmpty = false
    }
    if !current.isEmpty || text.isEmpty { broken.append(current) }
    if !right.isEmpty, let start = broken.first {
      broken[0] = start.padded(to: options.width - right.width) + right
    }
    lines += broken
  }

  /// A label in a column of its own and a paragraph beside it.
  mutating func field(_ label: String, _ text: String, indent: Int, labelWidth: Int, style: StyledText.Style = .plain) {
    let first = StyledText(String(repeating: " ", count: indent)) + StyledText(label, .faint).padded(to: labelWidth)
    paragraph(text, first: first, indent: indent + labelWidth, style: style)
  }

  /// Short texts side by side in columns of equal width, filled row by row.
  mutating func columns(_ cells: [String], indent: Int) {
    guard let widest = cells.map(DisplayWidth.of).max() else { return }
    let perRow = max(1, (options.width - indent + 2) / (widest + 2))
    for start in stride(from: 0, to: cells.count, by: perRow) {
      var row = StyledText(String(repeating: " ", count: indent))
      for cell in cells[start..<min(start + perRow, cells.count)] { row += StyledText(cell).padded(to: widest + 2) }
      line(row)
    }
  }

  /// A command line, with continuation lines where it is longer than the width, so that it can be copied as it is.
  /// Only between words: a word that is longer than a line stays whole.
  mutating func command(_ argv: [String], label: String, indent: Int, labelWidth: Int) {
    let first = StyledText(String(repeating: " ", count: indent)) + StyledText(label, .faint).padded(to: labelWidth)
    var current = first
    var isEmpty = true
    for unit in Self.units(argv, width: options.width - first.width - 2) {
      if !isEmpty, current.width + 3 + DisplayWidth.of(unit) > options.width {
        line(current + StyledText(" \\", .faint))
        current = StyledText(String(repeating: " ", count: first.width + 2))
        isEmpty = true
      }
      current += StyledText((isEmpty ? "" : " ") + unit)
      isEmpty = false
    }
    line(current)
  }

  /// The words of a command line, an option together with its value, and what follows `--` together where it fits.
  private static func units(_ argv: [String], width: Int) -> [String] {
    if let end = argv.firstIndex(of: "--"), end > 0 {
      let command = VisibleText.escape(ShellWord.join(Array(argv[end...])))
      if DisplayWidth.of(command) <= width { return units(Array(argv[..<end]), width: width) + [command] }
    }
    var units: [String] = []
    var takesValue = false
    for word in argv {
      let text = VisibleText.escape(ShellWord.quote(word))
      if takesValue, !word.hasPrefix("-") { units[units.count - 1] += " " + text } else { units.append(text) }
      takesValue = word.hasPrefix("-") && word != "-"
    }
    return units
  }

  /// The words of a text, those that are longer than a line cut into pieces.
  private static func words(_ text: String, width: Int) -> [String] {
    // Spaces in a row are part of the text: each but one is an empty word.
    text.isEmpty
      ? []
      : text.split(separator: " ", omittingEmptySubsequences: false).flatMap { word -> [String] in
        guard DisplayWidth.of(word) > width else { return [String(word)] }
        var pieces: [String] = []
        var piece = ""
        var used = 0
        for character in word {
          let cells = DisplayWidth.of(character: character)
          if used + cells > width {
            pieces.append(piece)
            (piece, used) = ("", 0)
          }
          piece.append(character)
          used += cells
        }
        return pieces + [piece]
      }
  }
}
