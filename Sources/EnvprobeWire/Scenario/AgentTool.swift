/// The tools by which agents do the three things that every coding agent can do, under the names that they declare.
///
/// A scenario says `shell: date`, and the program's own tool is called, whatever its name. A new agent is a new row.
///
/// Agents that declare no tools look for what they are to do in the text, in a form that their instructions describe: a
/// piece of that description is how they are known.
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

  /// What is to be done in the text of an answer.
  private struct TextForm<Job>: Sendable {
    /// A piece of the instructions.
    var marker: String
    var text: @Sendable (Job) -> String
  }

  /// How an agent is told that the work is done, where it does not take a text without tool calls for that.
  private struct Ending: Sendable {
    /// A piece of the instructions; empty where declaring the tool says enough.
    var marker: String
    /// From the names of the tools that are declared and the last text.
    var call: @Sendable (Set<String>, String) -> Scenario.Script.ToolUse.Call?
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
    Form(name: "exec") { command in  // Codex, as a program that calls the tools
      .string(
        "const result = await tools.exec_command({cmd: \(JSON.string(command).text)});\n"
          + "text(typeof result === \"string\" ? result : result.output);\n")
    },
  ]

  private static let writtenShells: [TextForm<String>] = [
    TextForm(marker: "```mswea_bash_command") { "```mswea_bash_command\n\($0)\n```" },  // mini-swe-agent
    TextForm(marker: "```bash") { "```bash\n\($0)\n```" },  // aider
  ]

  private static let writtenEdits: [TextForm<Edit>] = [
    TextForm(marker: "<<<<<<< SEARCH") {
      "\($0.file)\n```\n<<<<<<< SEARCH\n\($0.old)\n=======\n\($0.new)\n>>>>>>> REPLACE\n```"
    }  // aider, Cline, Roo Code
  ]

  private static let endings: [Ending] = [
    Ending(marker: "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT") { tools, _ in
      shell("echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT").call(offering: tools)
    },  // mini-swe-agent
    Ending(marker: "") { tools, text in
      tools.contains("attempt_completion")
        ? .init(name: "attempt_completion", input: ["result": .string(text)]) : nil
    },  // Cline
    Ending(marker: "") { tools, text in
      tools.contains("finish") && tools.contains("execute_bash")
        ? .init(name: "finish", input: ["message": .string(text)]) : nil
    },  // OpenHands
  ]

  /// Whether instructions describe a way to use tools in the text of an answer.
  static func isWritten(in instructions: String) -> Bool {
    writtenShells.contains { instructions.contains($0.marker) }
      || writtenEdits.contains { instructions.contains($0.marker) }
  }

  /// The call that tells a program with these tools and instructions that the work is done; `nil` where the text does.
  static func ending(
    _ text: String, offering tools: Set<String>, instructions: () -> String
  ) -> Scenario.Script.ToolUse.Call? {
    for ending in endings {
      guard let call = ending.call(tools, text) else { continue }
      if ending.marker.isEmpty || instructions().contains(ending.marker) { return call }
    }
    return nil
  }

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
    Form(name: "exec") { edit in  // Codex, as a program that calls the tools
      let patch = "*** Begin Patch\n*** Update File: \(edit.file)\n@@\n-\(edit.old)\n+\(edit.new)\n*** End Patch"
      return .string("text(await tools.apply_patch(\(JSON.string(patch).text)));\n")
    },
  ]

  static func shell(_ command: String) -> Scenario.Script.ToolUse {
    .init(alternatives: calls(of: shells, for: command), written: texts(of: writtenShells, for: command))
  }

  /// Agents without a tool for it read with their shell.
  static func read(_ file: String) -> Scenario.Script.ToolUse {
    let command = "cat \(quoted(file))"
    return .init(
      alternatives: calls(of: readers, for: file) + calls(of: shells, for: command),
      written: texts(of: writtenShells, for: command))
  }

  /// Agents without a tool for it edit with their shell. `old` and `new` are lines there.
  static func edit(_ edit: Edit) -> Scenario.Script.ToolUse {
    let program = "s/^\(escaped(edit.old))$/\(escaped(edit.new))/"
    let command = "sed -i \(quoted(program)) \(quoted(edit.file))"
    return .init(
      alternatives: calls(of: editors, for: edit) + calls(of: shells, for: command),
      written: texts(of: writtenEdits, for: edit) + texts(of: writtenShells, for: command))
  }

  private static func calls<Job>(of forms: [Form<Job>], for job: Job) -> [Scenario.Script.ToolUse.Call] {
    forms.map { .init(name: $0.name, input: $0.input(job)) }
  }

  private static func texts<Job>(of forms: [TextForm<Job>], for job: Job) -> [Scenario.Script.ToolUse.Written] {
    forms.map { .init(marker: $0.marker, text: $0.text(job)) }
  }

  private static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }

  /// Text that means itself in a pattern and in a replacement of sed.
  private static func escaped(_ text: String) -> String {
    text.map { "\\/.*[]^$&".contains($0) ? "\\\($0)" : String($0) }.joined().replacing("\n", with: "\\n")
  }
}
