import ArgumentParser
import EnvprobeModel
import Glibc

/// The command `envprobe`.
@main
struct EnvprobeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "envprobe",
    abstract: "Find out whether a program behaves differently depending on where it thinks it is.",
    discussion: """
      envprobe runs a program in a sandbox with a spoofed environment, records what it asks for and what it sends, \
      does so under many profiles, and reports every difference that the profiles do not explain, with its cause.

      Nothing leaves the sandbox: the network inside ends at envprobe, which answers from a script.

      EXAMPLES
        envprobe doctor                          does it work on this machine?
        envprobe run -- claude                   one run, recorded, with a summary at the end
        envprobe matrix -- claude -p "say hi"    the default profiles, compared, each difference explained
        envprobe show DIR                        what a run recorded
        envprobe init -- claude -p "say hi"      keep command and options in envprobe.yaml

      \(ExitStatus.helpText)
      """,
    version: ToolVersion.text,
    subcommands: [ReferenceCommand.self],
    groupedSubcommands: [
      CommandGroup(name: "Audit", subcommands: [RunCommand.self, MatrixCommand.self]),
      CommandGroup(
        name: "Look at what was recorded",
        subcommands: [
          ShowCommand.self, CompareCommand.self, ReportCommand.self, ExplainCommand.self, ExportCommand.self,
          PackCommand.self, VerifyCommand.self, MineCommand.self,
        ]),
      CommandGroup(
        name: "Set up",
        subcommands: [
          BaselineCommand.self, DoctorCommand.self, ProfilesCommand.self, ScenariosCommand.self, InitCommand.self,
          ConfigCommand.self,
          CompletionsCommand.self,
        ]),
    ])

  /// Completes the call from the configuration, parses it and runs its command.
  static func main() async {
    let invocation = Invocation(Array(CommandLine.arguments.dropFirst()))
    do {
      if invocation.value(of: "log-format") == LogFormat.json.rawValue { Log.use(.json) }
      let completed = try complete(invocation)
      var command = try parseAsRoot(completed.words)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(error, of: invocation)
    }
  }

  /// The call as it is to be parsed. Throws where it names no command that there is, or asks for help.
  static func complete(_ invocation: Invocation) throws -> Invocation {
    let (commands, unknown) = invocation.path
    if let unknown { throw UnknownCommand(unknown, below: commands) }
    if invocation.isParsersOwn { return invocation }
    if let length = invocation.help {
      throw try HelpPage(of: commands, length: length, width: Terminal.size(of: 1)?.columns ?? 100)
    }
    guard ConfigurationKey.all.contains(where: { $0.commands.contains(commands.last!.name) }) else { return invocation }
    let file = try invocation.configuration()
    if !invocation.hasFlag("log-format"), file?.entries["log-format"]?.words == [LogFormat.json.rawValue] {
      Log.use(.json)
    }
    return invocation.completed(by: file)
  }

  /// Says what was wrong with a call and how to go on, and ends.
  private static func end(_ error: any Error, of invocation: Invocation) -> Never {
    switch error {
    case let help as HelpPage:
      Terminal.print(help.text)
      Glibc.exit(0)
    case let code as ExitCode: Glibc.exit(code.rawValue)
    case is UnknownCommand, is ConfigurationError, is UsageError:
      Log.say("\(error)".hasPrefix("envprobe: ") ? "\(error)" : "envprobe: \(error)", level: "error")
      Glibc.exit(ExitStatus.usage.code)
    default: break
    }
    if exitCode(for: error).isSuccess {
      let text = fullMessage(for: error)
      if !text.isEmpty { Terminal.print(text) }
      Glibc.exit(0)
    }
    Log.say(UsageProblem(message(for: error), in: invocation).text, level: "error")
    Glibc.exit(ExitStatus.usage.code)
  }
}

/// Which envprobe this is.
enum ToolVersion {
  static let text = "0.1.0"
  /// As it stands in manifests and reports.
  static let named = "envprobe \(text)"
  /// When this version was made, for manual pages.
  static let released = "2026-11-21"
}
