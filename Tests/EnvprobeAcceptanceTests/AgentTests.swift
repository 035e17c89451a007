import EnvprobeModel
import EnvprobeTestSupport
import Foundation
import Testing

/// A published agent, by the variable that `scripts/test` names its file in.
enum Agent: String, Sendable {
  case old = "ENVPROBE_AGENT_OLD"
  case new = "ENVPROBE_AGENT_NEW"
  case codex = "ENVPROBE_CODEX"
  case llm = "ENVPROBE_LLM"
  case miniSWEAgent = "ENVPROBE_MINI_SWE_AGENT"
  case aider = "ENVPROBE_AIDER"

  var path: String? {
    ProcessInfo.processInfo.environment[rawValue].flatMap {
      FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil
    }
  }

  var isThere: Bool { path != nil }
}

extension Trait where Self == ConditionTrait {
  /// Without the agent a test is skipped, but not in CI.
  static func requires(_ agent: Agent) -> ConditionTrait {
    .enabled(
      if: agent.isThere || ProcessInfo.processInfo.environment["CI"] != nil,
      "needs the agent: export \(agent.rawValue)=…, as scripts/test does")
  }
}

/// The two agents that the README's first screen is about: one hides two changes in the line that tells the date, the
/// other does not.
@Suite(.serialized, .asRoot) struct AgentTests {
  @Test(.requires(.old)) func theHiddenPunctuationIsFound() async throws {
    let (status, report) = try await Self.audit(.old)
    #expect(status == 1)
    #expect(report.conclusion == .different)
    try #require(report.geographic.count == 2, "\(report.geographic.map(\.location))")
    for finding in report.geographic {
      #expect(finding.class == .geographic && finding.verdict == .unexplained && finding.channel == .http)
      #expect(finding.location.contains("/v1/messages"))
      #expect(finding.locations.count == 1)
    }
    let apostrophe = try #require(report.geographic.first { $0.causeSets == [[.endpoint]] })
    #expect(apostrophe.causes == [[.endpoint]])
    #expect(apostrophe.differences.map { "\($0.before)\($0.after)" } == ["'\u{2019}"])
    #expect(apostrophe.differences.allSatisfy { $0.codepoints.before.first?.hasPrefix("U+0027 ") == true })
    #expect(apostrophe.differences.allSatisfy { $0.codepoints.after.first?.hasPrefix("U+2019 ") == true })
    let separator = try #require(report.geographic.first { $0.causeSets == [[.endpoint, .timezone]] })
    #expect(separator.causes.count == 1)
    #expect(Set(separator.differences.map { "\($0.before)\($0.after)" }) == ["-/"])
    // What any gateway changes is told, and apart from these.
    #expect(report.findings.filter { $0.class == .presence }.allSatisfy { $0.causeSets == [[.endpoint]] })
  }

  @Test(.requires(.new)) func theNewOneIsNotFlagged() async throws {
    let (status, report) = try await Self.audit(.new)
    #expect(status == 0)
    #expect(report.conclusion == .same)
    #expect(report.geographic.isEmpty, "\(report.geographic.map { ($0.location, $0.causes) })")
    #expect(report.runs.allSatisfy { $0.complete && $0.exit?.status == 0 })
  }

  /// `envprobe matrix -- claude -p "say hi"`, with the agent on PATH under that name.
  private static func audit(_ agent: Agent) async throws -> (status: Int32, report: Report) {
    let path = try #require(agent.path, "\(agent.rawValue) names no program")
    return try await Turns.shared.run {
      let folder = try TestFolder()
      let programs = folder.path + "/bin"
      try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: programs + "/claude", withDestinationPath: path)
      let result = try folder.envprobe(
        ["matrix", "--format", "json", "--out", folder.path + "/m", "--", "claude", "-p", "say hi"], path: programs,
        deadline: 1500)
      try #require(!result.output.isEmpty, "\(result.errorOutput)")
      return (result.status, try Envprobe.report(result))
    }
  }
}
