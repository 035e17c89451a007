import EnvprobeTestSupport
import Foundation
import Testing

/// Exit statuses, streams and signals, as a shell sees them.
@Suite(.asRoot) struct StatusTests {
  @Test(
    arguments: [
      ("exit 0", 0), ("exit 3", 3), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -KILL $$", 137),
      ("kill -SEGV $$", 139),
    ] as [(String, Int32)]) func theProgramsOwnPasses(_ script: String, _ status: Int32) async throws
  {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let command = ["/bin/sh", "-c", script]
      #expect(try folder.envprobe(["run", "-q", "--out", folder.path + "/r", "--"] + command).status == status)
      #expect(try folder.execute(["/usr/bin/env", "--default-signal"] + command).status == status, "the control")
    }
  }

  /// Arguments, with `{}` for the test's folder; the status; what the first line of the message holds.
  private static let failures: [(arguments: [String], status: Int32, message: String)] = [
    (
      ["run", "--out", "{}/r", "--", "no-such-program"], 127,
      "envprobe: cannot find the command no-such-program: No such file or directory (ENOENT)"
    ),
    (["run", "--out", "{}/r", "--", "/etc/passwd"], 126, "/etc/passwd: Permission denied (EACCES)"),
    (["run", "--out", "{}/r", "--", "/etc"], 126, "/etc: Is a directory (EISDIR)"),
    (["run"], 64, "ame the program to run"),
    (["run", "--no-such-option", "--", "true"], 64, "--no-such-option"),
    (["run", "--profile", "atlantis", "--", "true"], 64, "unknown profile 'atlantis'"),
    (["run", "--set", "tmezone=UTC", "--", "true"], 64, "did you mean 'timezone'?"),
    (["run", "--timeout", "0", "--", "true"], 64, "--timeout"),
    (["matrix"], 64, "ame the program to run"),
    (["matrix", "--profiles", "us,atlantis", "--out", "{}/m", "--", "true"], 64, "unknown profile 'atlantis'"),
    (["matrix", "--resume", "--", "true"], 64, "--resume needs --out"),
    (["matrix", "--out", "{}/m", "--", "no-such-program"], 2, "cannot find the command no-such-program"),
    (["show", "{}/nothing"], 2, "{}/nothing"),
    (["compare", "{}/a"], 64, "two runs"),
    (["compare", "{}/a", "{}/b"], 2, "{}/a"),
    (["no-such-command"], 64, "no-such-command"),
  ]

  @Test(arguments: failures) func failuresAreTold(
    _ one: (arguments: [String], status: Int32, message: String)
  ) async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let result = try folder.envprobe(one.arguments.map { $0.replacing("{}", with: folder.path) })
      #expect(result.status == one.status)
      #expect(result.output == "")
      #expect(result.errorOutput.contains(one.message.replacing("{}", with: folder.path)), "\(result.errorOutput)")
    }
  }

  @Test func aProgramThatTakesTooLongIsStopped() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let word = "overdue-\(UUID().uuidString)"
      // Children, also those that have left the process group, end with it.
      let script = "echo begun; sh -c 'sleep 300; : \(word)' & setsid sh -c 'sleep 300; : \(word)' & sleep 300"
      let result = try folder.envprobe(
        ["run", "--timeout", "1.5", "--out", folder.path + "/r", "--", "/bin/sh", "-c", script], deadline: 60)
      #expect(result.status == 124 && result.output == "begun\n")
      #expect(result.seconds < 30)
      #expect(Processes.areGone(word))
      #expect(result.errorOutput.contains("stopped because it took longer than allowed"))
      #expect(try folder.envprobe(["show", folder.path + "/r"]).status == 0)
    }
  }

  @Test func streamsPassByteForByte() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let bytes = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ ($0 >> 9)) })
      let result = try folder.envprobe(
        ["run", "-q", "--out", folder.path + "/r", "--", "/bin/sh", "-c", "tee /dev/stderr | cat; exit 4"], input: bytes
      )
      #expect(result.outputBytes == bytes)
      #expect(result.status == 4)
      let closed = try folder.envprobe(["run", "-q", "--out", folder.path + "/s", "--", "cat"])
      #expect(closed.outputBytes.isEmpty && closed.status == 0)
    }
  }

  @Test(arguments: [(SIGINT, "INT"), (SIGTERM, "TERM"), (SIGHUP, "HUP"), (SIGUSR1, "USR1")])
  func signalsReachTheProgram(_ signal: Int32, _ name: String) async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let command = [try Probe.path.get(), "catch", "exit", "7"]
      let running = try folder.startEnvprobe(["run", "-q", "--out", folder.path + "/r", "--"] + command)
      try running.wait(forLine: "ready")
      running.send(signal)
      let result = try running.wait(deadline: 30)
      #expect(result.lines == ["ready", "caught \(name)"])
      #expect(result.status == 7)
    }
  }
}
