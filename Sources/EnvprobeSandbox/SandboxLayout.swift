import EnvprobeModel
import SystemPackage

/// A plan together with where its parts are on this host: enough to say every operation of the launch.
struct SandboxLayout: Hashable, Sendable {
  var plan: Plan
  var stage: Stage
  /// The files of the host that planned ones begin with, by path.
  var hostFiles: [String: [UInt8]] = [:]
  /// Folders laid over the system's locales.
  var localeLayers: [String]
  var outer: OuterIdentity
  /// Mounts that the parent detached, as an ordinary user cannot reach their places: descriptors by path.
  var detached: [String: Int32] = [:]
  /// The working directory among them, with the ids exchanged.
  var workMount: Int32?
  /// An overlaid HOME, likewise.
  var homeMount: Int32?
  /// The writing ends of the pipes for standard output and error.
  var output: Int32 = -1
  var errorOutput: Int32 = -1
  var policy: SeccompPolicy
  /// The filter of the tracer that will follow the program.
  var tracing: SeccompPolicy?
  /// The host's seconds since boot.
  var bootSeconds: Int = 0
  /// The same without those that it slept.
  var monotonicSeconds: Int = 0

  private var root: String { stage.root }
}

extension SandboxLayout {
  /// What process 1 does before it starts the program.
  func setupOperations() -> [SetupOperation] {
    var operations = identityOperations()
    operations.append(.makePrivate)
    operations += clockOperations()
    operations.append(
      .mount(fileSystem: "tmpfs", path: root, flags: [.noSetUserID, .noDevices], options: "mode=0755"))
    operations += viewOperations()
    operations += deviceOperations()
    operations += placeOperations(inOwnFolders: false)
    // One call for the whole tree, as the kernel takes the lock once; what may be written to is mounted after it.
    operations.append(.setAttributes(path: root, [.readOnly, .noSetUserID], recursive: true))
    operations += writableOperations()
    operations += placeOperations(inOwnFolders: true)
    operations += workOperations()
    operations.append(.changeRoot(path: root))
    operations.append(.hostname(plan.hostname))
    operations.append(.network(networkBatch()))
    if case .terminal(let columns, let rows) = plan.streams {
      operations.append(.terminal(multiplexer: "/dev/pts/ptmx", columns: columns, rows: rows))
    }
    operations.append(.disguise)
    return operations
  }

  /// What the program's process does before it is the program.
  func programOperations() -> [SetupOperation] {
    var operations: [SetupOperation] = []
    switch plan.streams {
    case .terminal: operations.append(.takeTerminal)
    case .pipes(let inheritsInput):
      operations.append(.newSession)
      operations.append(inheritsInput ? .duplicate(0, to: 0) : .open(path: "/dev/null", to: 0))
      operations += [.duplicate(output, to: 1), .duplicate(errorOutput, to: 2)]
    }
    operations += [.changeFolder(path: plan.workDirectory.path), .umask(0o022), .noCoreDumps, .resetSignals]
    // The supervisor reads the arguments of the first call, execve, from the memory of this process.
    operations += [.dropCapabilities, .noNewPrivileges, .expose]
    if let tracing { operations.append(.filter(tracing)) }
    operations.append(.filter(policy))
    operations.append(.execute(path: plan.executable))
    return operations
  }

  /// The descriptors that process 1 starts with, besides its sockets.
  var keptDescriptors: [Int32] {
    var kept = Array(detached.values)
    if let workMount { kept.append(workMount) }
    if let homeMount { kept.append(homeMount) }
    if case .pipes(let inheritsInput) = plan.streams {
      kept += [output, errorOutput]
      if inheritsInput { kept.append(0) }
    }
    return kept
  }

  private func identityOperations() -> [SetupOperation] {
    let account = plan.account
    switch outer {
    case .stranger:
      // Only the parent may map an id that is not its own.
      return [.awaitParent, .become(user: UInt32(account.uid), group: UInt32(account.gid), clearsGroups: true)]
    case .caller(let user, let group):
      return [
        .write(path: "/proc/self/setgroups", text: "deny"),
        .write(path: "/proc/self/gid_map", text: "\(account.gid) \(group) 1\n"),
        .write(path: "/proc/self/uid_map", text: "\(account.uid) \(user) 1\n"),
      ]
    }
  }

  /// Processes that are made from here on have clocks of their own.
  private func clockOperations() -> [SetupOperation] {
    guard let uptime = plan.uptime else { return [.unshareClocks] }
    // As on a machine that never slept.
    return [
      .unshareClocks,
      .write(
        path: "/proc/self/timens_offsets",
        text: "monotonic \(uptime - monotonicSeconds) 0\nboottime \(uptime - bootSeconds) 0\n"),
    ]
  }

