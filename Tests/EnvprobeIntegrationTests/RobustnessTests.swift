import EnvprobeModel
import EnvprobeRecorder
import EnvprobeTestSupport
import Foundation
import Glibc
import Testing

/// What is left when something goes wrong.
@Suite(.asRoot) struct RobustnessTests {
  @Test func aKilledEnvprobeLeavesAReadableBundle() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let word = "killed-\(UUID().uuidString)"
      let bundle = folder.path + "/bundle"
      let running = try folder.startEnvprobe(
        ["run", "--out", bundle, "--", "/bin/sh", "-c", "cat /etc/hostname >&2; echo begun; sleep 300; : \(word)"])
      try running.wait(forLine: "begun")
      usleep(600_000)  // events are written twice a second or sooner
      running.send(SIGKILL)
      #expect(try running.wait(deadline: 30).status == 137)
      #expect(Processes.areGone(word))
      let trace = try BundleReader.read(bundle)
      #expect(!trace.manifest.complete && trace.manifest.exit == nil)
      let opened = trace.events.compactMap { event -> String? in
        if case .syscall(let call) = event.payload { call.path?.displayText } else { nil }
      }
      #expect(opened.contains("/etc/hostname"))
      let shown = try folder.envprobe(["show", bundle])
      #expect(shown.status == 0 && shown.output.contains("/etc/hostname"))
    }
  }

  @Test func changesAreDroppedUnlessTheyAreToBeKept() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      try folder.write("before\n", to: "kept.txt", mode: 0o666)
      chmod(folder.work, 0o777)
      let script = "echo after > kept.txt; echo new > new.txt; rm -f gone.txt"
      for keeps in [false, true] {
        try folder.write("x\n", to: "gone.txt", mode: 0o666)
        let bundle = "\(folder.path)/bundle-\(keeps)"
        let result = try folder.envprobe(
          ["run", "-q", "--out", bundle] + (keeps ? ["--keep-changes"] : []) + ["--", "/bin/sh", "-c", script])
        #expect(result.status == 0, "\(result.errorOutput)")
        let content = try String(contentsOfFile: folder.work + "/kept.txt", encoding: .utf8)
        #expect(content == (keeps ? "after\n" : "before\n"))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.work).sorted()
        #expect(names == (keeps ? ["kept.txt", "new.txt"] : ["gone.txt", "kept.txt"]))
        let changes = try BundleReader.read(bundle).events.compactMap { event -> String? in
          if case .file(let change) = event.payload {
            "\(change.change.rawValue) \(change.path.displayText)"
          } else {
            nil
          }
        }
        // What goes to the folder itself is not recorded, and the record says so.
        #expect(Set(changes) == (keeps ? [] : ["modified kept.txt", "created new.txt", "removed gone.txt"]))
        let shown = try folder.envprobe(["show", bundle, "--verbose"])
        #expect(shown.output.contains("were kept there and not recorded") == keeps, "\(shown.output)")
      }
    }
  }

  @Test func aFullDiskIsTold() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let small = folder.path + "/small"
      try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: true)
      try #require(mount("tmpfs", small, "tmpfs", 0, "size=256k") == 0)
      defer { umount2(small, Int32(MNT_DETACH)) }
      let command = ["/bin/sh", "-c", "seq 1 200000; exit 5"]
      let run = try folder.envprobe(["run", "--out", small + "/r", "--"] + command)
      // The program is not disturbed, and the failure is not passed over.
      #expect(run.lines.count == 200_000)
      #expect(run.status == 125)
      #expect(run.errorOutput.contains("No space left on device (ENOSPC)"), "\(run.errorOutput)")
      let manifest = try BundleReader.readManifest(small + "/r")
      #expect(!manifest.complete)
      #expect(try folder.envprobe(["show", small + "/r"]).status == 0)
      let matrix = try folder.envprobe(["matrix", "--profiles", "us,jp", "--out", small + "/m", "--"] + command)
      #expect(matrix.status == 2)
      #expect(matrix.errorOutput.contains("No space left on device (ENOSPC)"), "\(matrix.errorOutput)")
    }
  }

  // MARK: Matrix

  private static func finished(_ folder: String) -> Int {
    ((try? String(contentsOfFile: folder + "/matrix.ndjson", encoding: .utf8)) ?? "")
      .split(separator: "\n").count { $0.hasPrefix(#"{"finished""#) }
  }

  @Test func aKilledMatrixIsContinued() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let matrix = folder.path + "/m"
      let word = "matrix-\(UUID().uuidString)"
      let arguments =
        ["--profiles", "us,jp,cn", "--repeat", "2", "--settle", "0", "--jobs", "1", "--out", matrix]
        + ["--format", "json"]
      let command = ["--", "/bin/sh", "-c", "sleep 0.4; echo done; : \(word)"]
      let running = try folder.startEnvprobe(["matrix"] + arguments + command)
      let end = Date().addingTimeInterval(60)
      while Self.finished(matrix) < 2, Date() < end { usleep(10_000) }
      running.send(SIGKILL)
      #expect(try running.wait(deadline: 30).status == 137)
      #expect(Processes.areGone(word))
      let before = Self.finished(matrix)
      try #require(before >= 2 && before < 6)
      let kept = try Self.starts(matrix)

      let again = try folder.envprobe(["matrix"] + arguments + command)
      #expect(again.status == 2 && again.errorOutput.contains("--resume"), "\(again.errorOutput)")
      let other = try folder.envprobe(["matrix", "--resume"] + arguments + ["--", "/bin/true"])
      #expect(other.status == 2, "\(other.errorOutput)")

      let resumed = try folder.envprobe(["matrix", "--resume"] + arguments + command)
      #expect(resumed.status == 0, "\(resumed.errorOutput)")
      let report = try Envprobe.report(resumed)
      #expect(report.runs.count == 6 && report.runs.allSatisfy(\.complete) && report.conclusion == .same)
      let all = try Self.starts(matrix)
      #expect(kept.allSatisfy { all[$0.key] == $0.value }, "runs that had ended are not made again")
    }
  }

  /// When each whole run of a matrix began.
  private static func starts(_ matrix: String) throws -> [String: String] {
    var result: [String: String] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: matrix + "/runs") {
      if let manifest = try? BundleReader.readManifest("\(matrix)/runs/\(name)"), manifest.exit != nil {
        result[name] = manifest.started
      }
    }
    return result
  }

  @Test func anInterruptedMatrixSaysHowToGoOn() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let word = "interrupted-\(UUID().uuidString)"
      let running = try folder.startEnvprobe(
        ["matrix", "--profiles", "us,jp", "--out", folder.path + "/m", "--", "/bin/sh", "-c", "sleep 300; : \(word)"])
      let end = Date().addingTimeInterval(60)
      while Processes.holding("sleep 300; : \(word)").count < 2, Date() < end { usleep(10_000) }
      usleep(300_000)
      running.send(SIGINT)
      let result = try running.wait(deadline: 60)
      #expect(result.status == 2)
      #expect(result.errorOutput.contains("envprobe matrix --resume --out \(folder.path)/m"), "\(result.errorOutput)")
      #expect(Processes.areGone(word))
    }
  }

  /// Runs that were stopped are kept and marked, and no conclusion rests on them.
  @Test func runsThatTakeTooLongMakeAMatrixInconclusive() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let word = "slow-\(UUID().uuidString)"
      let result = try folder.envprobe(
        [
          "matrix", "--profiles", "us,jp", "--settle", "0", "--timeout", "1", "--out", folder.path + "/m",
          "--format", "json", "--",
          "/bin/sh",
          "-c", "echo begun; sleep 300; : \(word)",
        ])
      #expect(result.status == 2, "\(result.errorOutput)")
      let report = try Envprobe.report(result)
      #expect(report.conclusion == .inconclusive && report.runs.count == 4)
      #expect(report.runs.allSatisfy { $0.exit?.timedOut == true && !$0.complete })
      #expect(report.limits.contains { $0.contains("did not end by itself") })
      #expect(Processes.areGone(word))
    }
  }
}
