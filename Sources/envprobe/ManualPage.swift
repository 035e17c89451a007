import EnvprobeModel

/// A manual page in mdoc(7), made from what the parser knows of a command.
struct ManualPage {
  var command: CommandReference
  /// The commands below, which have pages of their own.
  private var below: [CommandReference] { command.shownCommands }

  /// The pages of a command and of all below it.
  static func all(of root: CommandReference) -> [ManualPage] { root.all.map { ManualPage(command: $0) } }

  /// `envprobe-profiles-show`
  var name: String { command.fullName.replacing(" ", with: "-") }
  var fileName: String { "\(name).1" }

  var text: String {
    var page = Roff()
    page.macro("Dd", Self.date)
    page.macro("Dt", name.uppercased(), "1")
    page.macro("Os", "envprobe", ToolVersion.text)
    page.macro("Sh", "NAME")
    page.macro("Nm", name)
    page.macro("Nd", Self.withoutStop(command.abstract ?? ""))
    writeSynopsis(on: &page)
    page.macro("Sh", "DESCRIPTION")
    let sections = HelpSection.parse(command.discussion ?? "")
    for section in sections where section.title == nil { page.paragraphs(section.lines) }
    if sections.allSatisfy({ $0.title != nil }) { page.text(command.abstract ?? "") }
    writeCommands(on: &page)
    writeOptions(on: &page)
    // The order of sections is mdoc's own.
    if command.superCommands?.isEmpty ?? true { writeFiles(on: &page) }
    write(sections, titled: "EXIT STATUS", on: &page)
    write(sections, titled: "EXAMPLES", on: &page)
    writeSeeAlso(on: &page)
    return page.output
  }

  /// mdoc wants the month in words.
  private static var date: String {
    let parts = ToolVersion.released.split(separator: "-").compactMap { Int($0) }
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    return "\(months[parts[1] - 1]) \(parts[2]), \(parts[0])"
  }

  private static func withoutStop(_ text: String) -> String { text.hasSuffix(".") ? String(text.dropLast()) : text }

  private func writeSynopsis(on page: inout Roff) {
    page.macro("Sh", "SYNOPSIS")
    page.macro("Nm", command.fullName)
    for argument in command.shownArguments {
      switch argument.kind {
      case .flag: page.macro("Op", raw: flag(argument))
      case .option: page.macro(argument.isOptional ? "Op" : "", raw: flag(argument) + " " + value(argument))
      case .positional where argument.isProgram: page.macro("Fl", raw: "Fl Ar program ...")
      case .positional:
        let words = value(argument) + (argument.isRepeating ? " ..." : "")
        page.macro(argument.isOptional ? "Op" : "", raw: words)
      }
    }
    if !below.isEmpty {
      page.macro("Ar", "command")
      page.macro("Op", raw: "Ar argument ...")
    }
  }

  /// `Fl Fl quiet`, which sets the hyphens.
  private func flag(_ argument: CommandReference.Argument) -> String {
    guard let name = argument.names?.first(where: { $0.kind == "long" }) ?? argument.names?.first else { return "" }
    return name.kind == "long" ? "Fl Fl " + Roff.word(name.name) : "Fl " + Roff.word(name.name)
  }

  private func value(_ argument: CommandReference.Argument) -> String {
    "Ar " + Roff.word(argument.shownValueName)
  }

  private func writeCommands(on page: inout Roff) {
    if below.isEmpty { return }
    page.macro("Ss", "Commands")
    page.macro("Bl", raw: "-tag -width completions")
    for sub in below {
      page.macro("It", raw: "Cm " + Roff.word(sub.commandName))
      page.text(sub.abstract ?? "")
    }
    page.macro("El")
  }

  private func writeOptions(on page: inout Roff) {
    let shown = command.shownArguments
    if shown.isEmpty { return }
    var titles: [String] = []
    for argument in shown where !titles.contains(argument.sectionTitle ?? "") {
      titles.append(argument.sectionTitle ?? "")
    }
    for title in titles {
      page.macro("Ss", title.isEmpty ? "Arguments and options" : title)
      page.macro("Bl", raw: "-tag -width indent")
      for argument in shown where (argument.sectionTitle ?? "") == title { write(argument, on: &page) }
      page.macro("El")
    }
  }

  private func write(_ argument: CommandReference.Argument, on page: inout Roff) {
    switch argument.kind {
    case .positional: page.macro("It", raw: value(argument))
    case .flag, .option:
      let names = (argument.names ?? []).map { ($0.kind == "long" ? "Fl Fl " : "Fl ") + Roff.word($0.name) }
      page.macro("It", raw: names.joined(separator: " , ") + (argument.kind == .option ? " " + value(argument) : ""))
    }
    page.text(argument.meaning)
  }

