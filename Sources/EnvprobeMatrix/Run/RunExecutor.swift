import Dispatch
import EnvprobeModel
import EnvprobeRecorder
import EnvprobeSandbox
import EnvprobeWire
import FoundationEssentials
import Glibc
import SystemPackage

/// Makes runs: a plan is launched, what happens is recorded, and a bundle is left.
///
/// One for all runs of an invocation. The gateway's certification authority and whatever of the sandbox is the same in
/// all runs are made once.
public final class RunExecutor: RunExecuting {
  private static let queue = DispatchQueue(label: "runs", attributes: .concurrent)

  private let settings: RunSettings
  private let sandbox: Sandbox
  private let gateway: Gateway
  private let authority: TrustedAuthority
  private let subject: Subject

  /// - Parameter instants: What the clocks of the runs will show, for certificates that are valid then.
  public init(settings: RunSettings, sandbox: Sandbox, subject: Subject, instants: [Instant] = []) throws {
    self.settings = settings
    self.sandbox = sandbox
    self.subject = subject
    let certificates = try CertificateAuthority(validity: Self.validity(showing: instants))
    guard let authority = Sandbox.trustedAuthority(pem: certificates.pem) else {
      throw MatrixError(.prepare, subject: "the gateway's certificate", reason: "it cannot be read back")
    }
    self.authority = authority
    gateway = Gateway(authority: certificates, redactionKey: settings.redactionKey)
  }

  /// Ends the gateway. No run can be made afterwards.
  public func shutdown() { gateway.shutdown() }

  public func execute(_ run: PlannedRun, bundle: String) async throws -> RunManifest {
    let running = RunningRun()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        // A run blocks a thread from its launch to its end; the cooperative pool must not lend it one.
        Self.queue.async {
          continuation.resume(with: Result { try self.run(run, bundle: bundle, streams: .detached, running: running) })
        }
      }
    } onCancel: {
      running.stop()
    }
  }

  /// Makes one run and waits for its end.
  ///
  /// - Parameter running: the handle by which others send the program signals, or stop it.
  public func run(
    _ run: PlannedRun, bundle: String, streams: RunStreams, running: RunningRun = RunningRun()
  ) throws -> RunManifest {
    let start = Date().timeIntervalSince1970
    let began = ClockShift.hostTime()
    let clock = try settings.clock.target(for: run.assignment)
    let plan = try sandbox.plan(
      settings.arguments, under: run.assignment,
      settings: PlanSettings(
        keepsChanges: settings.keepsChanges, streams: streams.planned, traceLevel: settings.traceLevel,
        locales: settings.locales, authority: authority, uptime: clock == nil ? nil : RunClock.uptime,
        hidden: settings.hidden, overlaidHome: settings.overlaidHome, hooks: settings.hooks),
      start: clock?.instant.seconds ?? Int64(start))
    var held = try HeldProgram(plan, in: sandbox, reads: settings.environmentReads, clock: clock)
    do {
      let secrets = secrets(in: plan)
      let redactor = secrets.isEmpty ? nil : gateway.redactor.redacting(secrets)
      var manifest = manifest(of: run, plan: plan, start: start)
      manifest.clock = clock?.instant.text
      if let redactor { manifest = try RedactingSink.redact(manifest, redactor) }
      let writer = try BundleWriter(directory: bundle, manifest: manifest)
      let sink: any EventSink = redactor.map { RedactingSink(sink: writer, redactor: $0) } ?? writer
      try held.follow(sink: sink)
      manifest = try record(
        held, of: run, since: began, streams: streams, writer: writer, sink: sink, secrets: secrets, running: running)
      try held.program.destroy()
      return manifest
    } catch {
      try? held.program.destroy()  // the error that matters is the first
      throw error
    }
  }

  /// The values inside of the variables that must not be recorded, by name.
  private func secrets(in plan: Plan) -> [String: String] {
    var values: [String: String] = [:]
    for variable in plan.surroundings.environment where settings.secrets.contains(variable.name) {
      values[variable.name] = variable.value
    }
    return values
  }

  private func manifest(of run: PlannedRun, plan: Plan, start: Double) -> RunManifest {
    var surroundings = plan.surroundings
    surroundings.calendar = sandbox.calendar(of: plan)
    return RunManifest(
      tool: settings.tool, subject: subject, profile: run.profile, assignment: run.assignment,
      repetition: run.repetition, started: Date(timeIntervalSince1970: start).ISO8601Format(),
      surroundings: surroundings, answers: settings.answers)
  }

  private func record(
    _ held: HeldProgram, of run: PlannedRun, since: Int64, streams: RunStreams, writer: BundleWriter,
    sink: any EventSink, secrets: [String: String], running: RunningRun
  ) throws -> RunManifest {
    let program = held.program
    let shift = held.clock.map { ClockShift(showing: $0.instant.nanoseconds, since: since) }
    for text in program.diagnostics { sink.record(.diagnostic(Diagnostic(text))) }
    var network = SessionConfiguration(
      assignment: run.assignment, sink: sink, scenario: settings.scenario, origin: settings.origin, secrets: secrets,
      now: { shift.map { Int($0.now()) } ?? SessionConfiguration.realTime() },
      identifySocket: Self.socketIdentifier(program, sink: sink),
      makeSocket: Self.socketMaker(program))
    network.keepsTLSSecrets = settings.keepsTLSSecrets
    let session = gateway.openSession(network)
    let before = HomeSnapshot(of: program)
    let output = try OutputRecorders(program, streams: streams, sink: sink)
    let clock = ContinuousClock()
    writer.launched()
    held.reads?.launched(clock: shift, level: settings.traceLevel)
    let began = clock.now
    running.begin(program, timeout: settings.timeout)
    let calls: any EventSink = settings.traceLevel == .off ? GapSink(sink: sink) : sink
    let kernel = try program.listener.map { listener in
      try KernelRecorder(
        listener: listener, sink: calls, isTraced: held.reads != nil, clock: shift,
        folders: Self.changingFolders(of: program.plan), level: settings.traceLevel,
        isHooked: !settings.hooks.isEmpty
      ) {
        session.prepare(for: $0, by: $1)
      }
    }
    let ending: RunningProgram.Ending
    do {
      ending = try program.wait { signal in
        output.stop(like: signal)
        try? program.send(signal: SIGCONT)  // gone is as good as told
      }
    } catch {
      running.end()
      program.kill()
      output.stop()
      held.reads?.finish()
      _ = kernel?.stop()
      session.close()
      _ = try? writer.finish(exit: nil)  // that the program could not be executed is the error that matters
      throw error
    }
    let wall = clock.now - began
    // What the program left running is given as long as it natively would have until somebody looks at the results.
    program.finish(lingering: 0)
    let timedOut = running.end()
    output.finish()
    held.reads?.finish()
    if let summary = kernel?.finish() { Self.note(summary, in: writer) }
    session.close()
    let unused = session.unusedRules
    if !unused.isEmpty { writer.update { $0.answers?.unusedRules = unused } }
    before.recordChanges(of: program, sink: sink, keepsChanges: settings.keepsChanges)
    if timedOut {
      writer.record(.gap(Gap(kind: .timeout, detail: "stopped after \(settings.timeout ?? 0) s")))
    }
    return try writer.finish(exit: Exit(ending, wall: wall.seconds, timedOut: timedOut))
  }

  private static func note(_ summary: KernelRecorder.Summary, in writer: BundleWriter) {
    if summary.lost > 0 {
      writer.record(.gap(Gap(kind: .lostEvents, detail: "system calls were not recorded", count: summary.lost)))
    }
  }
}

