extension Plan {
  /// What stands for a factor that is not set: a plain machine somewhere without a place.
  ///
  /// The host's name and the user's are as long as those of the bundled profiles, so that sizes do not differ.
  public enum Default {
    public static let timezone = "Etc/UTC"
    public static let locale = LocaleSetting(lang: "C.UTF-8")
    public static let hostname = "dev17.corp.example.com"
    public static let resolver = ResolverSetting(nameservers: ["10.0.2.3"])
    public static let identity = IdentitySetting(user: "coder", name: "Casey Coder", email: "coder@example.com")
    public static let address = "10.0.2.15"
  }

  /// The user and group id of every user inside.
  static let ordinaryID = 1000

  /// Plans a run.
  ///
  /// - Parameters:
  ///   - arguments: the subject's command line, as given.
  ///   - command: its first word, found on the host.
  ///   - zone: the offset and abbreviation of the assignment's zone when the run starts.
  public init(
    arguments: [String], command: ResolvedCommand, assignment: Assignment, host: HostFacts, zone: ZoneFile.Moment,
    settings: PlanSettings = PlanSettings()
  ) {
    let identity = assignment.identity ?? Default.identity
    let account = Account(
      user: identity.user, fullName: identity.name, uid: Self.ordinaryID, gid: Self.ordinaryID,
      home: settings.overlaidHome ?? "/home/\(identity.user)", shell: host.shell)
    let address = assignment.network?.address ?? Default.address
    let workDirectory =
      settings.overlaidHome == host.workDirectory
      ? .existing(host.workDirectory) : WorkDirectory(host: host, keepsChanges: settings.keepsChanges)
    // What lies in a HOME that is shown need not be shown once more.
    let exposures = command.exposures.filter { exposure in
      !(settings.overlaidHome.map { PathText.isWithin(exposure.path, $0) } ?? false)
    }

    executable = command.path
    self.arguments = arguments
    self.account = account
    self.workDirectory = workDirectory
    hostname = assignment.hostname ?? Default.hostname
    environment = EnvironmentBlock.variables(
      assignment: assignment, account: account, host: host, workDirectory: workDirectory.path,
      exposures: exposures, streams: settings.streams)
    etc = Self.etcFiles(assignment: assignment, account: account)
    commonEtc = Self.commonEtcFiles(host: host, authority: settings.authority)
    // The user's own files say who the user is.
    home = settings.overlaidHome == nil ? Self.homeFiles(assignment: assignment) : []
    homeSource = settings.overlaidHome
    hiddenInHome = settings.overlaidHome.map { Self.relative(settings.hidden, to: $0) } ?? []
    view = RootView(host: host, trustsAuthority: settings.authority != nil)
    self.exposures = exposures
    // A unique local address that follows from the other, as a network without IPv6 routers would have none at all
    // and programs would then not even try.
    network = NetworkAddresses(ipv4: address, ipv6: "fd00::\(address)")
    streams = settings.streams
    traceLevel = settings.traceLevel
    let wanted = (assignment.locale ?? Default.locale).locales + settings.locales
    locales = Set(wanted).sorted()
    uptime = settings.uptime
    hiddenInWork = workDirectory.hidden(settings.hidden)
    self.zone = zone
    add(settings.hooks)
  }

  /// Which of some absolute paths lie below a folder, relative to it.
  fileprivate static func relative(_ paths: [String], to folder: String) -> [String] {
    paths.filter { $0 != folder && PathText.isWithin($0, folder) }.map { String($0.dropFirst(folder.count + 1)) }
  }
}

/// Paths as text: absolute, without dots and symbolic links.
enum PathText {
  /// Whether `path` is `folder` or lies below it.
  static func isWithin(_ path: String, _ folder: String) -> Bool {
    folder == "/" || path == folder || path.hasPrefix(folder + "/")
  }
}

extension Plan.WorkDirectory {
  /// Which of these absolute paths lie below a copy-on-write view, relative to it. Nothing can be hidden in the host's own
  /// folder without removing it there.
  fileprivate func hidden(_ paths: [String]) -> [String] {
    guard case .copyOnWrite(let folder) = self else { return [] }
    return Plan.relative(paths, to: folder)
  }

  /// Folders that the sandbox makes itself.
  private static let own = ["/tmp", "/var", "/var/tmp", "/dev", "/proc", "/sys", "/run", "/etc"]

  public init(host: HostFacts, keepsChanges: Bool) {
    let path = host.workDirectory
    if path == "/" || Self.own.contains(path)
      || ["/dev", "/proc", "/sys", "/etc"].contains(where: {
        PathText.isWithin(path, $0)
      })
    {
      self = .existing(path)
    } else if host.homes.contains(where: { PathText.isWithin($0, path) }) || path == "/home" {
      self = .empty(path)
    } else {
      self = keepsChanges ? .direct(path) : .copyOnWrite(path)
    }
  }
}

extension Plan.RootView {
  /// Folders of `/` that are not the host's inside: made anew, homes, or of no use to a program and rich in secrets.
  private static let ownInRoot: Set<String> = [
    "proc", "sys", "dev", "run", "tmp", "home", "root", "etc", "var", "boot", "lost+found",
  ]
  /// Folders of `/var` that hold other users' data, or state of the running host.
  private static let hiddenInVariable: Set<String> = [
    "tmp", "run", "lock", "mail", "spool", "log", "backups", "crash", "lost+found",
  ]

  init(host: HostFacts, trustsAuthority: Bool) {
    folders = []
    links = []
    placeholders = ["/etc", "/var", "/home", "/root", "/tmp", "/run", "/dev", "/proc", "/sys"]
    // So that files there are found, too, when the changes in /tmp are looked at.
    links.append(.init(path: "/var/tmp", target: "../tmp"))
    for entry in host.root {
      switch entry {
      case .folder(let name) where !Self.ownInRoot.contains(name): folders.append("/" + name)
      case .link(let name, let target) where !Self.ownInRoot.contains(name):
        links.append(.init(path: "/" + name, target: target))
      default: break
      }
    }
    for entry in host.variable {
      switch entry {
      case .folder(let name) where !Self.hiddenInVariable.contains(name): folders.append("/var/" + name)
      case .link(let name, let target) where name != "tmp":
        links.append(.init(path: "/var/" + name, target: target))
      case .folder(let name) where name != "tmp": placeholders.append("/var/" + name)
      default: break
      }
    }
    let shown = folders
    let isShown = { (path: String) in shown.contains { PathText.isWithin(path, $0) } }
    // A folder of `/` that is itself a home must not be shown at all.
    folders.removeAll { host.homes.contains($0) }
    placeholders += shown.filter { host.homes.contains($0) }
    let homes = host.homes.filter { isShown($0) && !shown.contains($0) }
    covered = (homes + host.hiddenElsewhere.filter(isShown)).sorted()
    replaced = host.machineIDFiles.filter(isShown).map { .init(path: $0, target: "/etc/machine-id") }
    if trustsAuthority {
      let keystores = host.javaKeystores.filter { !PathText.isWithin($0, "/etc") && isShown($0) }
      replaced += keystores.map { .init(path: $0, target: "/etc/\(Plan.javaKeystore)") }
    }
  }
}
