import CEnvprobeSandbox
import EnvprobeModel
import Glibc
import Synchronization
import SystemPackage

/// Plans and launches runs on this host. One for all runs of a matrix: what is the same in all of them is made once.
public final class Sandbox: Sendable {
  private struct State {
    var facts: HostFacts?
    /// Files of the host that planned ones begin with, by path.
    var hostFiles: [String: [UInt8]] = [:]
    var policies: [PolicyKey: SeccompPolicy] = [:]
    /// User namespaces in which the owner of a file is the program's outer user: descriptors by owner.
    var exchanges: [[UInt32]: Int32] = [:]
  }
  private struct PolicyKey: Hashable {
    var level: TraceLevel
    var isTraced: Bool
    var passesLibraries: Bool
  }
  private let state = Mutex(State())
  let locales: LocaleCache
  private let outer: OuterIdentity
  private let reaper = Reaper()

  /// - Parameter localeFolder: where built locales are kept; `nil` for the user's cache.
  public init(localeFolder: String? = nil) throws(LaunchError) {
    outer = try OuterIdentity.current()
    locales = LocaleCache(folder: localeFolder ?? LocaleCache.standardFolder())
  }

  deinit {
    state.withLock { state in
      for descriptor in state.exchanges.values { Glibc.close(descriptor) }
    }
  }

  /// What the host is like. Surveyed once.
  public func facts() throws(LaunchError) -> HostFacts {
    try state.withLock { state throws(LaunchError) in
      if let facts = state.facts { return facts }
      let facts = try HostSurvey.facts()
      state.facts = facts
      return facts
    }
  }

  /// The authority, with the name under which OpenSSL finds it; `nil` where the text holds no certificate.
  public static func trustedAuthority(pem: String) -> TrustedAuthority? {
    CertificateSubject(pem: pem).map { TrustedAuthority(pem: pem, subjectHash: $0.hash) }
  }

  /// A time zone as programs inside find it.
  public static func zone(_ name: String) throws(LaunchError) -> ZoneFile { try HostSurvey.file(of: name) }

  /// Finds a command as the caller's shell would.
  public func resolve(_ command: String) throws(LaunchError) -> ResolvedCommand {
    let facts = try facts()
    var showsWorkDirectory = true
    switch Plan.WorkDirectory(host: facts, keepsChanges: false) {
    case .empty, .existing: showsWorkDirectory = false
    case .copyOnWrite, .direct: break
    }
    let resolver = CommandResolver(
      searchPath: facts.searchPath, workDirectory: facts.workDirectory, homes: facts.homes,
      showsWorkDirectory: showsWorkDirectory)
    return try resolver.resolve(command)
  }

  /// Plans a run.
  ///
  /// - Parameters:
  ///   - arguments: the subject's command line; its first word is looked for along PATH.
  ///   - start: the instant at which the run starts for the program, in seconds since 1970.
  public func plan(
    _ arguments: [String], under assignment: Assignment, settings: PlanSettings = PlanSettings(), start: Int64
  ) throws(LaunchError) -> Plan {
    guard let command = arguments.first else {
      throw LaunchError(.findCommand, errno: .noSuchFileOrDirectory)
    }
    return Plan(
      arguments: arguments, command: try resolve(command), assignment: assignment, host: try facts(),
      zone: try HostSurvey.moment(in: assignment.timezone ?? Plan.Default.timezone, at: start), settings: settings)
  }

  /// Makes the sandbox of a plan and starts its program, up to its first system call.
  ///
  /// The program is held in `execve` until somebody answers the notification of that call on
  /// ``RunningProgram/listener``; at trace level `off` it runs at once, unless there is a tracer.
  ///
  /// - Parameters:
  ///   - tracingFilter: the system call filter, an array of `struct sock_filter`, by which a tracer learns of what it
  ///     wants to know; `nil` where none will follow the program for that.
  ///   - clockFilter: what stands in front of the filter that notifies, where the program's clock is shifted; `nil` where
  ///     it is not. A tracer is needed for that, too.
  public func launch(
    _ plan: Plan, tracingFilter: [UInt8]? = nil, clockFilter: [UInt8]? = nil
  ) throws(LaunchError) -> RunningProgram {
    do {
      return try launchUnexplained(
        plan, tracing: tracingFilter.map { SeccompPolicy(tracing: $0) }, clockFilter: clockFilter)
    } catch {
      throw error.withRemedy()
    }
  }

