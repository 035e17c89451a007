import EnvprobeModel
import EnvprobeRecorder
import EnvprobeReport
import EnvprobeTestSupport
import Foundation
import Testing

/// Programs of every runtime under `envprobe run`: what they print that they asked for is what the bundle holds.
@Suite(.asRoot, .enabled(if: EnvironmentReadRecorder.isSupported, "needs x86-64"))
struct EnvironmentReadRunTests {
  private struct Recorded {
    var result: CommandResult
    var trace: Trace

    /// `NAME=set` and `NAME=unset` of what is called `PROBE_…`.
    var asked: Set<String> {
      Set(
        reads.map { "\($0.name.value!.displayText)=\($0.isSet.map { $0 ? "set" : "unset" } ?? "unknown")" }
          .filter { $0.hasPrefix("PROBE_") })
    }
    var printed: Set<String> { Set(result.lines.filter { $0.hasPrefix("PROBE_") }) }
    var reads: [EnvironmentRead] {
      trace.events.compactMap { if case .environmentRead(let read) = $0.payload { read } else { nil } }
    }
    /// The last word on each program that was run.
    var levels: [ProcessInstrumentation] {
      TraceListing(trace).coverage.map(\.instrumentation)
    }
    var calls: Set<String> {
      Set(trace.events.compactMap { if case .syscall(let call) = $0.payload { call.name } else { nil } })
    }
  }

  private static func record(
    _ command: [String], in folder: TestFolder, _ options: [String] = [], under tracer: [String] = []
  ) throws -> Recorded {
    let bundle = "\(folder.path)/bundle-\(UUID().uuidString.prefix(8))"
    let words =
      tracer + [Envprobe.path, "run", "--quiet", "--out", bundle, "--set", "env.PROBE_SET=1"] + options + ["--"]
      + command
    let result = try folder.execute(words)
    return Recorded(result: result, trace: try BundleReader.read(bundle))
  }

  private static let names = ["PROBE_SET", "PROBE_UNSET", "PROBE_SET"]

  static let precise: [Probes.Recipe] = [
    Probes.dynamicC, Probes.staticC, Probes.staticPIE, Probes.musl, Probes.dynamicMusl, Probes.rust, Probes.go,
    Probes.strippedGo,
  ]

  @Test(.requires("gcc", "musl-gcc", "rustc", "go"), arguments: precise)
  func theBundleAgreesWithTheProgram(recipe: Probes.Recipe) async throws {
    let program = try Probes.build(recipe)
    try await Turns.shared.run {
      let folder = try TestFolder()
      let run = try Self.record([program, "names"] + Self.names, in: folder)
      #expect(run.result.errorOutput == "")
      #expect(run.printed.isSuperset(of: ["PROBE_SET=set", "PROBE_UNSET=unset"]))
      #expect(run.asked == run.printed)
      #expect(run.levels.map(\.level) == [.precise], "\(run.levels)")
      #expect(run.trace.manifest.complete && run.trace.manifest.gaps.isEmpty)
      let set = TraceListing(run.trace).variables.first { $0.name == "PROBE_SET" }
      #expect(set?.count == 2)
      #expect(set?.source == .factor(.variable("PROBE_SET")))
      #expect(set?.pids == [2])
      // What the recorder makes the program do is not the program's doing.
      #expect(!run.calls.contains("memfd_create"))
    }
  }

  static let copiers: [(command: [String], runtime: String)] = [
    (
      ["/usr/bin/python3", "-c", "import os; print('PROBE_SET=' + ('set' if 'PROBE_SET' in os.environ else 'unset'))"],
      "python"
    ),
    (["bash", "-c", "echo PROBE_SET=${PROBE_SET:+set}"], "bash"),
    (["perl", "-e", "print 'PROBE_SET=', $ENV{PROBE_SET} ? 'set' : 'unset', \"\\n\""], "perl"),
    (["node", "-e", "console.log('PROBE_SET=' + ({...process.env}.PROBE_SET ? 'set' : 'unset'))"], "node"),
  ]

  @Test(.requires("python3", "bash", "perl", "node"), arguments: copiers.indices)
  func whoCopiesIsSaidToCopy(index: Int) async throws {
    try await Turns.shared.run {
      let (command, runtime) = Self.copiers[index]
      let folder = try TestFolder()
      let run = try Self.record(command, in: folder)
      #expect(run.printed == ["PROBE_SET=set"])
      #expect(run.levels.last?.level == .bulkCopy)
      #expect(run.levels.last?.runtime == runtime)
      #expect(run.trace.manifest.gaps.isEmpty)
      #expect(TraceListing(run.trace).text([.environment]).contains("  bulk-copy  process 2"))
      #expect(RunSummary(run.trace, bundle: nil).text().contains("could use any variable unseen"))
    }
  }

