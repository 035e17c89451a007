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
  /// What the clock of the runs shows.
  private var clock: ClockChoice
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
    let design = try options.design.makeDesign(profiles: names, seed: seed, program: subject.executable.path)
    outline = MatrixOutline(
      design: design, repeats: options.repeats, settling: Settling(quiet: options.effort.settle))
    clock = try Self.clock(options, stored: stored, design: design)
    let times = RunTimes(of: subject, trace: options.recording.trace.rawValue)
    time = times.typical.map { ($0, .stored) }
    // Without a budget nothing depends on it: the first matrix of a program tells how long its runs take.
    if time == nil, options.effort.budget != nil, stored == nil {
      let seconds = try await probe(design.baseline)
      times.keep(seconds)
      time = (seconds, .probe)
    }
    try fitToBudget(names: names, stored: stored)
    clock = try Self.clock(options, stored: stored, design: outline.design)
  }

  private mutating func fitToBudget(names: [String]?, stored: JournalEntry.Header?) throws {
    guard let limit = options.effort.budget?.seconds, let time else { return }
    if let stored {
      // The budget was spent on another estimate then; what was planned holds.
      outline.design = stored.identity.design
      outline.repeats = stored.repeats
      return
    }
    outline = try Budget(seconds: limit, run: time.seconds, jobs: jobs).fit(outline) { kind, count in
      try options.design.makeDesign(
        profiles: names, seed: seed, kind: kind, atMost: count, program: subject.executable.path)
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
        timeout: options.timeout, traceLevel: recording.trace, environmentReads: recording.envReads, clock: runClock,
        keepsChanges: recording.keepChanges, locales: design.locales, hidden: hidden, redactionKey: redactionKey,
        tool: ToolVersion.named),
      sandbox: sandbox, subject: subject, instants: instants(of: design))
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
        "--net": recording.net.description, Self.clockOption: clock.text,
        "working directory": FileManager.default.currentDirectoryPath,
      ])
  }

  // MARK: Clock

  private static let clockOption = "--clock"

  /// What the user chose; without that, what the interrupted matrix has, or today at an hour that suits the profiles.
  private static func clock(
    _ options: MatrixCommand, stored: JournalEntry.Header?, design: Design
  ) throws -> ClockChoice {
    if let clock = options.recording.clock { return clock }
    if let stored = (stored?.identity.options[clockOption]).flatMap(ClockChoice.init(argument:)) { return stored }
    return .instant(try RunClock.sharedInstant(of: design, now: Int64(Date().timeIntervalSince1970)))
  }

  private var runClock: RunClock {
    switch clock {
    case .host: .host
    case .instant(let instant): .shared(instant, isRequired: options.recording.clock != nil)
    }
  }

  private func instants(of design: Design) -> [Instant] {
    var result = design.arms.compactMap { $0.assignment.clock.flatMap { Instant($0) } }
    if case .instant(let instant) = clock { result.append(instant) }
    return result
  }

  // MARK: Time

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
