import EnvprobeModel
import EnvprobeRecorder
import EnvprobeTestSupport
import Foundation
import Testing

/// What `envprobe run` records of a probe that says what it does.
@Suite(.asRoot) struct RecordingTests {
  private struct Recorded {
    var lines: [String]
    var trace: Trace

    var calls: [SyscallCall] {
      trace.events.compactMap { if case .syscall(let call) = $0.payload { call } else { nil } }
    }
    func paths(_ names: Set<String>) -> [String] {
      calls.filter { names.contains($0.name) }.compactMap { $0.path?.displayText }
    }
    var programs: [String] {
      trace.events.compactMap {
        if case .exec(let call) = $0.payload, call.exists != false { call.path.value?.displayText } else { nil }
      }
    }
    var connections: [String] {
      trace.events.compactMap {
        if case .connection(let connection) = $0.payload { "\(connection.address):\(connection.port)" } else { nil }
      }
    }
    var changes: [FileChange] {
      trace.events.compactMap { if case .file(let change) = $0.payload { change } else { nil } }
    }
    var output: String {
      trace.events.compactMap { event -> String? in
        if case .output(let output) = event.payload, output.stream == .stdout {
          String(decoding: output.bytes.bytes, as: UTF8.self)
        } else {
          nil
        }
      }.joined()
    }
  }

  private static func record(_ steps: [String], in folder: TestFolder, _ options: [String] = []) throws -> Recorded {
    let bundle = folder.path + "/bundle"
    let probe = try Probe.path.get()
    let result = try folder.envprobe(["run", "--quiet", "--out", bundle] + options + ["--", probe] + steps)
    #expect(result.errorOutput == "")
    return Recorded(lines: result.lines, trace: try BundleReader.read(bundle))
  }

  private static let steps = [
    "open", "/etc/hostname", "open", "/nowhere/to/be/found", "create", "note", "create", "brief", "remove", "brief",
    "run",
    "/usr/bin/true", "run", "/nosuch", "connect", "198.51.100.9", "8123",
  ]

  @Test func theRecordAgreesWithTheProgram() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let recorded = try Self.record(Self.steps, in: folder)
      #expect(
        recorded.lines == [
          "open /etc/hostname ok", "open /nowhere/to/be/found ENOENT", "create note ok", "create brief ok",
          "remove brief ok", "run /usr/bin/true ok", "run /nosuch ENOENT", "answer HTTP/1.1 404 Not Found",
          "connect 198.51.100.9 8123 ok",
        ])
      #expect(recorded.output == recorded.lines.map { $0 + "\n" }.joined())
      let opened = recorded.paths(["open", "openat"])
      #expect(
        opened.filter { $0.hasPrefix("/etc/host") || $0.hasPrefix("/nowhere") }
          == ["/etc/hostname", "/nowhere/to/be/found"])
      #expect(recorded.paths(["unlink", "unlinkat"]) == [folder.work + "/brief"])
      #expect(recorded.programs.suffix(1) == ["/usr/bin/true"])
      #expect(recorded.connections == ["198.51.100.9:8123"])
      let note = try #require(recorded.changes.first { $0.path.displayText == "note" })
      #expect(note.root == .workdir && note.change == .created && note.mode == 0o640)
      let content = try #require(note.content)
      #expect(recorded.trace.blobs[content.sha256] == Array("probe\n".utf8))
      #expect(!recorded.changes.contains { $0.path.displayText == "brief" })
      #expect(recorded.trace.manifest.complete && recorded.trace.manifest.exit?.status == 0)
    }
  }

  /// What the program does not do is not recorded: the same places are empty.
  @Test func anIdleProgramLeavesNothing() async throws {
    try await Turns.shared.run {
      let recorded = try Self.record(["variable", "HOME"], in: try TestFolder())
      #expect(recorded.connections.isEmpty && recorded.changes.isEmpty && recorded.programs.count == 1)
      #expect(!recorded.paths(["open", "openat"]).contains("/etc/hostname"))
    }
  }

  /// The control: without the recorder of system calls the same program leaves none, and what is recorded otherwise
  /// stays. The network answers as ever.
  @Test func withoutTheKernelsNotificationsThereAreNoCalls() async throws {
    try await Turns.shared.run {
      let recorded = try Self.record(Self.steps, in: try TestFolder(), ["--trace", "off"])
      #expect(recorded.lines.last == "connect 198.51.100.9 8123 ok")
      #expect(recorded.calls.isEmpty)
      #expect(recorded.connections == ["198.51.100.9:8123"])
      #expect(recorded.changes.map { $0.path.displayText } == ["note"])
    }
  }
}
