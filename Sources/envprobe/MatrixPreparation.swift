import EnvprobeCompare
import EnvprobeMatrix
import EnvprobeModel
import EnvprobeReport
import EnvprobeSandbox
import EnvprobeWire
import FoundationEssentials
import Glibc

/// A matrix that is decided and not begun: what program, which assignments, how often.
struct MatrixPreparation {
  let options: MatrixCommand
  let command: [String]
  let sandbox: Sandbox
  let subject: Subject
  let seed: UInt64
  /// `nil` for the built-in one.
  let scenarioText: String?
  private(set) var outline: MatrixOutline
  private(set) var time: (seconds: Double, basis: MatrixPlan.Estimate.Basis)?

  /// - Parameters:
  ///   - command: the program and its arguments.
  ///   - stored: what the matrix that is to be continued began with.
  init(
    _ options: MatrixCommand, command: [String], seed: UInt64, stored: JournalEntry.Header?
  ) async throws {
    self.options = options
    self.command = command
    self.seed = seed
    scenarioText = try options.recording.scenarioName.map { try Scenario.text(of: $0) }
    sandbox = try Sandbox()
    subject = try SubjectReader.subject(command, in: sandbox)
    let names = options.profiles?.split(separator: ",").map(String.init)
    let design = try options.design.makeDesign(profiles: names, seed: seed)
    outline = MatrixOutline(
      design: design, repeats: options.repeats, settling: Settling(quiet: options.effort.settle))
    let times = RunTimes(of: subject, trace: options.recording.trace.rawValue)
    time = times.typical.map { ($0, .stored) }
    let needsTime = !options.effort.dryRun || options.effort.budget != nil
    if time == nil, needsTime, stored == nil {
      let seconds = try await probe(design.baseline)
      times.keep(seconds)
      time = (seconds, .probe)
    }
    guard let limit = options.effort.budget?.seconds, let time else { return }
    if let stored {
      // The budget was spent on another estimate then; what was planned holds.
      outline.design = stored.identity.design
      outline.repeats = stored.repeats
      return
    }
    outline = try Budget(seconds: limit, run: time.seconds, jobs: jobs).fit(outline) { kind, count in
      try options.design.makeDesign(profiles: names, seed: seed, kind: kind, atMost: count)
    }
  }

  var jobs: Int { options.jobs ?? max(1, ProcessInfo.processInfo.activeProcessorCount) }

  var plan: MatrixPlan {
    outline.plan(
      tool: ToolVersion.named, subject: subject, seed: seed, jobs: jobs, time: time,
      budget: options.effort.budget?.seconds)
  }

  func executor(for design: Design, hidden: [String], redactionKey: [UInt8]) throws -> RunExecutor {
    let recording = options.recording
    return try RunExecutor(
      settings: RunSettings(
        arguments: command,
        scenario: try scenarioText.map { try Scenario.chosen(recording.scenarioName!, text: $0) },
        origin: try recording.net.origin(), replayed: recording.net.bundle, secrets: recording.secret,
        timeout: options.timeout, traceLevel: recording.trace, environmentReads: recording.envReads,
        keepsChanges: recording.keepChanges, locales: design.locales, hidden: hidden, redactionKey: redactionKey,
        tool: ToolVersion.named),
      sandbox: sandbox, subject: subject)
  }

  func identity() throws -> MatrixIdentity {
    let recording = options.recording
    return MatrixIdentity(
      tool: ToolVersion.named, subject: subject, design: outline.design,
      scenario: scenarioText.map {
        .init(name: recording.scenarioName!, sha256: SubjectReader.digest(of: Array($0.utf8)))
      },
      options: [
        "--trace": recording.trace.rawValue, "--env-reads": recording.envReads.rawValue,
        "--net": recording.net.description,
        "working directory": FileManager.default.currentDirectoryPath,
      ])
  }

  /// Keeps how long the runs took for the next plan.
  func keepTime(of folder: MatrixFolder) {
    guard let seconds = try? folder.typicalSeconds() else { return }
    RunTimes(of: subject, trace: options.recording.trace.rawValue).keep(seconds)
  }

  /// Seconds of one run, made to learn how long it takes, and thrown away.
  private func probe(_ arm: Design.Arm) async throws -> Double {
    let folder = "\(FileManager.default.temporaryDirectory.path)/envprobe-time-\(getpid())-\(seed)"
    let executor = try executor(
      for: Design(profiles: [arm]), hidden: [folder], redactionKey: RunSettings.randomKey())
    defer {
      executor.shutdown()
      try? FileManager.default.removeItem(atPath: folder)  // it holds nothing that anybody wants
    }
    let start = ContinuousClock.now
    _ = try await executor.execute(
      PlannedRun(id: "time", profile: nil, assignment: arm.assignment, repetition: 1), bundle: folder)
    let duration = ContinuousClock.now - start
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}
