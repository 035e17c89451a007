import EnvprobeCompare
import EnvprobeModel
import EnvprobeRecorder
import Foundation
import Testing

@testable import EnvprobeMatrix

/// Makes bundles of a program that only prints.
private struct PrintingProgram: RunExecuting {
  var output: @Sendable (PlannedRun) -> String

  func execute(_ run: PlannedRun, bundle: String) async throws -> RunManifest {
    let place = Surroundings(
      environment: [], home: "/home/user", workingDirectory: "/work", user: "user", hostname: "dev", utcOffset: 0,
      zoneAbbreviation: "UTC")
    let writer = try BundleWriter(
      directory: bundle,
      manifest: RunManifest(
        tool: "envprobe 0.1.0", subject: Subject(argv: ["speak"], executable: .init(path: "/bin/speak", sha256: "aa")),
        profile: run.profile, assignment: run.assignment, repetition: run.repetition, started: "2026-06-30T04:00:00Z",
        surroundings: place))
    writer.record(.output(Output(stream: .stdout, bytes: ByteString(output(run).utf8))))
    return try writer.finish(exit: Exit(status: 0, wall: 0.1))
  }
}

@Suite struct MatrixRunnerTests {
  private func matrix(_ output: @escaping @Sendable (PlannedRun) -> String) async throws -> Report {
    let path = FileManager.default.temporaryDirectory.path + "/envprobe-matrix-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let identity = MatrixIdentity(
      tool: "envprobe 0.1.0",
      subject: Subject(argv: ["speak"], executable: .init(path: "/bin/speak", sha256: "aa")),
      design: SampleDesign.design, scenario: nil)
    return try await MatrixRunner(
      identity: identity, folder: MatrixFolder(path: path), executor: PrintingProgram(output: output),
      options: .init(jobs: 2, seed: 1)
    ).run { _ in }
  }

  private static func isFar(_ run: PlannedRun) -> Bool { run.assignment.timezone == "c" }

  @Test func aHiddenWordIsFoundWithItsCause() async throws {
    let report = try await matrix { "the word is \(Self.isFar($0) ? "yes" : "no")\n" }
    #expect(report.conclusion == .different)
    #expect(report.findings.map(\.causes) == [[[.timezone]]])
  }

  /// Two repeats may agree by chance; what the repeats for the causes show to be chance is chance.
  @Test func whatLaterRepeatsContradictIsNoise() async throws {
    let report = try await matrix { run in
      let mood = run.repetition <= 2 ? (Self.isFar(run) ? "red" : "blue") : run.repetition == 4 ? "red" : "blue"
      return "the mood is \(mood)\n"
    }
    #expect(report.conclusion == .same, "\(report.findings)")
    #expect(report.findings.isEmpty)
    #expect(report.runs.contains { $0.repetition == 5 })
  }

  @Test func noiseDoesNotHideWhatIsBesideIt() async throws {
    let report = try await matrix { run in
      let mood = run.repetition <= 2 ? (Self.isFar(run) ? "red" : "blue") : run.repetition == 4 ? "red" : "blue"
      return "the mood is \(mood)\n\nand the word of today is still \(Self.isFar(run) ? "yes" : "no") as ever\n"
    }
    #expect(report.conclusion == .different)
    #expect(report.findings.map(\.causes) == [[[.timezone]]])
    #expect(report.findings.first?.differences.map(\.before) == ["no"])
  }
}
