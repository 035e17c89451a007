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
        envprobe matrix --design pairwise --budget 10m -- ./agent
        envprobe matrix --profiles cn-gateway --sweep timezone=all -- ./agent
        envprobe matrix --design t=3 --dry-run -- ./agent             what would run, and for how long
        envprobe matrix --subject 1.0=./agent-1.0 --subject 1.1=./agent-1.1 -- agent -p hi
        envprobe matrix --out audit --resume -- claude -p "say hi"     continue what was interrupted
        envprobe matrix --format json -- ./agent > report.json
        envprobe matrix --format text,sarif=report.sarif,html=report.html -- ./agent
      """)

  @Option(
    help: ArgumentHelp(
      "Profiles to compare, the baseline first: names or files, separated by commas (default: \(ProfileLibrary.defaultMatrix.joined(separator: ","))).",
      valueName: "a,b,..."),
    completion: .profiles)
  var profiles: String?

  @Option(
    name: .customLong("repeat"),
    help: ArgumentHelp("How often each assignment runs at first (default: 2; 1 in a sweep).", valueName: "n"))
  var repetitions: Int?

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
      "Which findings decide the exit status: geographic (and undetermined) ones, timing too, or any.",
      valueName: "class"))
  var failOn = Report.Deciding.geographic

  @OptionGroup(title: "Versions") var versions: SubjectOptions
  @OptionGroup(title: "How levels are combined") var design: DesignOptions
  @OptionGroup(title: "How much is done") var effort: EffortOptions
  @OptionGroup(title: "How runs are made") var recording: RecordingOptions
  @OptionGroup(title: "The report") var reporting: ReportOptions
  @OptionGroup(title: "What is shown") var display: DisplayOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions

  @Argument(
    parsing: .postTerminator, help: "The program and its arguments, after '--'.",
    completion: .file())
  var command: [String] = []

  /// A sweep is one run of each level, and repeats where it matters.
  var repeats: Int {
    repetitions ?? effort.power.map(DetectionPower.screeningRuns(for:)) ?? (design.sweep == nil ? 2 : 1)
  }

  func validate() throws {
    if recording.net == .live {
      throw ValidationError(
        "A matrix needs the same answers in every run: record them with 'envprobe run --net live --out DIR', and use "
          + "--net replay=DIR.")
    }
    if command.isEmpty {
      throw ValidationError("Name the program to run after '--': envprobe matrix -- claude -p \"say hi\"")
    }
    if let repetitions, repetitions < 1 { throw ValidationError("--repeat must be at least 1.") }
    if repetitions != nil, effort.power != nil {
      throw ValidationError("--power chooses the repeats; leave out --repeat.")
    }
    if effort.dryRun, let other = reporting.outputs.first(where: { $0 != .init(.text) && $0 != .init(.json) }) {
      throw ValidationError("--dry-run prints a plan as text or json, not \(other.description).")
    }
    if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1.") }
    if timeout <= 0 { throw ValidationError("--timeout must be more than 0 seconds.") }
    if resume, out == nil { throw ValidationError("--resume needs --out with the folder of the interrupted matrix.") }
  }

  func run() async throws {
    try await Failure.catching(otherwise: .inconclusive) {
      try reporting.prepare()
      var folder = OutputFolder(named: out, kind: "matrix", command: command)
      let report: Report?
      if versions.subjects.isEmpty {
        report = try await makeReport(of: command, in: &folder)
      } else {
        report = try await makeReportOfVersions(in: &folder)
      }
      guard let report else { return }
      try Data(try JSONReport.encode(report).utf8).write(
        to: URL(filePath: MatrixFolder(path: folder.path).reportPath), options: .atomic)
      let accepted = try reporting.accepting(report, display: display)
      try reporting.give(accepted, folder: folder.path, display: display)
      if reporting.outputs.contains(ReportOutput(.text)), !display.quiet { Log.say("\nevidence: \(folder.shown)") }
      throw ExitCode(Self.status(of: accepted).code)
    }
  }

  /// The report of one program; `nil` where only its plan was asked for.
  private func makeReport(of command: [String], in folder: inout OutputFolder) async throws -> Report? {
    let prepared = try await prepare(command, in: MatrixFolder(path: folder.path))
    if effort.dryRun { return nil }
    try folder.prepare()
    return try await makeReport(of: prepared, in: MatrixFolder(path: folder.path), of: folder)
  }

  /// Every version has a matrix of its own in a folder of its name; a joint report says which versions show what.
  private func makeReportOfVersions(in folder: inout OutputFolder) async throws -> Report? {
    let subjects = versions.subjects
    let search = VersionSearch(count: subjects.count)
    let seed = seed ?? UInt64.random(in: 1...999_999)
    var reports: [Int: Report] = [:]
    if !effort.dryRun { try folder.prepare() }
    while true {
      let known = reports.mapValues { Set($0.findings.filter { $0.verdict == .unexplained }.map(\.id)) }
      let next = versions.bisect ? search.next(known) : subjects.indices.first { reports[$0] == nil }
      guard let next else { break }
      let subject = subjects[next]
      if !display.quiet { Log.say("envprobe: \(subject.name): \(subject.path)") }
      let own = MatrixFolder(path: "\(folder.path)/\(subject.name)")
      let prepared = try await prepare([subject.path] + command.dropFirst(), in: own, seed: seed)
      // The plan is the same for all.
      if effort.dryRun { return nil }
      let report = try await makeReport(of: prepared, in: own, of: folder)
      try Data(try JSONReport.encode(report).utf8).write(to: URL(filePath: own.reportPath), options: .atomic)
      reports[next] = report
    }
    let versions = reports.keys.sorted().map { VersionedReport.Version(name: subjects[$0].name, report: reports[$0]!) }
    return VersionedReport(versions, all: subjects.map(\.name)).report
  }

  /// - Parameter shared: the seed of all versions.
  private func prepare(
    _ command: [String], in folder: MatrixFolder, seed shared: UInt64? = nil
  ) async throws -> MatrixPreparation {
    // Covering arrays come from the seed: an interrupted matrix is continued with its own.
    let stored = resume ? try folder.storedHeader() : nil
    let prepared = try await MatrixPreparation(
      self, command: command, seed: stored?.seed ?? shared ?? seed ?? UInt64.random(in: 1...999_999), stored: stored)
    try show(prepared.plan)
    return prepared
  }

  /// - Parameter folder: what the program must not see, and where people find the evidence.
  private func makeReport(
    of prepared: MatrixPreparation, in matrixFolder: MatrixFolder, of folder: OutputFolder
  ) async throws -> Report {
    let resumes = resume && matrixFolder.hasJournal
    let executor = try prepared.executor(
      for: prepared.outline.design, hidden: folder.hidden + OutputFolder.ownFolder,
      redactionKey: try matrixFolder.redactionKey(isNew: !resumes))
    defer { executor.shutdown() }
    if !matrixFolder.hasJournal {
      let scenario = try prepared.scenarioText ?? Scenario.text(of: Scenario.hello.name)
      try matrixFolder.keepInputs(prepared.outline.design, scenario: scenario, tool: try SubjectReader.tool())
    }
    let runner = MatrixRunner(
      identity: try prepared.identity(), folder: matrixFolder, executor: executor,
      options: .init(
        jobs: prepared.jobs, repeats: prepared.outline.repeats, seed: prepared.seed, resumes: resumes,
        deciding: failOn, limits: prepared.outline.limits,
        settling: prepared.outline.settling, rareRepeats: effort.rareRepeats))
    defer { prepared.keepTime(of: matrixFolder) }
    return try await whileInterruptible(folder: folder) {
      let progress = ProgressDisplay(isQuiet: display.quiet)
      defer { progress.end() }
      return try await runner.run { progress.show($0) }
    }
  }

  /// The plan, before anything runs: on standard output where it is all that is asked for.
  private func show(_ plan: MatrixPlan) throws {
    guard effort.dryRun else {
      if display.quiet { return }
      if Log.isJSON {
        return Log.event("plan", ["runs": .number(plan.runs.count), "seed": .text("\(plan.design.seed)")])
      }
      return Terminal.printError(PlanReport(plan).text(options: Terminal.options(for: 2, color: display.color)))
    }
    let report = PlanReport(plan)
    let isJSON = reporting.outputs.contains(ReportOutput(.json))
    Terminal.print(
      isJSON
        ? try report.json()
        : report.text(options: Terminal.options(for: 1, color: display.color, verbosity: display.verbosity)))
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
