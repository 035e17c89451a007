import ArgumentParser
import EnvprobeModel

/// What is wrong with a call, and how to go on.
struct UsageProblem {
  var text: String

  /// - Parameter message: what the parser says.
  init(_ message: String, in invocation: Invocation) {
    text = Self.missingTerminator(in: invocation) ?? Self.explained(message, in: invocation)
  }

  /// A program that follows without '--' looks to the parser like words and flags of ours.
  private static func missingTerminator(in invocation: Invocation) -> String? {
    let commands = invocation.path.commands
    guard let command = commands.last, ["run", "matrix"].contains(command.name), invocation.program == nil,
      let start = program(in: invocation, of: command)
    else { return nil }
    let words = Array(invocation.own)
    let fixed: [String] = ["envprobe"] + words[..<start] + ["--"] + words[start...]
    return """
      envprobe: '\(words[start])' is no flag of \(commands.fullName)
      hint: put '--' before the program: \(ShellWord.join(fixed))
      """
  }

  private static func explained(_ message: String, in invocation: Invocation) -> String {
    let commands = invocation.path.commands
    var message = message
    // The parser suggests where two flags are much alike; we are more generous.
    if message.hasPrefix("Unknown option '"), !message.contains("Did you mean") {
      let parts = message.split(separator: "'", omittingEmptySubsequences: false)
      if let near = nearestName(to: String(parts[1]), among: FlagNames.of(commands[commands.count - 1])) {
        message += ". Did you mean '\(near)'?"
      }
    }
    return "envprobe: \(lowercased(message))\nhint: '\(commands.fullName) --help' explains and has examples"
  }

  /// Where the program seems to begin: the first word that is neither a flag nor a flag's value.
  private static func program(in invocation: Invocation, of command: any ParsableCommand.Type) -> Int? {
    let words = Array(invocation.own)
    let options = FlagNames.takingValues(of: command)
    var index = 1
    while index < words.count {
      if !words[index].hasPrefix("-") { return index }
      index += options.contains(words[index]) ? 2 : 1
    }
    return nil
  }

  private static func lowercased(_ message: String) -> String {
    guard let first = message.first, message.dropFirst().first?.isLowercase == true else { return message }
    return first.lowercased() + message.dropFirst()
  }
}

/// The flags of a command. They are only asked for once something is wrong with a call.
enum FlagNames {
  /// Such as `--repeat`.
  static func of(_ command: any ParsableCommand.Type) -> [String] {
    arguments(of: command).flatMap { $0.names ?? [] }.map(\.text).filter { $0.hasPrefix("--") }
  }

  /// Those that a value follows.
  static func takingValues(of command: any ParsableCommand.Type) -> Set<String> {
    Set(arguments(of: command).filter { $0.kind == .option }.flatMap { $0.names ?? [] }.map(\.text))
  }

  private static func arguments(of command: any ParsableCommand.Type) -> [CommandReference.Argument] {
    (try? CommandReference.of(command).shownArguments) ?? []  // without it there is no suggestion
  }
}

/// A word where a command was expected.
struct UnknownCommand: Error, CustomStringConvertible {
  var description: String

  init(_ word: String, below commands: [any ParsableCommand.Type]) {
    let names = commands.last!.configuration.subcommands.filter { $0.configuration.shouldDisplay }.map { $0.name }
    let name = commands.fullName
    if let near = nearestName(to: word, among: names) {
      description = "envprobe: unknown command '\(word)'; did you mean '\(near)'?\nhint: \(name) \(near) --help"
    } else if commands.count == 1 {
      description = """
        envprobe: unknown command '\(word)'
        hint: to run a program: envprobe run -- \(ShellWord.quote(word)); the commands: envprobe -h
        """
    } else {
      description =
        "envprobe: unknown command '\(word)'\nhint: the commands of \(name): \(names.joined(separator: ", "))"
    }
  }
}
