import EnvprobeModel
import EnvprobeRecorder
import EnvprobeReport
import EnvprobeTestSupport
import Foundation
import Testing

/// Hooks in real runtimes: each name that the program looks at is in the record with its place in the source.
@Suite(.asRoot) struct RuntimeHookTests {
  private struct Looked {
    var trace: Trace
    var errors: String
    var output: String

    var listing: TraceListing { TraceListing(trace) }
    func variable(_ name: String) -> TraceListing.AskedVariable? { listing.variables.first { $0.name == name } }
    var functions: Set<String> {
      Set(trace.events.compactMap { if case .runtimeCall(let call) = $0.payload { call.name } else { nil } })
    }
  }

  private static func record(_ command: [String], files: [String: String], options: [String]) throws -> Looked {
    let folder = try TestFolder()
    for (name, text) in files {
      let path = "\(folder.work)/\(name)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let bundle = "\(folder.path)/bundle"
    let result = try folder.execute(
      [Envprobe.path, "run", "--out", bundle, "--hooks", "auto", "--set", "env.PROBE_SET=1"] + options + ["--"]
        + command)
    #expect(result.status == 0, "\(result.errorOutput)")
    return Looked(
      trace: try BundleReader.read(bundle), errors: result.errorOutput, output: result.lines.joined(separator: "\n"))
  }

  private static func expectLooks(_ run: Looked, script: String) throws {
    let set = try #require(run.variable("PROBE_SET"))
    #expect(set.isSet == true && set.count >= 5)
    #expect(
      set.stack?.first?.contains("look") == true && set.stack?.first?.contains(script) == true, "\(set.stack ?? [])")
    let unset = try #require(run.variable("PROBE_UNSET"))
    #expect(unset.isSet == false)
    #expect(unset.readers.contains { $0.module?.hasSuffix(script) == true && $0.symbol == "look" && $0.count == 5 })
    #expect(run.listing.coverage.map(\.instrumentation.level) == [.hooked])
    // Its reports are no calls of the program's.
    #expect(!run.listing.asked.contains { $0.path.hasPrefix(RuntimeHook.reports) })
    #expect(run.trace.manifest.gaps.isEmpty)
    #expect(run.errors.contains("hooks: two runs without them show the same"), "\(run.errors)")
    let text = run.listing.text([.environment])
    #expect(text.contains("first in look ("))
  }

  @Test(.requires("node")) func nodeNamesLooksAtItsEnvironment() async throws {
    try await Turns.shared.run {
      let run = try Self.record(
        ["node", "a.js"],
        files: [
          "a.js": """
          function look() { return [process.env.PROBE_SET, process.env.PROBE_UNSET]; }
          for (let i = 0; i < 5; i++) look();
          const names = Object.keys(process.env);
          new Date().getTimezoneOffset(); Intl.DateTimeFormat().resolvedOptions(); require('os').hostname();
          process.env.PROBE_MADE = 'x';
          const child = require('child_process').execFileSync('/usr/bin/printenv', ['PROBE_MADE']);
          console.log(names.includes('PROBE_SET'), String(child).trim(), process.execArgv.length, 'x' in process.env);
          """
        ], options: ["--set", "env.NODE_OPTIONS=--no-warnings"])
      #expect(run.output == "true x 0 false")
      #expect(
        run.functions.isSuperset(of: ["Date.getTimezoneOffset", "Intl.DateTimeFormat.resolvedOptions", "os.hostname"]))
      // Enumerating names none; what is handed to a child is looked at one by one.
      #expect(run.variable("PATH")?.stack?.first?.contains("normalizeSpawnArguments") == true)
      let set = try #require(run.variable("PROBE_SET"))
      #expect(set.isSet == true)
      let unset = try #require(run.variable("PROBE_UNSET"))
      #expect(unset.readers.contains { $0.symbol == "look" && $0.count == 5 })
      #expect(unset.stack?.first?.contains("a.js:1:") == true)
      #expect(
        run.listing.coverage.contains { $0.instrumentation.level == .hooked && $0.instrumentation.runtime == "node" })
      #expect(run.errors.contains("hooks: two runs without them show the same"), "\(run.errors)")
    }
  }

  @Test(.requires("python3")) func pythonNamesLooksAtItsEnvironment() async throws {
    try await Turns.shared.run {
      let run = try Self.record(
        ["/usr/bin/python3", "a.py"],
        files: [
          "a.py": """
          import os, time, socket, locale
          def look(): return os.environ.get("PROBE_SET"), os.getenv("PROBE_UNSET")
          for _ in range(5): look()
          assert "PROBE_SET" in os.environ and os.environb[b"PROBE_SET"] == b"1"
          time.tzname, socket.gethostname(), locale.getlocale()
          try: os.environ["PROBE_NONE"]
          except KeyError as error: print(error.args[0], os.environ["OWN"])
          """,
          // The program's own comes after the hook.
          "own/sitecustomize.py": "import os\nos.environ['OWN'] = 'ran'\n",
        ], options: ["--set", "env.PYTHONPATH=own"])
      #expect(run.output == "PROBE_NONE ran")
      #expect(run.functions.isSuperset(of: ["time.tzname", "socket.gethostname", "locale.getlocale"]))
      try Self.expectLooks(run, script: "a.py")
    }
  }

  /// Without them nothing of envprobe's is in the program's environment.
  @Test func noHooksUnlessAskedFor() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let result = try folder.execute(
        [Envprobe.path, "run", "--quiet", "--out", "\(folder.path)/b", "--", "sh", "-c", "env; ls /etc/envprobe"])
      #expect(result.lines.contains { $0.hasPrefix("PATH=") })
      #expect(!result.lines.contains { $0.contains("/etc/envprobe") || $0.contains("_OPTIONS=") })
    }
  }

  @Test func aProgramThatReactsIsReported() async throws {
    try await Turns.shared.run {
      let run = try Self.record(["sh", "-c", "echo ${NODE_OPTIONS:+hooked}"], files: [:], options: [])
      #expect(run.output == "hooked")
      #expect(run.errors.contains("hooks: the program behaves otherwise for them"))
      #expect(run.errors.contains("stdout"))
    }
  }
}