  private func write(_ sections: [HelpSection], titled title: String, on page: inout Roff) {
    guard let section = sections.first(where: { $0.title == title }) else { return }
    page.macro("Sh", title)
    page.literal(section.lines)
  }

  private func writeFiles(on page: inout Roff) {
    page.macro("Sh", "FILES")
    page.macro("Bl", raw: "-tag -width indent")
    for (path, meaning) in Self.files {
      page.macro("It", raw: "Pa " + Roff.word(path))
      page.text(meaning)
    }
    page.macro("El")
  }

  private static let files = [
    (ConfigurationFile.name, "What calls in its folder and below do where no flag says otherwise."),
    ("~/.local/state/envprobe", "Records of runs and matrices that were made without --out (XDG_STATE_HOME)."),
    ("~/.cache/envprobe", "Locales that were built, and digests of large programs (XDG_CACHE_HOME)."),
  ]

  private func writeSeeAlso(on page: inout Roff) {
    var others = below.map { "\(name)-\($0.commandName)" }
    if let parents = command.superCommands, !parents.isEmpty { others.append(parents.joined(separator: "-")) }
    if others.isEmpty { return }
    page.macro("Sh", "SEE ALSO")
    for (index, other) in others.sorted().enumerated() {
      page.macro("Xr", raw: "\(Roff.word(other)) 1" + (index < others.count - 1 ? " ," : ""))
    }
  }
}

/// A part of a help text: what stands under a heading in capitals, or before the first.
struct HelpSection: Hashable {
  var title: String?
  var lines: [String]

  static func parse(_ text: String) -> [HelpSection] {
    var sections: [HelpSection] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      let isTitle = !line.isEmpty && !line.hasPrefix(" ") && line.allSatisfy { $0.isUppercase || $0 == " " }
      if isTitle {
        sections.append(HelpSection(title: line, lines: []))
      } else {
        if sections.isEmpty { sections.append(HelpSection(title: nil, lines: [])) }
        sections[sections.count - 1].lines.append(line)
      }
    }
    for index in sections.indices {
      while sections[index].lines.last?.isEmpty == true { sections[index].lines.removeLast() }
      while sections[index].lines.first?.isEmpty == true { sections[index].lines.removeFirst() }
    }
    return sections.filter { $0.title != nil || !$0.lines.isEmpty }
  }
}

/// Lines of a roff source, with everything escaped that roff would take for its own.
struct Roff {
  private var lines: [String] = []
  var output: String { lines.joined(separator: "\n") + "\n" }

  /// A macro with words that stand for themselves.
  mutating func macro(_ name: String, _ words: String...) {
    lines.append(
      ([".\(name)"] + words.map { name == "Dd" || name == "Sh" ? Self.escaped($0) : Self.word($0) })
        .joined(separator: " "))
  }

  /// A macro with what follows it as it is; without a name, what follows begins with one.
  mutating func macro(_ name: String, raw: String) { lines.append(name.isEmpty ? ".\(raw)" : ".\(name) \(raw)") }

  /// Text for one paragraph, a sentence a line as mdoc wants it.
  mutating func text(_ text: String) {
    for sentence in Self.sentences(text) {
      let line = Self.escaped(sentence)
      lines.append(line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line)
    }
  }

  mutating func paragraphs(_ source: [String]) {
    for (index, paragraph) in source.split(separator: "").enumerated() {
      if index > 0 { macro("Pp") }
      text(paragraph.joined(separator: " "))
    }
  }

  /// Lines as they are, without the indentation that all of them share.
  mutating func literal(_ source: [String]) {
    let indent = source.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    macro("Bd", raw: "-literal")
    for line in source {
      let text = Self.escaped(String(line.dropFirst(indent)))
      lines.append(text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text)
    }
    macro("Ed")
  }

  /// A word of a macro's line: quoted where it has spaces or is a macro's name, escaped where it is punctuation.
  static func word(_ text: String) -> String {
    let escaped = escaped(text).replacing("\"", with: "\\(dq")
    if text.contains(" ") || text.isEmpty { return "\"\(escaped)\"" }
    let isMacro = text.count == 2 && text.first!.isUppercase && text.last!.isLowercase
    return isMacro || text.count == 1 && !text.first!.isLetter && !text.first!.isNumber ? "\\&" + escaped : escaped
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "~": result += "\\(ti"
      case "^": result += "\\(ha"
      case "`": result += "\\(ga"
      case "'": result += "\\(aq"
      case "…": result += "..."
      default: result.append(character)
      }
    }
    return result
  }

  private static func sentences(_ text: String) -> [String] {
    var result = [""]
    for word in text.split(separator: " ") {
      result[result.count - 1] += (result.last!.isEmpty ? "" : " ") + word
      if word.count > 2, word.hasSuffix(".") || word.hasSuffix("?"), word != "e.g." { result.append("") }
    }
    return result.filter { !$0.isEmpty }
  }
}
