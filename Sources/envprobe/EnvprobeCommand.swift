import ArgumentParser
import EnvprobeModel

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
        envprobe run -- claude                      one run, recorded, with a summary at the end
        envprobe matrix -- claude -p "say hi"       the default profiles, compared, every difference attributed
        envprobe profiles list                      the bundled profiles
        envprobe show DIR                           what a run recorded

      \(ExitStatus.helpText)
      """,
    version: ToolVersion.text,
    subcommands: [
      RunCommand.self, MatrixCommand.self, CompareCommand.self, ShowCommand.self, ReportCommand.self,
      ProfilesCommand.self, DoctorCommand.self, ReferenceCommand.self,
    ])
}

/// Which envprobe this is.
enum ToolVersion {
  static let text = "0.1.0"
  /// As it stands in manifests and reports.
  static let named = "envprobe \(text)"
}