  private func viewOperations() -> [SetupOperation] {
    let view = plan.view
    var operations: [SetupOperation] = []
    for path in view.placeholders { operations.append(.folder(path: root + path, mode: 0o755)) }
    if plan.homeSource == nil { operations.append(.folder(path: root + plan.account.home, mode: 0o755)) }
    for link in view.links { operations.append(.link(path: root + link.path, target: link.target)) }
    for path in view.folders {
      operations.append(.folder(path: root + path, mode: 0o755))
      operations.append(.bind(source: path, path: root + path))
    }
    // Made where the mount of /proc will cover it: an overlay has its own hold on its layers, and nobody sees them.
    let etc = root + "/proc/etc"
    operations += files(plan.etc + plan.commonEtc, in: etc)
    operations.append(overlay(lower: [etc, "/etc"], on: root + "/etc"))
    if !localeLayers.isEmpty {
      operations.append(
        overlay(lower: localeLayers + [LocaleCache.systemFolder], on: root + LocaleCache.systemFolder))
    }
    for path in view.covered {
      operations.append(
        .mount(
          fileSystem: "tmpfs", path: root + path, flags: [.noSetUserID, .noDevices], options: "mode=0755,size=64k"))
    }
    if plan.homeSource != nil, !view.folders.contains(where: { isWithin(plan.account.home, $0) }) {
      var folder = root
      for part in plan.account.home.split(separator: "/") {
        folder += "/" + part
        operations.append(.folder(path: folder, mode: 0o755))
      }
    }
    for link in view.replaced { operations.append(.bind(source: root + link.target, path: root + link.path)) }
    return operations
  }

  private func files(_ files: [PlannedFile], in folder: String) -> [SetupOperation] {
    var operations = [SetupOperation.folder(path: folder, mode: 0o755)]
    for file in files {
      var parent = folder
      for part in file.path.split(separator: "/").dropLast() {
        parent += "/" + part
        let make = SetupOperation.folder(path: parent, mode: 0o755)
        if !operations.contains(make) { operations.append(make) }
      }
      let path = "\(folder)/\(file.path)"
      switch file.content {
      case .text(let text): operations.append(.file(path: path, contents: Array(text.utf8)))
      case .link(let target): operations.append(.link(path: path, target: target))
      case .absent: operations.append(.whiteout(path: path))
      case .appended(let host, let text):
        operations.append(.file(path: path, contents: appended(to: host, text)))
      case .keystore(let host, let text):
        operations.append(.file(path: path, contents: JavaKeystore.bytes(trusting: appended(to: host, text))))
      }
    }
    return operations
  }

  private func appended(to host: String?, _ text: String) -> [UInt8] {
    var contents = host.flatMap { hostFiles[$0] } ?? []
    if let last = contents.last, last != UInt8(ascii: "\n") { contents.append(UInt8(ascii: "\n")) }
    return contents + Array(text.utf8)
  }

  private func deviceOperations() -> [SetupOperation] {
    var operations: [SetupOperation] = []
    for name in ["pts", "shm", "mqueue"] { operations.append(.folder(path: "\(root)/dev/\(name)", mode: 0o755)) }
    for name in ["null", "zero", "full", "random", "urandom", "tty"] {
      operations.append(.file(path: "\(root)/dev/\(name)", contents: []))
      operations.append(.bind(source: "/dev/\(name)", path: "\(root)/dev/\(name)"))
    }
    let links = [
      ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
      ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"),
    ]
    for (name, target) in links { operations.append(.link(path: "\(root)/dev/\(name)", target: target)) }
    return operations
  }

  private func writableOperations() -> [SetupOperation] {
    let quiet: SetupOperation.MountFlags = [.noSetUserID, .noDevices, .noExecution]
    return [
      .mount(fileSystem: "proc", path: root + "/proc", flags: quiet, options: ""),
      .optional(.mount(fileSystem: "sysfs", path: root + "/sys", flags: [quiet, .readOnly], options: "")),
      .mount(
        fileSystem: "devpts", path: root + "/dev/pts", flags: [.noSetUserID, .noExecution],
        options: "newinstance,ptmxmode=0666,mode=0620"),
      .mount(
        fileSystem: "tmpfs", path: root + "/dev/shm", flags: [.noSetUserID, .noDevices], options: "mode=1777"),
      .bind(source: stage.temporary, path: root + "/tmp"),
    ] + homeOperations()
  }

