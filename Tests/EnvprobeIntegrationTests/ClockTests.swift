import EnvprobeModel
import EnvprobeRecorder
import EnvprobeTestSupport
import Foundation
import Testing

/// `--clock`, and the clock of a matrix.
@Suite(.asRoot) struct ClockTests {
  private static let day = "2031-03-04"

  @Test(arguments: Caller.allCases, TraceLevel.allCases)
  func aRunSeesTheTimeThatItIsGiven(caller: Caller, level: TraceLevel) async throws {
    try await Turns.shared.run {
      let folder = try TestFolder(caller)
      let script = """
        date -u +%FT%T; touch note; stat -c %y note; ls -l --time-style=+%F note | cut -d' ' -f6
        curl -sSI https://api.example.com/ | grep -i '^date:' | tr -d '\\r'; sleep 0.1; cut -d' ' -f1 /proc/uptime
        touch -d 2001-02-03 old; stat -c %y old
        """
      let result = try folder.envprobe(
        ["run", "-q", "--clock", "\(Self.day)T05:06:07Z", "--trace", level.rawValue, "--out", "../bundle", "--"]
          + ["/bin/sh", "-c", script])
      #expect(result.errorOutput == "")
      let lines = result.lines
      try #require(lines.count == 6, "\(result.output)")
      #expect(lines[0].hasPrefix("\(Self.day)T05:06:"))
      #expect(lines[1].hasPrefix("\(Self.day) 05:06:"))
      #expect(lines[2] == Self.day)
      #expect(lines[3].lowercased().hasPrefix("date: tue, 04 mar 2031 05:06:"))
      #expect((51_137..<51_200).contains(Double(lines[4]) ?? 0))
      #expect(lines[5].hasPrefix("2001-02-03 00:00:00"))
      let manifest = try BundleReader.read(folder.path + "/bundle").manifest
      #expect(manifest.clock == "\(Self.day)T05:06:07Z" && manifest.gaps.isEmpty && manifest.complete)
    }
  }

  @Test func withoutOneTheTimeIsTheHosts() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      for options in [[], ["--set", "clock=2031-03-04T05:06:07Z", "--clock", "host"]] {
        let before = Int(Date().timeIntervalSince1970)
        let result = try folder.envprobe(["run", "-q"] + options + ["--", "/bin/date", "+%s"])
        let shown = try #require(Int(result.lines.first ?? ""))
        #expect((before...Int(Date().timeIntervalSince1970)).contains(shown))
      }
    }
  }

  @Test func whatIsNoTimeIsToldSo() async throws {
    try await Turns.shared.run {
      let result = try TestFolder().envprobe(["run", "--clock", "yesterday", "--", "true"])
      #expect(result.status == 64)
      #expect(result.errorOutput.contains("yesterday") && result.errorOutput.contains("--clock"))
    }
  }

  @Test func allRunsOfAMatrixStartAtOneInstant() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let program = ["/bin/sh", "-c", "sleep 0.3; date +%F; date -u +%FT%H"]
      let result = try folder.envprobe(
        ["matrix", "--profiles", "us,jp,cn", "--format", "json", "--out", "../matrix", "--"] + program)
      #expect(result.status == 0, "\(result.errorOutput)")
      let runs = folder.path + "/matrix/runs"
      let traces = try FileManager.default.contentsOfDirectory(atPath: runs).map {
        try BundleReader.read("\(runs)/\($0)")
      }
      #expect(traces.count >= 6)
      let clocks = Set(traces.map(\.manifest.clock))
      #expect(clocks.count == 1)
      let clock = try #require(clocks.first ?? nil)
      #expect(clock.hasSuffix(":00:00Z"))
      let outputs = Set(
        traces.map { trace in
          trace.events.compactMap { event -> String? in
            guard case .output(let output) = event.payload, output.stream == .stdout else { return nil }
            return String(decoding: output.bytes.bytes, as: UTF8.self)
          }.joined()
        })
      // The same date in Los Angeles, Tokyo and Shanghai.
      #expect(outputs == ["\(clock.prefix(10))\n\(clock.prefix(13))\n"])
    }
  }
}
