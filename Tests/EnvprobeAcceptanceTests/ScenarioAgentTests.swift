import EnvprobeModel
import EnvprobeTestSupport
import Foundation
import Testing

/// Both agents carry out whole scripts, tools and all, without a network.
@Suite(.serialized, .asRoot) struct ScenarioAgentTests {
  @Test(.requires(.old), .requires(.new), arguments: [Agent.old, .new]) func toolsAreUsed(agent: Agent) async throws {
    let (status, output, folder) = try await Self.run(agent, "tools")
    #expect(status == 0)
    #expect(output.contains("Done. The second line of notes.txt now says three."))
    let requests = try Self.modelRequests(in: folder)
    // What the commands printed is what the program tells the model.
    #expect(requests.contains { $0.contains("LC_CTYPE=") && $0.contains("PATH=") })
    #expect(requests.contains { $0.contains("three") })
  }

  @Test(.requires(.old), .requires(.new), arguments: [Agent.old, .new]) func twelveTurnsAreTaken(
    agent: Agent
  ) async throws {
    let (status, output, folder) = try await Self.run(agent, "long")
    #expect(status == 0)
    #expect(output.contains("Done. notes.txt has two lines."))
    let withTools = try Self.modelRequests(in: folder).filter { $0.contains(#""tool_use_id""#) }
    #expect(withTools.count >= 11)
  }

  /// An agent that is no Claude Code, and how it is told to go on by itself.
  struct Other: Sendable, CustomTestStringConvertible {
    var agent: Agent
    var arguments: [String]
    var levels: [String] = []
    /// What is typed.
    var input = ""
    /// Files in the working directory.
    var files: [String: String] = [:]
    /// A piece of the target of requests to the model.
    var target = "/chat/completions"

    var testDescription: String { agent.rawValue }
  }

  static let others: [Other] = [
    Other(
      agent: .codex,
      arguments: ["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "go on"],
      target: "/responses"),
    Other(
      agent: .llm, arguments: ["-m", "gpt-4o-mini", "--functions", "tools.py", "--chain-limit", "20", "go on"],
      files: [
        "tools.py": """
        def bash(command: str) -> str:
          "Run a command"
          import subprocess
          return subprocess.run(command, shell=True, capture_output=True, text=True).stdout
        """
      ]),
    Other(
      agent: .miniSWEAgent,
      arguments: ["-t", "go on", "-y", "--exit-immediately", "-m", "openai/gpt-5-mini"],
      levels: ["env.MSWEA_CONFIGURED=true", "env.MSWEA_COST_TRACKING=ignore_errors"]),
    Other(
      agent: .aider,
      arguments: [
        "--model", "gpt-4o", "--no-git", "--no-check-update", "--no-show-release-notes", "--no-fancy-input",
        "--no-pretty", "--no-analytics", "--no-show-model-warnings",
      ], input: "go on\ny\ny\ngo on\ny\ny\ngo on\ny\ngo on\n"),
  ]

  @Test(
    .requires(.codex), .requires(.llm), .requires(.miniSWEAgent), .requires(.aider), arguments: others)
  func othersUseTheirTools(_ other: Other) async throws {
    let path = try #require(other.agent.path, "\(other.agent.rawValue) names no program")
    try await Turns.shared.run {
      let folder = try TestFolder()
      for (name, text) in other.files { try folder.write(text, to: name) }
      let result = try folder.envprobe(
        ["run", "--scenario", "tools", "--keep-changes", "--timeout", "240", "--out", folder.path + "/r"]
          + other.levels.flatMap { ["--set", $0] } + ["--", path] + other.arguments, input: Data(other.input.utf8),
        deadline: 300)
      #expect(result.status == 0, "\(result.errorOutput)")
      #expect(try String(contentsOfFile: folder.work + "/notes.txt", encoding: .utf8) == "one\nthree\n")
      let requests = try Self.modelRequests(in: folder, to: other.target)
      #expect(requests.count >= 4)
      #expect(requests.contains { $0.contains("LC_CTYPE=") && $0.contains("PATH=") })
      if other.agent != .miniSWEAgent {
        #expect(result.output.contains("Done. The second line of notes.txt now says three."))
      }
    }
  }

  private static func run(
    _ agent: Agent, _ scenario: String
  ) async throws -> (status: Int32, output: String, folder: TestFolder) {
    let path = try #require(agent.path, "\(agent.rawValue) names no program")
    return try await Turns.shared.run {
      let folder = try TestFolder()
      let programs = folder.path + "/bin"
      try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: programs + "/claude", withDestinationPath: path)
      let result = try folder.envprobe(
        [
          "run", "--scenario", scenario, "--timeout", "120", "--out", folder.path + "/r", "--", "claude", "-p",
          "go on", "--allowedTools", "Bash,Read,Edit",
        ], path: programs, deadline: 300)
      return (result.status, result.output, folder)
    }
  }

  /// The bodies of the requests for the model's next turn.
  private static func modelRequests(in folder: TestFolder, to target: String = "/v1/messages?") throws -> [String] {
    let bundle = folder.path + "/r"
    let lines = try String(contentsOfFile: bundle + "/events.ndjson", encoding: .utf8).split(separator: "\n")
    return try lines.compactMap { line in
      let event = try JSONDecoder().decode(Event.self, from: Data(line.utf8))
      guard case .request(let request) = event.payload, request.target.contains(target),
        let blob = request.decodedBody ?? request.body
      else { return nil }
      return try String(contentsOfFile: "\(bundle)/blobs/\(blob.sha256)", encoding: .utf8)
    }
  }
}
