import ArgumentParser
import EnvprobeModel
import EnvprobeWire

struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Print the completions for a shell.",
    discussion: """
      They know every command and flag, the names of profiles, factors and sections.

      EXAMPLES
        source <(envprobe completions bash)                                    this shell only
        envprobe completions bash > ~/.local/share/bash-completion/completions/envprobe
        envprobe completions zsh > "${fpath[1]}/_envprobe"
        envprobe completions fish > ~/.config/fish/completions/envprobe.fish
      """)

  enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    Terminal.print(EnvprobeCommand.completionScript(for: kind))
  }
}

extension CompletionKind {
  /// A bundled profile's name, or a file.
  static let profile = CompletionKind.custom { _, _, prefix in
    prefix.contains("/") ? [] : ProfileLibrary.standard.names
  }

  /// A bundled scenario's name, or a file.
  static let scenario = CompletionKind.custom { _, _, prefix in
    prefix.contains("/") ? [] : Scenario.bundledTexts.map(\.name)
  }

  /// Names of profiles, separated by commas: each word is the whole list with one more name.
  static let profiles = CompletionKind.custom { _, _, prefix in
    let given = prefix.split(separator: ",", omittingEmptySubsequences: false).dropLast().map(String.init)
    let before = given.map { $0 + "," }.joined()
    return ProfileLibrary.standard.names.filter { !given.contains($0) }.map { before + $0 }
  }

  /// The names of factors, as `--set` wants them.
  static let setting = CompletionKind.custom { _, _, _ in
    Factor.keyed.map { $0.name + "=" } + [Factor.variablePrefix]
  }
}
