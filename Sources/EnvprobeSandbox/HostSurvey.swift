import EnvprobeModel
import Glibc
import SystemPackage

/// Looks at the host for what a plan depends on.
enum HostSurvey {
  private static let bundles = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
  ]
  /// Never hidden, whatever an account says its home is.
  private static let shared: Set<String> = [
    "/", "/bin", "/sbin", "/usr", "/usr/bin", "/usr/sbin", "/usr/lib", "/lib", "/opt", "/var", "/var/lib", "/etc",
    "/dev", "/proc", "/sys", "/run", "/tmp", "/srv", "/mnt", "/home",
  ]

  static func facts() throws(LaunchError) -> HostFacts {
    let workDirectory = try HostFiles.workingDirectory()
    let existing = { (paths: [String], folder: String) in
      paths.filter { HostFiles.kind(folder + $0) != nil }
    }
    return HostFacts(
      searchPath: HostFiles.environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
      terminalType: HostFiles.environment("TERM"),
      colorTerminal: HostFiles.environment("COLORTERM"),
      workDirectory: workDirectory,
      homes: try homes(workDirectory: workDirectory),
      root: try entries("/"),
      variable: HostFiles.isFolder("/var") ? try entries("/var") : [],
      hiddenInEtc: existing(Plan.hiddenInEtc, "/etc/"),
      hiddenElsewhere: existing(Plan.hiddenElsewhere, ""),
      certificateBundle: bundles.first { HostFiles.status($0) != nil }.flatMap(HostFiles.realPath),
      javaKeystores: javaKeystores(),
      machineIDFiles: ["/var/lib/dbus/machine-id"].filter { HostFiles.kind($0) == .file },
      shell: HostFiles.status("/bin/bash") != nil ? "/bin/bash" : "/bin/sh")
  }

  /// The certificates of the Javas in the usual folders.
  private static func javaKeystores() -> [String] {
    var found: Set<String> = []
    if let path = HostFiles.realPath("/etc/ssl/certs/java/cacerts") { found.insert(path) }
    for folder in ["/usr/lib/jvm", "/usr/java", "/opt"] {
      for entry in (try? HostFiles.list(folder)) ?? [] where entry.kind == .folder {  // where there is none
        for inner in ["", "/jre"] {
          let path = "\(folder)/\(entry.name)\(inner)/lib/security/cacerts"
          if let file = HostFiles.realPath(path) { found.insert(file) }
        }
      }
    }
    return found.sorted()
  }

  /// The homes of people: of the accounts that log in, of whoever calls, and what lies in `/home`.
  private static func homes(workDirectory: String) throws(LaunchError) -> [String] {
    var found: Set<String> = ["/root"]
    for account in try OuterIdentity.accounts() where account.user == 0 || (1000..<65000).contains(account.user) {
      found.insert(account.home)
    }
    if let home = HostFiles.environment("HOME") { found.insert(home) }
    if workDirectory.hasPrefix("/home/") {
      found.insert("/home/" + workDirectory.dropFirst(6).prefix { $0 != "/" })
    }
    return Set(found.compactMap(HostFiles.realPath)).filter { !shared.contains($0) && HostFiles.isFolder($0) }.sorted()
  }

  private static func entries(_ folder: String) throws(LaunchError) -> [HostFacts.Entry] {
    let prefix = folder == "/" ? "/" : folder + "/"
    return try HostFiles.list(folder).sorted { $0.name < $1.name }.compactMap { entry in
      switch entry.kind {
      case .folder: .folder(entry.name)
      case .link: HostFiles.linkTarget(prefix + entry.name).map { .link(entry.name, target: $0) }
      case .file, .other: nil
      }
    }
  }

  /// What holds in a zone at an instant.
  static func moment(in zone: String, at instant: Int64) throws(LaunchError) -> ZoneFile.Moment {
    try file(of: zone).moment(at: instant)
  }

  /// A zone of the host's database.
  static func file(of zone: String) throws(LaunchError) -> ZoneFile {
    let path = "/usr/share/zoneinfo/" + zone
    guard let status = HostFiles.status(path), HostFiles.kind(of: status) == .file,
      let file = ZoneFile(try HostFiles.bytes(path))
    else {
      throw LaunchError(
        .findZone, subject: zone, errno: .noSuchFileOrDirectory, hint: "install the package tzdata (tzdata-legacy)")
    }
    return file
  }
}
