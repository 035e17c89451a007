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

  /// Such as `envprobe profiles show`.
  var fullName: String { ((superCommands ?? []) + [commandName]).joined(separator: " ") }

  var shownArguments: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }

  /// The commands below that people are shown, without the parser's own `help`.
  var shownCommands: [CommandReference] {
    (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
  }

  /// This and everything below, in the order of the help.
  var all: [CommandReference] { [self] + shownCommands.flatMap(\.all) }
}