extension RunExecutor {
  /// Where a program inside finds files that are made or changed in the run.
  private static func changingFolders(of plan: Plan) -> [String] {
    [plan.account.home, "/tmp", "/var/tmp", "/etc", "/run", "/dev/shm", plan.workDirectory.path]
  }

  /// Certificates are valid ten years to both sides of now and of whatever time it is inside.
  private static func validity(showing instants: [Instant]) -> Range<Date> {
    instants.map { Date(timeIntervalSince1970: Double($0.seconds)) }.reduce(CertificateAuthority.defaultValidity()) {
      let around = CertificateAuthority.defaultValidity(around: $1)
      return min($0.lowerBound, around.lowerBound)..<max($0.upperBound, around.upperBound)
    }
  }

  /// Makes sockets inside for the gateway.
  private static func socketMaker(_ program: RunningProgram) -> SessionConfiguration.MakeSocket {
    { transport, address, port throws(GatewayError) in
      let name = "\(transport.rawValue) \(address) port \(port)"
      guard let port = UInt16(exactly: port) else { throw GatewayError(.makeSocket, subject: name, reason: "no port") }
      do throws(LaunchError) {
        return try program.makeListener(transport: transport, address: address, port: port)
      } catch {
        throw GatewayError(.makeSocket, subject: name, errno: error.errno.rawValue)
      }
    }
  }
}

extension Exit {
  init(_ ending: RunningProgram.Ending, wall: Double, timedOut: Bool) {
    var status: Int?
    var signal: Int?
    switch ending.status {
    case .exited(let code): status = Int(code)
    case .signaled(let number): signal = Int(number)
    }
    self.init(
      status: status, signal: signal, timedOut: timedOut, wall: wall, userTime: ending.usage.userTime,
      systemTime: ending.usage.systemTime, peakMemory: ending.usage.peakMemory)
  }
}