  private func launchUnexplained(
    _ plan: Plan, tracing: SeccompPolicy?, clockFilter: [UInt8]?
  ) throws(LaunchError) -> RunningProgram {
    reaper.collect()
    let parent = Stage.parentFolder(workDirectory: plan.workDirectory.path)
    var policy = try policy(
      PolicyKey(
        level: plan.traceLevel, isTraced: tracing != nil || clockFilter != nil, passesLibraries: tracing != nil))
    if let clockFilter { policy.program = clockFilter + policy.program }
    let hostFiles = try hostFiles(for: plan.etc + plan.commonEtc)
    let localeLayers = try locales.layers(for: plan.locales)
    let stage = try Stage.make(for: plan, in: parent, outer: outer)
    var layout = SandboxLayout(
      plan: plan, stage: stage, hostFiles: hostFiles, localeLayers: localeLayers, outer: outer, policy: policy,
      tracing: tracing, bootSeconds: Int(envprobe_boot_seconds()),
      monotonicSeconds: Int(envprobe_monotonic_seconds()))
    var descriptors = DescriptorSet()
    do {
      var diagnostics: [String] = []
      if outer.isStranger {
        diagnostics += try detachMounts(for: &layout, descriptors: &descriptors)
      }
      return try start(layout, descriptors: &descriptors, diagnostics: diagnostics)
    } catch {
      descriptors.closeAll()
      try? stage.remove()  // the error that matters is the first
      throw error
    }
  }

  /// Removes what earlier runs left behind whose envprobe was killed.
  public func removeAbandonedStages() throws(LaunchError) {
    let parent = Stage.parentFolder(workDirectory: try facts().workDirectory)
    for folder in Set([parent, "/var/tmp", "/dev/shm"]) where HostFiles.isFolder(folder) {
      try Stage.removeAbandoned(in: folder, owner: outer.user)
    }
  }

  // MARK: What runs share

  private func policy(_ key: PolicyKey) throws(LaunchError) -> SeccompPolicy {
    try state.withLock { state throws(LaunchError) in
      if let policy = state.policies[key] { return policy }
      let policy = try SeccompPolicy(
        level: key.level, isTraced: key.isTraced, passesLibraries: key.passesLibraries)
      state.policies[key] = policy
      return policy
    }
  }

  private func hostFiles(for files: [PlannedFile]) throws(LaunchError) -> [String: [UInt8]] {
    try state.withLock { state throws(LaunchError) in
      for file in files {
        switch file.content {
        case .appended(let host?, _), .keystore(let host?, _):
          if state.hostFiles[host] == nil { state.hostFiles[host] = try HostFiles.bytes(host) }
        default: break
        }
      }
      return state.hostFiles
    }
  }

  // MARK: Root's part

  /// Detaches what the program's outer user could not reach by itself, and shows the working directory and an overlaid
  /// HOME as its own.
  private func detachMounts(
    for layout: inout SandboxLayout, descriptors: inout DescriptorSet
  ) throws(LaunchError) -> [String] {
    func detach(_ path: String) throws(LaunchError) -> Int32 {
      let mount = envprobe_detached_mount(path)
      guard mount >= 0 else { throw LaunchError(.bind, subject: path, errno: Errno(rawValue: -mount)) }
      return descriptors.adopt(mount)
    }
    for exposure in layout.plan.exposures {
      switch exposure {
      case .folder(let path), .file(let path): layout.detached[path] = try detach(path)
      case .link: break
      }
    }
    var diagnostics: [String] = []
    func detachMapped(_ path: String) throws(LaunchError) -> Int32 {
      let mount = try detach(path)
      guard let owner = HostFiles.status(path) else { return mount }
      let namespace = try exchange(user: owner.st_uid, group: owner.st_gid)
      let result = envprobe_map_mount(mount, namespace)
      if result == 0 { return mount }
      let errno = Errno(rawValue: -result)
      diagnostics.append(
        "the file system of \(path) cannot show other owners (\(ErrnoName.name(of: errno.rawValue))): "
          + "the program can write there only what everybody may")
      return mount
    }
    if let home = layout.plan.homeSource { layout.homeMount = try detachMapped(home) }
    switch layout.plan.workDirectory {
    case .empty, .existing: break
    case .copyOnWrite(let path), .direct(let path): layout.workMount = try detachMapped(path)
    }
    return diagnostics
  }

  /// A user namespace in which the owner of a folder is the program's outer user.
  private func exchange(user: uid_t, group: gid_t) throws(LaunchError) -> Int32 {
    func map(_ path: String, _ first: UInt32, _ second: UInt32) throws(LaunchError) -> String {
      IDExchange(
        ranges: IDExchange.ranges(in: try HostFiles.text(path)), first: UInt64(first), second: UInt64(second)
      ).map
    }
    return try state.withLock { state throws(LaunchError) in
      if let descriptor = state.exchanges[[user, group]] { return descriptor }
      let users = try map("/proc/self/uid_map", user, outer.user)
      let groups = try map("/proc/self/gid_map", group, outer.group)
      let descriptor = envprobe_user_namespace(users, groups)
      guard descriptor >= 0 else {
        throw LaunchError(.createNamespaces, errno: Errno(rawValue: -descriptor))
      }
      state.exchanges[[user, group]] = descriptor
      return descriptor
    }
  }

  // MARK: The launch itself

