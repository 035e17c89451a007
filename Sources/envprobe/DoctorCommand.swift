import ArgumentParser
import EnvprobeMatrix
import EnvprobeModel
import EnvprobeReport
import EnvprobeSandbox
import FoundationEssentials
import Glibc

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Find out whether this machine has what envprobe needs.",
    discussion: """
      Every feature of the kernel is tried by a child that does nothing else, every tool and file is looked for, and \
      at last a small program is run and recorded. What does not work is listed with what that costs and how to \
      enable it. Run it in the folder, and as the user, in which you want to use envprobe: both matter.

      EXAMPLES
        envprobe doctor
        envprobe doctor --quiet                       only what is not as it should be
        envprobe doctor --json | jq '.checks[] | select(.status != "works")'
        envprobe doctor --quiet || exit 1             in a CI job, before the matrix
      """)

  @Flag(help: "As JSON, schema \(Examination.currentSchema).")
  var json = false

  @OptionGroup(title: "What is shown") var display: DisplayOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions

  func run() throws {
    do {
      let checks = HostCheck.all + [Self.recordsFolder]
      var results = checks.map { $0.result() }
      // What is missing is told once: a run that needs it would only say so again, in other words.
      results.append(
        results.contains { $0.isBlocking }
          ? Self.wholeRun { .unneeded("not tried, as something that it needs is missing") }.result()
          : Self.wholeRun(Self.runProgram).result())
      let examination = Examination(tool: ToolVersion.named, host: HostCheck.hostDescription(), checks: results)
      let text = ExaminationText(examination)
      Terminal.print(
        json
          ? try text.json()
          : text.text(options: Terminal.options(for: 1, color: display.color, verbosity: display.verbosity)))
      if !examination.isReady { throw ExitStatus.notReady.exitCode }
    } catch {
      throw Failure.report(error, otherwise: .inconclusive)
    }
  }

  private static let recordsFolder = HostCheck(
    "records", .room, "room for records", cost: "runs cannot be kept without --out"
  ) {
    let folder = OutputFolder(named: nil, kind: "run", command: ["doctor"])
    do {
      try folder.makeParent()
      let parent = String(folder.path[..<folder.path.lastIndex(of: "/")!])
      guard access(parent, W_OK | X_OK) == 0 else {
        return .missing("\(parent): \(String(cString: strerror(errno)))", remedy: "set XDG_STATE_HOME, or use --out")
      }
      return try HostCheck.space(in: parent, least: 64 << 20, comfortable: 1 << 30)
    } catch {
      return .missing("\(error)", remedy: "set XDG_STATE_HOME, or use --out")
    }
  }

  private static func wholeRun(_ examine: @escaping @Sendable () -> HostCheck.Outcome) -> HostCheck {
    HostCheck("run", .trial, "a program run and recorded", cost: "no program can be run", examine: examine)
  }

  /// Runs the smallest program there is under a profile, as `run` would, and reads its record.
  @Sendable private static func runProgram() -> HostCheck.Outcome {
    let folder = "/tmp/envprobe-doctor-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }  // in /tmp it is in nobody's way
    do {
      let command = ["true"]
      let sandbox = try Sandbox()
      let executor = try RunExecutor(
        settings: RunSettings(arguments: command, timeout: 30, tool: ToolVersion.named), sandbox: sandbox,
        subject: try SubjectReader.subject(command, in: sandbox))
      defer { executor.shutdown() }
      let assignment = try ProfileLibrary.standard.profile(ProfileLibrary.defaultMatrix[0]).assignment
      let clock = ContinuousClock()
      var manifest: RunManifest?
      let duration = try clock.measure {
        manifest = try executor.run(
          PlannedRun(id: "doctor", profile: nil, assignment: assignment, repetition: 1), bundle: folder,
          streams: .detached)
      }
      guard let manifest else { return .missing("no record", remedy: nil) }
      let status = manifest.exit?.shellStatus
      guard status == 0 else {
        return .missing("'true' ended with \(status.map(String.init) ?? "no status")", remedy: nil)
      }
      let events = manifest.counts.values.reduce(0, +)
      guard manifest.complete, events > 0 else {
        return .missing(
          "\(events) events, with gaps: \(manifest.gaps.map { "\($0)" }.joined(separator: "; "))", remedy: nil)
      }
      return .works("\(events) events in \(duration.formatted), without a gap")
    } catch let error as LaunchError {
      return .missing("\(error)", remedy: error.hint)
    } catch {
      return .missing("\(error)", remedy: nil)
    }
  }
}

extension Duration {
  fileprivate var formatted: String {
    let (seconds, attoseconds) = components
    return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000) ms"
  }
}