  /// A folder of the stage's, or the user's own HOME below one that takes the changes.
  private func homeOperations() -> [SetupOperation] {
    let path = root + plan.account.home
    guard let source = plan.homeSource else { return [.bind(source: stage.home, path: path)] }
    var operations: [SetupOperation] = []
    var lower = source
    if let homeMount {
      lower = stage.homeLower
      operations.append(.attach(source: source, descriptor: homeMount, path: lower))
    }
    operations.append(
      .mount(
        fileSystem: "overlay", path: path, flags: [.noSetUserID, .noDevices],
        options: Self.options(lower: [lower]) + ",upperdir=\(Self.escape(stage.home))"
          + ",workdir=\(Self.escape(stage.homeState))"))
    return operations
  }

  // MARK: Parts of hidden folders

  /// Folders that are the stage's, so that mount points in them can only be made once they are there.
  private var ownFolders: [String] { [plan.account.home, "/tmp"] }

  private func isInOwnFolder(_ path: String) -> Bool { ownFolders.contains { isWithin(path, $0) } }

  /// Shows what the command needs of hidden folders.
  private func placeOperations(inOwnFolders: Bool) -> [SetupOperation] {
    var operations: [SetupOperation] = []
    for exposure in plan.exposures where isInOwnFolder(exposure.path) == inOwnFolders {
      operations += mountPoint(HostFiles.parent(of: exposure.path) ?? "/")
      switch exposure {
      case .link(let link):
        operations.append(.link(path: root + link.path, target: link.target))
        continue
      case .folder(let path): operations.append(.folder(path: root + path, mode: 0o755))
      case .file(let path): operations.append(.file(path: root + path, contents: []))
      }
      operations.append(mount(exposure.path))
      // The call for the whole tree has passed already.
      if inOwnFolders {
        operations.append(
          .setAttributes(path: root + exposure.path, [.readOnly, .noSetUserID], recursive: true))
      }
    }
    return operations
  }

  private func mount(_ source: String) -> SetupOperation {
    if let descriptor = detached[source] {
      return .attach(source: source, descriptor: descriptor, path: root + source)
    }
    return .bind(source: source, path: root + source)
  }

  /// The folder and those it lies in, unless the host's own are seen there.
  private func mountPoint(_ path: String) -> [SetupOperation] {
    let covered = plan.view.covered.first { isWithin(path, $0) }
    if covered == nil, plan.view.folders.contains(where: { isWithin(path, $0) }) { return [] }
    var operations: [SetupOperation] = []
    var folder = ""
    for part in path.split(separator: "/") {
      folder += "/" + part
      let isThere =
        ownFolders.contains { isWithin($0, folder) } || covered.map { isWithin($0, folder) } ?? false
      if !isThere { operations.append(.folder(path: root + folder, mode: 0o755)) }
    }
    return operations
  }

  // MARK: The working directory

  /// Where its mount point lies decides when it can be made, so that is part of `workMountPoint`.
  private func workOperations() -> [SetupOperation] {
    let path = plan.workDirectory.path
    switch plan.workDirectory {
    case .existing: return []
    case .empty: return workMountPoint(path) + [.bind(source: stage.workChanges, path: root + path)]
    case .direct:
      let source =
        workMount.map { SetupOperation.attach(source: path, descriptor: $0, path: root + path) } ?? mount(path)
      return workMountPoint(path) + [source]
    case .copyOnWrite:
      var operations = workMountPoint(path)
      var lower = path
      if let workMount {
        lower = stage.workLower
        operations.append(.attach(source: path, descriptor: workMount, path: lower))
      }
      operations.append(
        .mount(
          fileSystem: "overlay", path: root + path, flags: [.noSetUserID, .noDevices],
          options: Self.options(lower: [lower]) + ",upperdir=\(Self.escape(stage.workChanges))"
            + ",workdir=\(Self.escape(stage.workState))"))
      return operations
    }
  }

  private func workMountPoint(_ path: String) -> [SetupOperation] {
    isInOwnFolder(path) ? mountPoint(path) : []
  }

  private func overlay(lower: [String], on path: String) -> SetupOperation {
    .mount(
      fileSystem: "overlay", path: path, flags: [.readOnly, .noSetUserID, .noDevices],
      options: Self.options(lower: lower))
  }

  private static func options(lower: [String]) -> String {
    // Without privilege the overlay's own attributes must be in the `user.` name space.
    "userxattr,lowerdir=" + lower.map(escape).joined(separator: ":")
  }

  /// A path as an option of overlay: commas and colons separate there.
  static func escape(_ path: String) -> String {
    String(path.flatMap { "\\,:".contains($0) ? ["\\", $0] : [$0] })
  }

  // MARK: The network

  func networkBatch() -> NetlinkBatch {
    var batch = NetlinkBatch()
    batch.bringUp()
    for address in [plan.network.ipv4, plan.network.ipv6] {
      guard let bytes = addressBytes(address) else { continue }
      batch.addAddress(bytes)
      batch.addLocalDefault(source: bytes)
    }
    return batch
  }
}