  private func start(
    _ layout: SandboxLayout, descriptors: inout DescriptorSet, diagnostics: [String]
  ) throws(LaunchError) -> RunningProgram {
    var layout = layout
    var ours: (output: Int32, error: Int32)?
    if case .pipes = layout.plan.streams {
      let output = try descriptors.pipe(owner: outer)
      let error = try descriptors.pipe(owner: outer)
      (layout.output, layout.errorOutput) = (output.write, error.write)
      ours = (output.read, error.read)
    }
    let control = try descriptors.socketPair()
    let reports = try descriptors.socketPair()
    let setup = layout.setupOperations()
    let program = layout.programOperations()

    var pidfd: Int32 = -1
    let process = clone(
      layout, setup: setup, program: program, control: control.theirs, reports: reports.theirs, pidfd: &pidfd)
    guard process > 0 else { throw LaunchError(.createNamespaces, errno: Errno(rawValue: -process)) }
    let started = RunningProgram(
      process: process, pidfd: pidfd, control: descriptors.release(control.ours),
      reports: descriptors.release(reports.ours), layout: layout, reaper: reaper, diagnostics: diagnostics)
    descriptors.close(control.theirs)
    descriptors.close(reports.theirs)
    do {
      if outer.isStranger { try admit(process, control: started) }
      try started.awaitStart(setup: setup, program: program)
    } catch {
      started.abandon()
      throw error
    }
    if let ours {
      started.adopt(.pipes(output: descriptors.release(ours.output), error: descriptors.release(ours.error)))
    }
    descriptors.closeAll()
    return started
  }

  private func clone(
    _ layout: SandboxLayout, setup: [SetupOperation], program: [SetupOperation], control: Int32, reports: Int32,
    pidfd: inout Int32
  ) -> pid_t {
    var buffer = OperationBuffer()
    let setupList = buffer.list(setup)
    let programList = buffer.list(program)
    let arguments = buffer.vector(layout.plan.arguments)
    let environment = buffer.vector(layout.plan.environment.map { "\($0.name)=\($0.value)" })
    let kept = Set(layout.keptDescriptors + [control, reports]).sorted()
    let process = kept.withUnsafeBufferPointer { kept in
      var launch = envprobe_launch(
        setup: setupList.baseAddress, setup_count: setupList.count,
        program: programList.baseAddress, program_count: programList.count, arguments: arguments,
        environment: environment, kept: kept.baseAddress, kept_count: kept.count, control: control, reports: reports)
      return envprobe_clone(&launch, &pidfd)
    }
    _ = consume buffer
    return process
  }

  /// Maps the program's user to its outer one and lets process 1 go on.
  private func admit(_ process: pid_t, control: RunningProgram) throws(LaunchError) {
    let account = control.plan.account
    let maps = [
      ("gid_map", "\(account.gid) \(outer.group) 1\n"), ("uid_map", "\(account.uid) \(outer.user) 1\n"),
    ]
    for (name, text) in maps {
      let path = "/proc/\(process)/\(name)"
      let file = open(path, O_WRONLY | O_CLOEXEC)
      guard file >= 0 else { throw LaunchError(.mapUser, subject: path, errno: Errno(rawValue: errno)) }
      defer { Glibc.close(file) }
      guard write(file, text, text.utf8.count) >= 0 else {
        throw LaunchError(.mapUser, subject: path, errno: Errno(rawValue: errno))
      }
    }
    try control.send(envprobe_request(ENVPROBE_GO))
  }
}

extension envprobe_request {
  init(_ kind: envprobe_request_kind, number: UInt32 = 0) {
    self.init()
    self.kind = kind.rawValue
    self.number = number
  }
}

/// Descriptors that are closed unless they are handed on.
struct DescriptorSet {
  private var open: Set<Int32> = []

  /// Takes a descriptor, moved above the standard ones where it took the place of a closed one of those.
  mutating func adopt(_ descriptor: Int32) -> Int32 {
    var descriptor = descriptor
    if descriptor < 3 {
      let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
      Glibc.close(descriptor)
      descriptor = moved
    }
    open.insert(descriptor)
    return descriptor
  }

  mutating func release(_ descriptor: Int32) -> Int32 {
    open.remove(descriptor)
    return descriptor
  }

  mutating func close(_ descriptor: Int32) {
    if open.remove(descriptor) != nil { Glibc.close(descriptor) }
  }

  mutating func closeAll() {
    for descriptor in open { Glibc.close(descriptor) }
    open = []
  }

  /// A pipe that the program can open again by its name in /proc, as `/dev/stdout` is.
  mutating func pipe(owner: OuterIdentity) throws(LaunchError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    let result = envprobe_pipe(&ends)
    guard result == 0 else { throw LaunchError(.connectStreams, errno: Errno(rawValue: -result)) }
    let pair = (read: adopt(ends[0]), write: adopt(ends[1]))
    if owner.isStranger, fchown(pair.write, owner.user, owner.group) != 0 {
      throw LaunchError(.connectStreams, errno: Errno(rawValue: errno))
    }
    return pair
  }

  mutating func socketPair() throws(LaunchError) -> (ours: Int32, theirs: Int32) {
    var ends: [Int32] = [-1, -1]
    let result = envprobe_socket_pair(&ends)
    guard result == 0 else { throw LaunchError(.connectStreams, errno: Errno(rawValue: -result)) }
    return (adopt(ends[0]), adopt(ends[1]))
  }
}
