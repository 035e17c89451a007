import ArgumentParser
import EnvprobeCompare
import EnvprobeMatrix
import EnvprobeModel
import EnvprobeReport
import EnvprobeSandbox
import EnvprobeWire
import FoundationEssentials
import Glibc

struct MatrixCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "matrix", abstract: "Run a program under many profiles and report what differs, and why.",
    discussion: """
      Every profile runs several times, interleaved. What differs between profiles, and not within one, and does not \
      follow from a profile's own values is then traced to its cause by further runs that mix the profiles. The exit \
      status says whether something was found: 0 nothing, 1 a finding that decides (--fail-on), 2 not enough evidence.

      EXAMPLES
        envprobe matrix -- claude -p "say hi"
        envprobe matrix --profiles us,cn-gateway,sg-gateway --repeat 3 --jobs 4 -- ./agent
        envprobe matrix --out audit --resume -- claude -p "say hi"     continue what was interrupted
        envprobe matrix --format json -- ./agent > report.json
        envprobe matrix --format text,sarif=report.sarif,html=report.html -- ./agent
      """)

  enum FailOn: String, ExpressibleByArgument, CaseIterable { case geographic, any }

  @Option(
    help: ArgumentHelp(
      "Profiles to compare, the baseline first: names or files, separated by commas (default: \(ProfileLibrary.defaultMatrix.joined(separator: ","))).",
      valueName: "a,b,..."),
    completion: .profiles)
  var profiles: String?

  @Option(name: .customLong("repeat"), help: ArgumentHelp("How often each profile runs at first.", valueName: "n"))
  var repetitions = 2

  @Option(help: ArgumentHelp("How many runs may go on at once (default: one per processor).", valueName: "n"))
  var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "The folder for the runs and the report (default: one in ~/.local/state/envprobe/matrices).", valueName: "dir"),
    completion: .directory)
  var out: String?

  @Flag(help: "Continue the interrupted matrix in the folder --out.")
  var resume = false

  @Option(help: ArgumentHelp("Stop a run after so many seconds.", valueName: "seconds"))
  var timeout = 120.0

  @Option(help: ArgumentHelp("The seed of the order of runs (default: by chance).", valueName: "n"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Which findings decide the exit status: geographic (and undetermined) ones, or any.", valueName: "class"))
  var failOn = FailOn.geographic

  @OptionGroup(title: "How levels are combined") var design: DesignOptions
  @OptionGroup(title: "How runs are made") var recording: RecordingOptions
  @OptionGroup(title: "The report") var reporting: ReportOptions
  @OptionGroup(title: "What is shown") var display: DisplayOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions

  @Argument(
    parsing: .postTerminator, help: "The program and its arguments, after '--'.",
    completion: .file())
  var command: [String] = []

  func validate() throws {
    if recording.net == .live {
      throw ValidationError(
        "A matrix needs the same answers in every run: record them with 'envprobe run --net live --out DIR', and use "
          + "--net replay=DIR.")
    }
    if command.isEmpty {
      throw ValidationError("Name the program to run after '--': envprobe matrix -- claude -p \"say hi\"")
    }
    if repetitions < 1 { throw ValidationError("--repeat must be at least 1.") }
    if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1.") }
    if timeout <= 0 { throw ValidationError("--timeout must be more than 0 seconds.") }
    if resume, out == nil { throw ValidationError("--resume needs --out with the folder of the interrupted matrix.") }
  }

  func run() async throws {
    try await Failure.catching(otherwise: .inconclusive) {
      try reporting.prepare()
      var folder = OutputFolder(named: out, kind: "matrix", command: command)
      let report = try await makeReport(in: &folder)
      try Data(try JSONReport.encode(report).utf8).write(
        to: URL(filePath: MatrixFolder(path: folder.path).reportPath), options: .atomic)
      try reporting.give(report, folder: folder.path, display: display)
      if reporting.outputs.contains(ReportOutput(.text)), !display.quiet { Log.say("\nevidence: \(folder.shown)") }
      throw ExitCode(Self.status(of: report).code)
    }
  }

  private func makeReport(in folder: inout OutputFolder) async throws -> Report {
    // Covering arrays come from the seed: an interrupted matrix is continued with its own.
    let stored = resume ? try MatrixFolder(path: folder.path).storedSeed() : nil
    let seed = stored ?? seed ?? UInt64.random(in: 1...999_999)
    let design = try self.design.makeDesign(
      profiles: profiles?.split(separator: ",").map(String.init), seed: seed)
    let sandbox = try Sandbox()
    let subject = try SubjectReader.subject(command, in: sandbox)
    try folder.prepare()
    let matrixFolder = MatrixFolder(path: folder.path)
    let clock = try chosenClock(for: design, in: matrixFolder)
    let scenarioText = try recording.scenarioName.map { try Scenario.text(of: $0) }
    let identity = MatrixIdentity(
      tool: ToolVersion.named, subject: subject, design: design,
      scenario: scenarioText.map {
        .init(name: recording.scenarioName!, sha256: SubjectReader.digest(of: Array($0.utf8)))
      },
      options: [
        "--trace": recording.trace.rawValue, "--env-reads": recording.envReads.rawValue,
        "--net": recording.net.description, Self.clockOption: clock.text,
        "working directory": FileManager.default.currentDirectoryPath,
      ])
    let executor = try RunExecutor(
      settings: RunSettings(
        arguments: command,
        scenario: try scenarioText.map { try Scenario.chosen(recording.scenarioName!, text: $0) },
        origin: try recording.net.origin(), replayed: recording.net.bundle, secrets: recording.secret,
        timeout: timeout, traceLevel: recording.trace,
        environmentReads: recording.envReads, clock: runClock(clock),
        keepsChanges: recording.keepChanges, locales: design.locales, hidden: folder.hidden,
        redactionKey: try matrixFolder.redactionKey(isNew: !resume), tool: ToolVersion.named),
      sandbox: sandbox, subject: subject, instants: Self.instants(of: design, clock))
    defer { executor.shutdown() }
    if !matrixFolder.hasJournal {
      let scenario = try scenarioText ?? Scenario.text(of: Scenario.hello.name)
      try matrixFolder.keepInputs(design, scenario: scenario, tool: try SubjectReader.tool())
    }
    let runner = MatrixRunner(
      identity: identity, folder: matrixFolder, executor: executor,
      options: .init(
        jobs: jobs ?? max(1, ProcessInfo.processInfo.activeProcessorCount), repeats: repetitions,
        seed: seed, resumes: resume, deciding: failOn == .any ? .any : .geographic))
    return try await whileInterruptible(folder: folder) {
      let progress = ProgressDisplay(isQuiet: display.quiet)
      defer { progress.end() }
      return try await runner.run { progress.show($0) }
    }
  }

  private static let clockOption = "--clock"

  /// What the user chose; without that, what the interrupted matrix has, or today at an hour that suits the profiles.
  private func chosenClock(for design: Design, in folder: MatrixFolder) throws -> ClockChoice {
    if let clock = recording.clock { return clock }
    if resume, let stored = try folder.storedOption(Self.clockOption).flatMap(ClockChoice.init(argument:)) {
      return stored
    }
    return .instant(try RunClock.sharedInstant(of: design, now: Int64(Date().timeIntervalSince1970)))
  }

  private func runClock(_ choice: ClockChoice) -> RunClock {
    switch choice {
    case .host: .host
    case .instant(let instant): .shared(instant, isRequired: recording.clock != nil)
    }
  }

  private static func instants(of design: Design, _ choice: ClockChoice) -> [Instant] {
    var result = design.arms.compactMap { $0.assignment.clock.flatMap { Instant($0) } }
    if case .instant(let instant) = choice { result.append(instant) }
    return result
  }

  /// Ctrl-C and the like end the matrix after the runs that are going on have been stopped.
  private func whileInterruptible(
    folder: OutputFolder, _ body: @escaping @Sendable () async throws -> Report
  ) async throws -> Report {
    let task = Task { try await body() }
    let signals = SignalForwarding([SIGINT, SIGTERM, SIGHUP]) { _ in task.cancel() }
    defer { signals.end() }
    do {
      return try await task.value
    } catch is CancellationError {
      Log.say(
        """
        envprobe: stopped; the runs that had ended are kept in \(folder.shown)
        hint: continue with: \(ShellWord.join(resumption(folder)))
        """)
      throw ExitStatus.inconclusive.exitCode
    }
  }

  /// The call that continues this one: as it was typed, with the folder of the matrix.
  private func resumption(_ folder: OutputFolder) -> [String] {
    let words = Invocation(Array(CommandLine.arguments.dropFirst())).without(option: "out", flag: "resume")
    return ["envprobe", "matrix", "--resume", "--out", folder.path] + words.dropFirst()
  }

  static func status(of report: Report) -> ExitStatus {
    switch report.conclusion {
    case .same: .same
    case .different: .different
    case .inconclusive: .inconclusive
    }
  }
}
