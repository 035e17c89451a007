import EnvprobeRecorder
import EnvprobeTestSupport
import Testing

/// A clock that is shifted, either way, changes nothing about how long a program sleeps for.
@Suite(.asRoot, .enabled(if: EnvironmentReadRecorder.isSupported, "needs x86-64"))
struct RelativeSleepTests {
  @Test(arguments: ["2001-01-01T00:00:00Z", "2040-01-01T00:00:00Z"]) func lastsAsLong(clock: String) async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let result = try folder.envprobe(
        [
          "run", "--quiet", "--clock", clock, "--timeout", "30", "--out", folder.path + "/bundle", "--", "/bin/sh",
          "-c",
          "before=$(cut -d' ' -f1 /proc/uptime); sleep 1; after=$(cut -d' ' -f1 /proc/uptime); echo $before $after",
        ])
      #expect(result.status == 0)
      let times = result.output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
      try #require(times.count == 2)
      #expect((0.9...10).contains(times[1] - times[0]), "\(times)")
    }
  }
}
