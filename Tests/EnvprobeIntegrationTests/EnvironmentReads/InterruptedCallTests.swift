import EnvprobeRecorder
import EnvprobeTestSupport
import Testing

/// A signal that comes while a call waits for the recorder must not be seen in the call's result.
@Suite(.asRoot, .enabled(if: EnvironmentReadRecorder.isSupported, "needs x86-64"))
struct InterruptedCallTests {
  @Test(arguments: ["default", "full"]) func isNotBrokenOff(trace: String) async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let result = try folder.envprobe(
        [
          "run", "--quiet", "--trace", trace, "--timeout", "60", "--out", folder.path + "/bundle", "--",
          try Probe.interrupted.get(),
        ])
      #expect(result.status == 0)
      #expect(result.output == "0 broken off, many signals\n")
    }
  }
}
