import Foundation
import Testing

/// The completions, as the shells themselves see them.
@Suite struct CompletionTests {
  /// What bash would offer for the last of the words.
  private func bash(_ words: [String]) throws -> [String] {
    let folder = try Folder()
    let script = """
      source <(\(Call.binary) completions bash)
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
      function=$(complete -p envprobe | sed 's/.*-F \\([^ ]*\\).*/\\1/')
      "$function" envprobe "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    // The function calls the words' first by its name.
    try FileManager.default.createSymbolicLink(atPath: folder.home + "/envprobe", withDestinationPath: Call.binary)
    let call = try Call.run(
      ["/bin/bash", "-c", script, "bash"] + words, in: folder,
      environment: ["PATH": folder.home + ":/usr/bin:/bin"])
    #expect(call.errors == "")
    return call.output.split(separator: "\n").map(String.init)
  }

  static let table: [(words: [String], offered: [String])] = [
    (["envprobe", "ma"], ["matrix"]),
    (["envprobe", "profiles", "s"], ["show"]),
    (["envprobe", "matrix", "--rep"], ["--repeat"]),
    (["envprobe", "run", "--profile", "us-"], ["us-gateway", "us-mirrors", "us-proxy"]),
    (["envprobe", "matrix", "--profiles", "us,cn-g"], ["us,cn-gateway"]),
    (["envprobe", "run", "--set", "time"], ["timezone="]),
    (["envprobe", "profiles", "show", "sg"], ["sg", "sg-gateway"]),
    (["envprobe", "matrix", "--fail-on", "g"], ["geographic"]),
    (["envprobe", "show", "--section", "req"], ["requests"]),
    (["envprobe", "completions", ""], ["bash", "zsh", "fish"]),
  ]

  @Test(arguments: table.indices) func bashOffers(index: Int) throws {
    let (words, offered) = Self.table[index]
    #expect(try bash(words) == offered)
  }

  @Test func bashOffersEveryCommand() throws {
    let offered = Set(try bash(["envprobe", ""]))
    let commands = Set(shownCommands.filter { $0.count == 1 }.map { $0[0] })
    #expect(commands.subtracting(offered) == [])
    #expect(!offered.contains("reference"))
  }

  /// What the binary answers when asked for names can only be seen at a prompt of fish; bash asks for the same.
  @Test(.enabled(if: requires("fish"), "needs fish")) func fishOffersCommandsAndFlags() throws {
    let folder = try Folder()
    try FileManager.default.createSymbolicLink(atPath: folder.home + "/envprobe", withDestinationPath: Call.binary)
    let call = try Call.run(
      [
        Call.tool("fish")!, "--no-config", "-c",
        "envprobe completions fish | source; complete -C 'envprobe matri'; complete -C 'envprobe run --prof'",
      ], in: folder, environment: ["PATH": folder.home + ":/usr/bin:/bin"])
    #expect(call.errors == "")
    let offered = call.output.split(separator: "\n").map { $0.prefix { $0 != "\t" } }
    #expect(offered == ["matrix", "--profile"])
  }

  @Test(.enabled(if: requires("zsh"), "needs zsh")) func zshReadsThem() throws {
    let folder = try Folder()
    let script = try Call.envprobe(["completions", "zsh"], in: folder)
    #expect(script.output.hasPrefix("#compdef envprobe\n"))
    try folder.write(script.output, to: "_envprobe")
    let call = try Call.run([Call.tool("zsh")!, "-n", "_envprobe"], in: folder)
    #expect(call.errors == "" && call.status == 0)
  }
}
