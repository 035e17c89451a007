import EnvprobeCompare
import EnvprobeModel
import EnvprobeRecorder

/// Makes a run and leaves its bundle in a folder.
public protocol RunExecuting: Sendable {
  /// - Parameter bundle: the folder to make.
  func execute(_ run: PlannedRun, bundle: String) async throws -> RunManifest
}

/// A matrix from its first run to its report.
public struct MatrixRunner: Sendable {
  public struct Options: Sendable {
    public var jobs: Int
    public var repeats: Int
    public var seed: UInt64
    /// Whether an interrupted matrix in the folder is continued.
    public var resumes: Bool
    public var deciding: Report.Deciding
    public var limits: AttributionLimits
    public var settling: Settling
    /// How many fresh runs either side gets where a value came in some runs of one level only; 0: none is looked for.
    public var rareRepeats: Int

    public init(
      jobs: Int, repeats: Int = 2, seed: UInt64, resumes: Bool = false, deciding: Report.Deciding = .geographic,
      limits: AttributionLimits = AttributionLimits(), settling: Settling = Settling(quiet: 0),
      rareRepeats: Int = 0
    ) {
      self.jobs = jobs
      self.repeats = repeats
      self.seed = seed
      self.resumes = resumes
      self.deciding = deciding
      self.limits = limits
      self.settling = settling
      self.rareRepeats = rareRepeats
    }
  }

  private let identity: MatrixIdentity
  private let folder: MatrixFolder
  private let executor: any RunExecuting
  private let options: Options

  public init(identity: MatrixIdentity, folder: MatrixFolder, executor: any RunExecuting, options: Options) {
    self.identity = identity
    self.folder = folder
    self.executor = executor
    self.options = options
  }

  /// Makes what runs are missing, finds what differs and why, and returns the report.
  ///
  /// - Throws: `CancellationError` when the task is cancelled: what was recorded stays, and can be resumed.
  public func run(tell: (MatrixEvent) -> Void) async throws -> Report {
    var session = try MatrixSession(
      folder: folder, state: try begin(), executor: executor, jobs: options.jobs)
    try await settle(&session, tell: tell)
    tell(.phase(.profiles))
    try await session.make(session.state.plannedRuns(), in: .profiles, tell: tell)
    try session.requireRuns()
    var source = SandboxedArms(session: session)
    let conclusion = try await Inquiry(
      design: identity.design, command: identity.subject.argv, limits: options.limits,
      seed: session.state.header.seed, rareRepeats: options.rareRepeats, clock: clock,
      looksForDurations: options.rareRepeats > 0 || options.deciding != .geographic
    ).conclude(from: &source, tell: tell)
    return assemble(conclusion.findings, of: conclusion.comparison, from: source.session)
  }

  /// The state to begin with: that of an interrupted matrix, or a new one.
  private func begin() throws -> MatrixState {
    let header = JournalEntry.Header(identity: identity, seed: options.seed, repeats: options.repeats)
    if options.resumes {
      let stored = try MatrixState(try folder.readJournal(), path: folder.journalPath)
      return try stored.resumed(as: header, path: folder.path)
    }
    guard !folder.hasJournal else {
      throw MatrixError(
        .prepare, subject: folder.path, reason: "the folder holds a matrix already",
        hint: "continue it with --resume, or choose another folder with --out")
    }
    try folder.create()
    try folder.append(.header(header))
    return MatrixState(header: header)
  }

  /// Compares the baseline with itself until nothing new varies. These runs come on top of the design's, whose repeats stay
  /// among the others: what drifts must not look like a difference of the baseline.
  private func settle(_ session: inout MatrixSession, tell: (MatrixEvent) -> Void) async throws {
    let settling = options.settling
    guard settling.quiet > 0 else { return }
    tell(.phase(.settling))
    let first = Schedule.repeats(ofBaseline: identity.design, repeats: session.state.header.repeats)
    var watch = SettlingWatch()
    for number in 0..<settling.most where watch.quiet < settling.quiet {
      let run = Schedule.run(of: identity.design.baseline, repetition: first + number + 1)
      if session.observations[run.id] == nil { try await session.make([run], in: .settling, tell: tell) }
      guard let observed = session.observations[run.id] else { return }
      watch.add(observed)
    }
  }

  private var isSweep: Bool { identity.design.kind.sweptFactor != nil }

  private func assemble(_ findings: [Finding], of comparison: Comparison, from session: MatrixSession) -> Report {
    let runs = session.reportRuns
    let observed = session.observations.values.sorted { $0.id < $1.id }
    let lost = session.state.failures.sorted { $0.key < $1.key }.map {
      "The run \($0.key) could not be made: \($0.value)."
    }
    var conclusion = Findings.conclusion(findings, runs: observed, deciding: options.deciding)
    if conclusion == .same, !lost.isEmpty { conclusion = .inconclusive }
    return Report(
      tool: identity.tool, subject: identity.subject, baseline: identity.design.baseline.name,
      profiles: identity.design.arms.filter(\.isProfile).map { .init(name: $0.name, factors: $0.assignment) },
      runs: runs,
      findings: findings, conclusion: conclusion, deciding: options.deciding,
      limits: Findings.limits(of: observed) + lost + session.remarksOnAnswers + comparison.remarks
        + readRemarks(observed) + (isSweep ? [SweepConfirmation.remark] : []),
      design: reportedDesign(session))
  }
}

extension MatrixRunner {
  /// The design as the report tells it, with the repeats that were made.
  private func reportedDesign(_ session: MatrixSession) -> Report.Design {
    let runs = session.state.finishedRuns
    let counts = identity.design.arms.compactMap { runs[$0.assignment]?.count }
    return identity.design.reported(seed: session.state.header.seed, repeats: max(1, counts.min() ?? 1))
  }
}

extension MatrixRunner {
  /// What `--clock` is or was chosen to be.
  private var clock: String? { identity.options["--clock"] }

  /// What the absence of a finding about reads of variables does not say.
  private func readRemarks(_ runs: [RunObservations]) -> [String] {
    if identity.options["--env-reads"] == EnvironmentReadLevel.off.rawValue {
      return ["Reads of environment variables were not recorded (--env-reads off)."]
    }
    return Findings.unseenReads(in: runs)
  }
}

/// The runs of a matrix that a sandbox makes.
private struct SandboxedArms: ArmSource {
  var session: MatrixSession
  private var phase: MatrixEvent.Phase?

  init(session: MatrixSession) { self.session = session }

  func arms(of design: Design) -> [Arm] { session.arms(of: design) }
  func arms(beyond design: Design) -> [Arm] { session.arms(beyond: design) }
  func arm(of assignment: Assignment) -> Arm { session.arm(of: assignment) }

  mutating func make(
    _ experiments: [Experiment], in phase: MatrixEvent.Phase, tell: (MatrixEvent) -> Void
  ) async throws {
    if phase != self.phase { tell(.phase(phase)) }
    self.phase = phase
    try await session.make(session.state.runs(for: experiments), in: phase, tell: tell)
  }
}
