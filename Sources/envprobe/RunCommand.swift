import ArgumentParser
import EnvprobeMatrix
import EnvprobeModel
import EnvprobeRecorder
import EnvprobeReport
import EnvprobeSandbox

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a program in the sandbox and record it.",
    discussion: """
      The program runs as it would without envprobe: with this terminal, its signals and its exit status. It sees \
      the environment that the profile describes, a fresh HOME, and a copy-on-write view of this folder. Nothing \
      leaves this machine: answers come from a script. A summary follows on standard error; the record stays in a \
      folder, for 'envprobe show' and 'envprobe compare'.

      EXAMPLES
        envprobe run -- claude
        envprobe run --profile cn-gateway -- claude -p "say hi"
        envprobe run --profile us --set timezone=Asia/Shanghai --set env.DEBUG=1 -- date
        envprobe run --home overlay -- claude                       as it is configured here
        envprobe run --live --allow-host api.example.com -- claude  daily use under audit
      """)

  @Option(
    help: ArgumentHelp(
      "The profile: a bundled one's name, or a file. Without one: an ordinary machine.", valueName: "name"),
    completion: .profile)
  var profile: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A level on top of the profile; 'factor=' unsets it. Repeatable.", valueName: "factor=value"),
    completion: .setting)
  var settings: [String] = []

  @Option(
    help: ArgumentHelp(
      "The folder to make for the record (default: one in ~/.local/state/envprobe/runs).", valueName: "dir"),
    completion: .directory)
  var out: String?

  @Option(help: ArgumentHelp("Stop the program after so many seconds.", valueName: "seconds"))
  var timeout: Double?

  @Option(
    help: ArgumentHelp(
      "With --net live: a host that may be reached, such as api.example.com or *.example.com. Repeatable.",
      valueName: "host"))
  var allowHost: [String] = []

  enum Home: String, ExpressibleByArgument, CaseIterable { case fresh, overlay }

  @Option(
    help: ArgumentHelp(
      "HOME: fresh and empty, or overlay: your own with all its files, secrets included; changes are recorded and thrown away.",
      valueName: "which"))
  var home = Home.fresh

  @Option(
    help: ArgumentHelp(
      "Code of envprobe's in the program's language runtimes, for those that copy all variables when they start: auto (all there are), off, or some of bun, node, python. It names each variable with its place in the source. The program can see it: two more runs without it tell whether it behaves otherwise.",
      valueName: "which"))
  var hooks = HookChoice.off

  @Flag(help: "Daily use under audit: --net live and --home overlay.")
  var live = false

  @Flag(
    help: ArgumentHelp(
      "Record the secrets of TLS and the bytes below it, for 'export --as pcapng': whoever has the record can then read credentials, too."
    ))
  var tlsKeys = false

  @OptionGroup(title: "How runs are made") var recording: RecordingOptions
  @OptionGroup(title: "What is shown") var display: DisplayOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions

  @Argument(
    parsing: .postTerminator, help: "The program and its arguments, after '--'.",
    completion: .file())
  var command: [String] = []

  func validate() throws {
    if live, recording.net != .live, recording.net != .scripted {
      throw ValidationError("--live and --net \(recording.net.description) exclude each other.")
    }
    if net == .live, allowHost.isEmpty {
      throw ValidationError(
        "\(live ? "--live" : "--net live") needs the hosts that may be reached: --allow-host api.example.com")
    }
    if net != .live, !allowHost.isEmpty { throw ValidationError("--allow-host goes with --net live.") }
    if !hooks.hooks.isEmpty, recording.trace == .off {
      throw ValidationError("--hooks needs system calls: not --trace off.")
    }
    if command.isEmpty { throw ValidationError("Name the program to run after '--': envprobe run -- claude") }
    if let timeout, timeout <= 0 { throw ValidationError("--timeout must be more than 0 seconds.") }
  }

  private var net: NetworkChoice { live ? .live : recording.net }

  func run() throws {
    do {
      throw ExitCode(Int32(try record()))
    } catch {
      throw Failure.report(error, otherwise: .failed)
    }
  }

  /// Makes the run, prints the summary, and returns the status to end with.
  private func record() throws -> Int {
    let assignment = try chosenAssignment()
    var folder = OutputFolder(named: out, kind: "run", command: command)
    let ownHome = try live || home == .overlay ? OutputFolder.userHome() : nil
    let sandbox = try Sandbox()
    let subject = try SubjectReader.subject(command, in: sandbox)
    var settings = RunSettings(
      arguments: command, scenario: try recording.readScenario(),
      origin: try net.origin(allowing: allowHost), replayed: net.bundle,
      secrets: recording.secret, keepsTLSSecrets: tlsKeys,
      timeout: timeout, traceLevel: recording.trace,
      environmentReads: recording.envReads, clock: recording.clock == .host ? .host : .assigned,
      keepsChanges: recording.keepChanges,
      hidden: folder.hidden + OutputFolder.ownFolder + (ownHome == nil ? [] : OutputFolder.recordFolders),
      overlaidHome: ownHome, tool: ToolVersion.named)
    settings.hooks = hooks.hooks
    let executor = try RunExecutor(
      settings: settings, sandbox: sandbox, subject: subject,
      instants: assignment.clock.flatMap { Instant($0) }.map { [$0] } ?? [])
    defer { executor.shutdown() }
    try folder.prepare()
    if case .terminal = streams, net == .scripted, !display.quiet { Log.say(scriptedRemark) }
    let running = RunningRun()
    let signals = SignalForwarding { running.send(signal: $0) }
    defer { signals.end() }
    let manifest = try executor.run(
      PlannedRun(id: "run", profile: isProfile ? profile : nil, assignment: assignment, repetition: 1),
      bundle: folder.path, streams: streams, running: running)
    if !hooks.hooks.isEmpty {
      let check = HookCheck(settings: settings, sandbox: sandbox, subject: subject, assignment: assignment)
      for line in try check.differences(from: folder.path, isInteractive: isInteractive) {
        Log.say("envprobe: \(line)")
      }
    }
    Log.event(
      "recorded", ["folder": .text(folder.path), "status": .number(manifest.exit?.shellStatus ?? 0)])
    if !display.quiet, !Log.isJSON {
      let trace = try BundleReader.read(folder.path)
      Terminal.printError(
        RunSummary(trace, bundle: folder.shown)
          .text(options: Terminal.options(for: 2, color: display.color, verbosity: display.verbosity)))
    }
    return manifest.exit?.shellStatus ?? Int(ExitStatus.failed.code)
  }

  private var isInteractive: Bool { if case .terminal = streams { true } else { false } }

  /// Whether the levels are those of the profile and no others.
  private var isProfile: Bool {
    if case .instant = recording.clock { return false }
    return settings.isEmpty
  }

  private func chosenAssignment() throws -> Assignment {
    var assignment = try profile.map { try ProfileLibrary.standard.profile($0).assignment } ?? Assignment()
    for setting in settings { assignment.apply(try Setting(parsing: setting)) }
    if case .instant(let instant) = recording.clock { assignment.apply(try Setting(parsing: "clock=\(instant.text)")) }
    return assignment
  }

  /// What somebody who has begun a session should know before it puzzles them.
  private var scriptedRemark: String {
    let home = home == .fresh ? " and HOME is fresh" : ""
    let call = ["envprobe", "run", "--live", "--allow-host", "HOST", "--"] + command
    return "envprobe: answers are scripted\(home); to go live: \(ShellWord.join(call))"
  }

  /// A terminal is passed as a terminal; anything else piece by piece.
  private var streams: RunStreams {
    guard Terminal.isTerminal(0), Terminal.isTerminal(1) else { return .passedOn }
    // One that does not know its size is a terminal all the same.
    let size = Terminal.size(of: 1) ?? (columns: 80, rows: 24)
    return .terminal(columns: size.columns, rows: size.rows)
  }
}
