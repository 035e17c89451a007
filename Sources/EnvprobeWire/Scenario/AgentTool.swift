/// The tools by which agents do the three things that every coding agent can do, under the names that they declare.
///
/// A scenario says `shell: date`, and the program's own tool is called, whatever its name. A new agent is a new row.
enum AgentTool {
  /// A tool of some agent, and how it wants to be told what to do.
  private struct Form<Job>: Sendable {
    var name: String
    var input: @Sendable (Job) -> JSON
  }

  struct Edit: Hashable, Sendable {
    var file: String
    var old: String
    var new: String
  }

  private static let shells: [Form<String>] = [
    Form(name: "Bash") { ["command": .string($0), "description": "Run a command"] },  // Claude Code
    Form(name: "bash") { ["command": .string($0)] },  // mini-swe-agent, OpenCode
    Form(name: "exec_command") { ["cmd": .string($0)] },  // Codex
    Form(name: "shell_command") { ["command": .string($0)] },  // Codex
    Form(name: "shell") { ["command": ["bash", "-lc", .string($0)]] },  // Codex
    Form(name: "run_shell_command") { ["command": .string($0)] },  // Gemini CLI, Qwen Code
    Form(name: "execute_command") { ["command": .string($0), "requires_approval": false] },  // Cline
    Form(name: "run_terminal_cmd") { ["command": .string($0), "is_background": false] },  // Cursor
  ]

  private static let readers: [Form<String>] = [
    Form(name: "Read") { ["file_path": .string($0)] },  // Claude Code
    Form(name: "read") { ["filePath": .string($0)] },  // OpenCode
    Form(name: "read_file") { ["file_path": .string($0)] },  // Gemini CLI
  ]

  private static let editors: [Form<Edit>] = [
    Form(name: "Edit") {
      ["file_path": .string($0.file), "old_string": .string($0.old), "new_string": .string($0.new)]
    },  // Claude Code
    Form(name: "edit") {
      ["filePath": .string($0.file), "oldString": .string($0.old), "newString": .string($0.new)]
    },  // OpenCode
    Form(name: "replace") {
      ["file_path": .string($0.file), "old_string": .string($0.old), "new_string": .string($0.new)]
    },  // Gemini CLI
    Form(name: "apply_patch") {
      .string("*** Begin Patch\n*** Update File: \($0.file)\n@@\n-\($0.old)\n+\($0.new)\n*** End Patch")
    },  // Codex
  ]

  static func shell(_ command: String) -> Scenario.Script.ToolUse {
    .init(alternatives: calls(of: shells, for: command))
  }

  /// Agents without a tool for it read with their shell.
  static func read(_ file: String) -> Scenario.Script.ToolUse {
    .init(alternatives: calls(of: readers, for: file) + calls(of: shells, for: "cat \(quoted(file))"))
  }

  /// Agents without a tool for it edit with their shell. `old` and `new` are lines there.
  static func edit(_ edit: Edit) -> Scenario.Script.ToolUse {
    let program = "s/^\(escaped(edit.old))$/\(escaped(edit.new))/"
    return .init(
      alternatives: calls(of: editors, for: edit)
        + calls(of: shells, for: "sed -i \(quoted(program)) \(quoted(edit.file))"))
  }

  private static func calls<Job>(of forms: [Form<Job>], for job: Job) -> [Scenario.Script.ToolUse.Call] {
    forms.map { .init(name: $0.name, input: $0.input(job)) }
  }

  private static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }

  /// Text that means itself in a pattern and in a replacement of sed.
  private static func escaped(_ text: String) -> String {
    text.map { "\\/.*[]^$&".contains($0) ? "\\\($0)" : String($0) }.joined().replacing("\n", with: "\\n")
  }
}
