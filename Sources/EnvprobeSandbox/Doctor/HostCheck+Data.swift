import CEnvprobeSandbox
import CSeccomp
import EnvprobeModel
import Glibc
import SystemPackage

extension HostCheck {
  /// Libraries, tools and files that a plan depends on.
  static let data: [HostCheck] = [
    HostCheck("libseccomp", .data, "libseccomp 2.5 or later", cost: "the filter cannot be compiled: no run") {
      guard let version = seccomp_version()?.pointee else { return .missing("no version", remedy: nil) }
      let text = "\(version.major).\(version.minor).\(version.micro), API level \(seccomp_api_get())"
      do throws(LaunchError) {
        let policy = try SeccompPolicy(level: .default)
        return .works("\(text); the default filter has \(policy.program.count / 8) instructions")
      } catch {
        return .missing("\(text): \(error)", remedy: "install libseccomp2 2.5 or later")
      }
    },
    HostCheck("locales", .data, "the locales of the bundled profiles", cost: "profiles in these locales cannot be used")
    {
      let names = bundled { $0.locale?.locales ?? [] }
      let cache = LocaleCache(folder: LocaleCache.standardFolder())
      do throws(LaunchError) {
        let built = try cache.layers(for: names).count
        let installed = names.count - built
        return .works("\(installed) installed, \(built) built by localedef in \(cache.folder)")
      } catch {
        return .missing("\(error)", remedy: error.hint)
      }
    },
    HostCheck(
      "time-zones", .data, "the time zones of the bundled profiles", cost: "profiles in these zones cannot be used"
    ) {
      let names = bundled { $0.timezone.map { [$0] } ?? [] } + [Plan.Default.timezone]
      do throws(LaunchError) {
        for name in names { _ = try HostSurvey.moment(in: name, at: 0) }
        return .works("\(Set(names).count) in /usr/share/zoneinfo")
      } catch {
        return .missing("\(error)", remedy: "sudo apt install tzdata")
      }
    },
    HostCheck(
      "certificates", .data, "a bundle of certificates",
      cost:
        "programs that use the system's bundle refuse the gateway's certificate, so that their requests are not seen"
    ) {
      guard let path = try? HostSurvey.facts().certificateBundle else {
        return .missing("none of the usual files", remedy: "sudo apt install ca-certificates")
      }
      do throws(LaunchError) {
        // Only that there is one, and that it can be read.
        let text = try HostFiles.text(path)
        let count = text.split(separator: "-----BEGIN CERTIFICATE-----").count - 1
        return count > 0
          ? .works("\(count) in \(path)")
          : .missing("\(path) holds none", remedy: "sudo update-ca-certificates")
      } catch {
        return .missing("\(error)", remedy: "sudo apt install --reinstall ca-certificates")
      }
    },
  ]

  private static func bundled(_ values: (Assignment) -> [String]) -> [String] {
    let library = ProfileLibrary { _ in throw LaunchError(.read, errno: .noSuchFileOrDirectory) }
    let profiles = library.names.compactMap { try? library.profile($0) }
    return Set(profiles.flatMap { values($0.assignment) }).sorted()
  }

  /// Where runs put what they make.
  static let room: [HostCheck] = [
    HostCheck("stage", .room, "room for a run's private files", cost: "runs fail where the program writes much") {
      do throws(LaunchError) {
        let parent = Stage.parentFolder(workDirectory: try HostFiles.workingDirectory())
        let folder = try HostFiles.makeTemporaryFolder(in: parent)
        try HostFiles.removeTree(folder)
        return try space(in: parent, least: 64 << 20, comfortable: 1 << 30)
      } catch {
        return .missing("\(error)", remedy: "make the folder writable, or set TMPDIR to one that is")
      }
    }
  ]

  /// The outcome of looking for room in a folder that exists.
  ///
  /// - Parameters:
  ///   - least: bytes without which nothing works.
  ///   - comfortable: bytes below which it is worth a word.
  public static func space(in folder: String, least: UInt64, comfortable: UInt64) throws(LaunchError) -> Outcome {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else {
      throw LaunchError(.read, subject: folder, errno: Errno(rawValue: errno))
    }
    let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
    let text = "\(amount(free)) free in \(folder)"
    let remedy = "free some, or choose a folder on another file system"
    if free < least { return .missing(text, remedy: remedy) }
    if free < comfortable { return .limited(text, remedy: remedy) }
    return .works(text)
  }

  private static func amount(_ bytes: UInt64) -> String {
    bytes >= 10 << 30 ? "\(bytes >> 30) GiB" : "\(bytes >> 20) MiB"
  }

  /// The host in a few words: `Linux 6.18.5 (x86_64), Debian GNU/Linux 12 (bookworm), as root`.
  public static func hostDescription() -> String {
    let kernel = KernelIdentity.current()
    let release = ["/etc/os-release", "/usr/lib/os-release"].lazy.compactMap { try? HostFiles.text($0) }.first ?? ""
    let name = release.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
      .map { $0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" } }
    return [
      "Linux \(kernel.release) (\(kernel.machine))", name, OuterIdentity.isRoot ? "as root" : "as an ordinary user",
    ]
    .compactMap { $0 }.joined(separator: ", ")
  }
}
