import ArgumentParser
import EnvprobeModel

/// The help of a command: what it does, how it is called, its flags; in the long form explained and with examples.
struct HelpPage: Error {
  enum Length { case short, long }

  private let command: CommandReference
  private let groups: [(title: String, names: [String])]
  private let length: Length
  private var lines: [String] = []
  private let width: Int

  /// - Parameters:
  ///   - commands: the command last, after those that it is called through.
  ///   - width: cells of a line.
  init(of commands: [any ParsableCommand.Type], length: Length, width: Int) throws {
    var command = try CommandReference.forHelp(of: commands[commands.count - 1])
    command.superCommands = commands.dropLast().map { $0.name }
    command.commandName = commands[commands.count - 1].name
    self.command = command
    self.length = length
    self.width = min(max(width, 60), 110)
    let grouped = commands[commands.count - 1].configuration.groupedSubcommands
    let all = command.shownCommands.map(\.commandName)
    groups = grouped.isEmpty ? [("Commands", all)] : grouped.map { ($0.name, $0.subcommands.map { $0.name }) }
    write()
  }

  var text: String { lines.joined(separator: "\n") }

  private mutating func write() {
    paragraph(command.abstract ?? "")
    lines += ["", "Usage: \(usage)"]
    let sections = HelpSection.parse(command.discussion ?? "")
    if length == .long {
      for section in sections where section.title == nil {
        for part in section.lines.split(separator: "") {
          lines.append("")
          paragraph(part.joined(separator: " "))
        }
      }
    }
    writeCommands()
    writeOptions()
    if length == .long {
      for title in ["EXAMPLES", "EXIT STATUS"] {
        guard let section = sections.first(where: { $0.title == title }) else { continue }
        lines += ["", title.first!.uppercased() + title.dropFirst().lowercased() + ":"] + section.lines
      }
    } else {
      lines += ["", "'\(command.fullName) --help' explains and has examples."]
    }
  }

  private var usage: String {
    if !command.shownCommands.isEmpty { return "\(command.fullName) <command> [options]" }
    var words = [command.fullName]
    let arguments = command.shownArguments
    if arguments.contains(where: { $0.kind != .positional && $0.names?.contains { $0.name == "help" } != true }) {
      words.append("[options]")
    }
    for argument in arguments where argument.kind == .positional {
      let name = "<\(argument.shownValueName)>" + (argument.isRepeating ? " ..." : "")
      if argument.isProgram {
        words.append("-- <program> [<argument> ...]")
      } else {
        words.append(argument.isOptional ? "[\(name)]" : name)
      }
    }
    return words.joined(separator: " ")
  }

  private mutating func writeCommands() {
    if command.shownCommands.isEmpty { return }
    let all = command.shownCommands
    let column = (all.map(\.commandName.count).max() ?? 0) + 4
    for group in groups {
      lines += ["", "\(group.title):"]
      for name in group.names {
        guard let sub = all.first(where: { $0.commandName == name }) else { continue }
        row("  " + name, sub.abstract ?? "", column: column)
      }
    }
  }

  private mutating func writeOptions() {
    let shown = command.shownArguments
    var titles: [String] = []
    for argument in shown where !titles.contains(Self.title(of: argument)) { titles.append(Self.title(of: argument)) }
    // What every command has comes last.
    titles.sort { ($0 == "Help" ? 1 : 0) < ($1 == "Help" ? 1 : 0) }
    let heads = shown.map { Self.head(of: $0).count }.filter { $0 <= 30 }
    let column = (heads.max() ?? 20) + 2
    for title in titles {
      lines += ["", "\(title):"]
      for argument in shown where Self.title(of: argument) == title {
        row(Self.head(of: argument), argument.meaning, column: column)
      }
    }
  }

  private static func title(of argument: CommandReference.Argument) -> String {
    if argument.names?.contains(where: { ["help", "version"].contains($0.name) }) == true { return "Help" }
    if argument.kind == .positional { return "Arguments" }
    return argument.sectionTitle.flatMap { $0.isEmpty ? nil : $0 } ?? "Options"
  }

  /// `  -q, --quiet`, `      --out <dir>`
  private static func head(of argument: CommandReference.Argument) -> String {
    if argument.kind == .positional { return "  <\(argument.shownValueName)>" }
    let names = argument.names ?? []
    let long = names.first { $0.kind == "long" }?.text ?? ""
    let short = names.first { $0.kind != "long" }.map { long.isEmpty ? $0.text : "\($0.text), " } ?? "    "
    return "  \(short)\(long)" + (argument.kind == .option ? " <\(argument.shownValueName)>" : "")
  }

  private mutating func row(_ head: String, _ text: String, column: Int) {
    let margin = String(repeating: " ", count: column)
    let first = head.count + 2 > column ? [head] : []
    let start = first.isEmpty ? head.padded(to: column) : margin
    lines += first
    for (index, line) in Self.wrapped(text, width: width - column).enumerated() {
      lines.append((index == 0 ? start : margin) + line)
    }
  }

  private mutating func paragraph(_ text: String) { lines += Self.wrapped(text, width: width) }

  private static func wrapped(_ text: String, width: Int) -> [String] {
    var result = [""]
    for word in text.split(separator: " ") {
      if !result.last!.isEmpty, result.last!.count + 1 + word.count > width { result.append("") }
      result[result.count - 1] += (result.last!.isEmpty ? "" : " ") + word
    }
    return result
  }
}