  @Test(.requires("node")) func nodeIsPreciseUntilItEnumerates() async throws {
    try await Turns.shared.run {
      let script = "for (const n of process.argv.slice(1)) console.log(n + '=' + (n in process.env ? 'set' : 'unset'))"
      let run = try Self.record(["node", "-e", script] + Self.names, in: try TestFolder())
      #expect(run.asked == run.printed)
      #expect(run.printed == ["PROBE_SET=set", "PROBE_UNSET=unset"])
      #expect(run.levels.last?.level == .precise)
    }
  }

  @Test(.requires("java", "javac")) func javaIsSaidToCopy() async throws {
    let classes = try Probes.buildJava()
    try await Turns.shared.run {
      let folder = try TestFolder()
      try FileManager.default.copyItem(atPath: classes + "/Probe.class", toPath: folder.work + "/Probe.class")
      let run = try Self.record(["java", "-cp", folder.work, "Probe", "names"] + Self.names, in: folder)
      #expect(run.printed == ["PROBE_SET=set", "PROBE_UNSET=unset"])
      #expect(run.levels.last?.level == .bulkCopy && run.levels.last?.runtime == "java")
    }
  }

  @Test(.requires("gcc"), arguments: TraceLevel.allCases)
  func everyTraceLevelHasThem(level: TraceLevel) async throws {
    let program = try Probes.build(Probes.dynamicC)
    try await Turns.shared.run {
      let folder = try TestFolder()
      let run = try Self.record([program, "names"] + Self.names, in: folder, ["--trace", level.rawValue])
      #expect(run.asked == run.printed && !run.asked.isEmpty)
      #expect(run.levels.map(\.level) == [.precise])
      #expect(run.calls.isEmpty == (level == .off))
      #expect(run.calls.contains("mmap") == (level == .full), "at the full level the mapping of libraries, too")
      #expect(!run.calls.contains("memfd_create"))
      // The control: with nobody to follow it nothing is known, and nothing is said to be.
      let control = try Self.record(
        [program, "names"] + Self.names, in: folder, ["--trace", level.rawValue, "--env-reads", "off"])
      #expect(control.printed == run.printed)
      #expect(control.reads.isEmpty && control.levels.isEmpty && control.trace.manifest.gaps.isEmpty)
    }
  }

  @Test(.requires("gcc")) func followsEverythingThatIsCreated() async throws {
    let program = try Probes.build(Probes.dynamicC)
    for mode in [["fork"], ["clone3"], ["threads", "100"], ["thread-exec"]] {
      try await Turns.shared.run {
        let run = try Self.record([program] + mode, in: try TestFolder())
        // What asks all the time is not printed.
        #expect(run.asked.subtracting(["PROBE_SPIN=unset"]) == run.printed && !run.printed.isEmpty, "\(mode)")
        #expect(run.trace.manifest.gaps.isEmpty)
      }
    }
  }

  /// A host that forbids to trace: here because somebody else does already.
  @Test(.requires("strace")) func aProgramThatCannotBeFollowedRunsAllTheSame() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let tracer = ["/usr/bin/strace", "-f", "-o", folder.path + "/calls", "-e", "trace=none"]
      let run = try Self.record(["/bin/sh", "-c", "echo PROBE_SET=set"], in: folder, under: tracer)
      #expect(run.printed == ["PROBE_SET=set"])
      #expect(run.result.status == 0)
      let gap = try #require(run.trace.manifest.gaps.first)
      #expect(gap.kind == .environmentReads)
      #expect(gap.detail.hasPrefix("cannot follow the program: Operation not permitted (EPERM); "))
      #expect(run.reads.isEmpty)
      #expect(!run.calls.isEmpty)
    }
  }

  /// What is asked for is itself behaviour.
  @Test(.requires("gcc")) func aReadThatDependsOnThePlaceIsFound() async throws {
    let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Probe/picky.c").path
    try await Turns.shared.run {
      let folder = try TestFolder()
      let program = folder.work + "/picky"
      #expect(try folder.execute(["/usr/bin/env", "gcc", "-O1", "-o", program, source]).status == 0)
      let arguments = [
        "matrix", "--profiles", "us,jp,cn", "--out", folder.path + "/matrix", "--format", "json", "--quiet",
      ]
      let result = try folder.envprobe(arguments + ["--", program])
      #expect(result.status == 1, "\(result.errorOutput)")
      let finding = try #require(try Envprobe.report(result).geographic.first)
      #expect(finding.channel == .env && finding.location == "PICKY_GATEWAY asked for")
      #expect(finding.causeSets == [[.timezone]])
      let off = try folder.envprobe(
        [
          "matrix", "--profiles", "us,jp,cn", "--env-reads", "off", "--quiet", "--out", folder.path + "/off", "--",
          program,
        ])
      #expect(off.status == 0, "\(off.output)")
    }
  }
}
