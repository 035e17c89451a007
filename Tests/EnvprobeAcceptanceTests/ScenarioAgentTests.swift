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
  private static func modelRequests(in folder: TestFolder) throws -> [String] {
    let bundle = folder.path + "/r"
    let lines = try String(contentsOfFile: bundle + "/events.ndjson", encoding: .utf8).split(separator: "\n")
    return try lines.compactMap { line in
      let event = try JSONDecoder().decode(Event.self, from: Data(line.utf8))
      guard case .request(let request) = event.payload, request.target.hasPrefix("/v1/messages?"),
        let blob = request.decodedBody ?? request.body
      else { return nil }
      return try String(contentsOfFile: "\(bundle)/blobs/\(blob.sha256)", encoding: .utf8)
    }
  }
}
