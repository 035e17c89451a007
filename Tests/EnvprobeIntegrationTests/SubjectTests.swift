import EnvprobeModel
import EnvprobeTestSupport
import Foundation
import Testing

/// Every program of `Tests/Subjects/manifest.json`, audited as a user would: what is hidden in it is found with its cause
/// and class, and nothing else; what is honest is not flagged.
@Suite(.asRoot) struct SubjectTests {
  struct Subject: Codable, Sendable, CustomTestStringConvertible {
    struct Expectation: Codable, Sendable {
      var channel: Channel
      var causes: [[Factor]]
      var `class`: Finding.Class
    }
    var name: String
    var file: String
    var build: [String]?
    var command: [String]
    var profiles: [String]?
    var level: String
    var what: String
    var expected: [Expectation]

    var testDescription: String { "\(name): \(what)" }
  }

  private struct Manifest: Codable { var subjects: [Subject] }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Subjects").path

  private static let subjects = try! JSONDecoder().decode(
    Manifest.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/manifest.json"))
  ).subjects

  @Test(arguments: subjects.filter { !$0.expected.isEmpty }) func whatIsHiddenIsFound(_ subject: Subject) async throws {
    let (status, report) = try await Turns.shared.run { try Self.audit(subject) }
    let decides = subject.expected.contains { $0.class.isDeciding }
    #expect(status == (decides ? 1 : 0))
    for expectation in subject.expected {
      let found = report.findings.filter {
        $0.class == expectation.class && $0.channel == expectation.channel && $0.verdict == .unexplained
          && $0.causeSets == Set(expectation.causes.map { Set($0) })
      }
      #expect(found.count == 1, "\(Self.text(report))")
      #expect(found.allSatisfy { !$0.evidence.isEmpty && $0.reproduce.count == 2 })
    }
    #expect(report.geographic.count == subject.expected.count { $0.class.isDeciding }, "\(Self.text(report))")
  }

  @Test(arguments: subjects.filter(\.expected.isEmpty))
  func honestOnesAreNotFlagged(_ subject: Subject) async throws {
    let (status, report) = try await Turns.shared.run { try Self.audit(subject) }
    #expect(status == 0, "\(Self.text(report))")
    #expect(report.conclusion == .same)
    #expect(report.geographic.isEmpty)
  }

  private static func audit(_ subject: Subject) throws -> (status: Int32, report: Report) {
    let test = try TestFolder()
    let source = "\(folder)/\(subject.file)"
    var file = (subject.file as NSString).lastPathComponent
    if let build = subject.build {
      file = (file as NSString).deletingPathExtension
      let words = build.map {
        $0.replacing("{source}", with: source).replacing("{output}", with: "\(test.work)/\(file)")
      }
      let result = try test.execute(["/usr/bin/env"] + words)
      try #require(result.status == 0, "\(result.errorOutput)")
      file = "./" + file
    } else {
      try FileManager.default.copyItem(atPath: source, toPath: "\(test.work)/\(file)")
    }
    var options = ["--jobs", "2", "--repeat", "2", "--seed", "1", "--format", "json", "--out", test.path + "/m"]
    if let profiles = subject.profiles {
      options += ["--profiles", profiles.map { $0.contains("/") ? "\(folder)/\($0)" : $0 }.joined(separator: ",")]
    }
    let command = subject.command.map { $0.replacing("{file}", with: file) }
    let result = try test.envprobe(["matrix"] + options + ["--"] + command)
    try #require(result.status <= 2 && !result.output.isEmpty, "\(result.errorOutput)")
    return (result.status, try Envprobe.report(result))
  }

  /// The findings in short, for a test that fails.
  private static func text(_ report: Report) -> String {
    (["\(report.conclusion), \(report.runs.count) runs"] + report.limits
      + report.findings.map { finding in
        let causes = finding.causes.map { $0.map(\.name).joined(separator: "+") }.joined(separator: " or ")
        let places = finding.locations.prefix(4).map {
          "  \($0.channel.rawValue) \($0.location): \($0.before ?? "nothing") / \($0.after ?? "nothing")"
        }
        return "\(finding.class.rawValue) \(finding.verdict.rawValue), \(causes)\n" + places.joined(separator: "\n")
      }).joined(separator: "\n")
  }
}
