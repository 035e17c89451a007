import ArgumentParser
import FoundationEssentials

/// The commands with their flags, as the parser describes itself: what manual pages and suggestions are made from.
struct CommandReference: Decodable {
  struct Argument: Decodable {
    enum Kind: String, Decodable { case positional, option, flag }
    struct Name: Decodable {
      var kind: String
      var name: String
      /// `-q`, `--quiet`
      var text: String { (kind == "long" ? "--" : "-") + name }
    }
    var kind: Kind
    var shouldDisplay: Bool
    var sectionTitle: String?
    var isOptional: Bool
    var isRepeating: Bool
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var abstract: String?

    /// Whether it is the program under audit, which follows '--'.
    var isProgram: Bool { kind == .positional && valueName == "command" }

    /// What its value is called. `command` is the program's name in the code only.
    var shownValueName: String { isProgram ? "program" : valueName ?? "value" }

    /// What it means, with its default before the stop that ends the text.
    var meaning: String {
      if names?.contains(where: { $0.name == "help" }) == true { return "This help: -h in short, --help in full." }
      let text = abstract ?? ""
      guard let value = defaultValue else { return text }
      let number = value.hasSuffix(".0") ? String(value.dropLast(2)) : value
      return text.hasSuffix(".") ? "\(text.dropLast()) (default: \(number))." : "\(text) (default: \(number))"
    }
  }

  var commandName: String
  var superCommands: [String]?
  var shouldDisplay: Bool
  var abstract: String?
  var discussion: String?
  var subcommands: [CommandReference]?
  var arguments: [Argument]?

  private struct Dump: Decodable { var command: CommandReference }

  /// The command of a type with everything below it.
  static func of(_ command: any ParsableCommand.Type) throws -> CommandReference {
    // The dump of a command alone does not know what it is called by.
    try JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8)).command
  }

  /// The command of a type as its own help needs it. The parser's dump of a command with others below it holds all of
  /// those with their flags, which takes longer than the whole rest of a start.
  static func forHelp(of command: any ParsableCommand.Type) throws -> CommandReference {
    let configuration = command.configuration
    if configuration.subcommands.isEmpty { return try of(command) }
    func reference(_ configuration: CommandConfiguration, name: String) -> CommandReference {
      CommandReference(
        commandName: name, shouldDisplay: configuration.shouldDisplay, abstract: configuration.abstract,
        discussion: configuration.discussion)
    }
    func flag(_ names: [Argument.Name], _ meaning: String) -> Argument {
      Argument(
        kind: .flag, shouldDisplay: true, isOptional: true, isRepeating: false, names: names, abstract: meaning)
    }
    var result = reference(configuration, name: command.name)
    result.subcommands = configuration.subcommands.map { reference($0.configuration, name: $0.name) }
    result.arguments = [
      flag([.init(kind: "long", name: "version")], "Show the version."),
      flag([.init(kind: "short", name: "h"), .init(kind: "long", name: "help")], ""),
    ]
    return result
  }

  /// Such as `envprobe profiles show`.
  var fullName: String { ((superCommands ?? []) + [commandName]).joined(separator: " ") }

  /// The arguments that people are shown. Every command takes `--version`, but it is that of the first.
  var shownArguments: [Argument] {
    let isFirst = superCommands?.isEmpty ?? true
    return (arguments ?? []).filter { argument in
      argument.shouldDisplay && (isFirst || argument.names?.contains { $0.name == "version" } != true)
    }
  }

  /// The commands below that people are shown, without the parser's own `help`.
  var shownCommands: [CommandReference] {
    (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
  }

  /// This and everything below, in the order of the help.
  var all: [CommandReference] { [self] + shownCommands.flatMap(\.all) }
}
