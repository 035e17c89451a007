import CEnvprobeDoctor
import CEnvprobeSandbox
import EnvprobeModel
import Glibc
import SystemPackage

extension HostCheck {
  private static let noRun = "no program can be run"

  /// What a sandbox is made of. Each is tried as the caller, in a user namespace of its own.
  static let sandbox: [HostCheck] = [
    HostCheck("kernel", .sandbox, "Linux \(LaunchError.oldestKernel) or later", cost: noRun) {
      let kernel = KernelIdentity.current()
      guard kernel.isAtLeast(LaunchError.oldestKernel) else {
        return .missing("Linux \(kernel.release)", remedy: "upgrade the kernel")
      }
      return .works("Linux \(kernel.release)")
    },
    HostCheck("user-namespaces", .sandbox, "user namespaces", cost: noRun) {
      KernelTrial.outcome(of: .createNamespaces, "made, with a user of its own") {
        try KernelTrial.attempt(ENVPROBE_TRY_USER)
      }
    },
    HostCheck("namespaces", .sandbox, "every other namespace", cost: noRun) {
      KernelTrial.outcome(of: .createNamespaces, kinds.map(\.name).joined(separator: ", ")) {
        for kind in kinds {
          do throws(KernelTrial.Failure) { try KernelTrial.attempt(ENVPROBE_TRY_KIND, flags: kind.flag) } catch {
            throw KernelTrial.Failure(step: "the \(kind.name) namespace", errno: error.errno)
          }
        }
      }
    },
    HostCheck("mounts", .sandbox, "mounts inside, read-only", cost: noRun) {
      KernelTrial.outcome(of: .setAttributes, "tmpfs mounted; nothing could be written once it was read-only") {
        try KernelTrial.withFolders(["mount"]) { try KernelTrial.attempt(ENVPROBE_TRY_MOUNTS, paths: $0) }
      }
    },
    HostCheck("proc", .sandbox, "a process list inside", cost: noRun) {
      KernelTrial.outcome(of: .mount(fileSystem: "proc"), "proc mounted") {
        try KernelTrial.attempt(ENVPROBE_TRY_PROC)
      }
    },
    HostCheck("terminals", .sandbox, "terminals inside", cost: "programs cannot be used interactively") {
      KernelTrial.outcome(of: .mount(fileSystem: "devpts"), "one was opened") {
        try KernelTrial.withFolders(["pts"]) { try KernelTrial.attempt(ENVPROBE_TRY_TERMINAL, paths: $0) }
      }
    },
    HostCheck(
      "overlay", .sandbox, "overlays in a user namespace",
      cost: "a profile's /etc cannot be laid over the host's, nor can changes to files be kept from it"
    ) {
      KernelTrial.outcome(of: .mount(fileSystem: "overlay"), "a file changed and one removed, the originals untouched")
      {
        try KernelTrial.withFolders(["lower", "upper", "state", "overlay"]) { folders in
          for name in ["kept", "removed"] { try HostFiles.write([], to: "\(folders[0])/\(name)") }
          try KernelTrial.attempt(ENVPROBE_TRY_OVERLAY, paths: folders)
          let isUntouched = try HostFiles.bytes(folders[0] + "/kept").isEmpty
          guard isUntouched, HostFiles.kind(folders[0] + "/removed") == .file else {
            throw KernelTrial.Failure(step: "keep the original", errno: .ioError)
          }
        }
      }
    },
    HostCheck(
      "id-mapped-mounts", .sandbox, "mounts with other owners", isRequired: false,
      cost: "where root runs a program, it can write in the working directory only what everybody may",
      examine: idMappedMount),
    HostCheck("network", .sandbox, "a network inside", cost: noRun) {
      KernelTrial.outcome(of: .configureNetwork, "loopback up, port 443 listened on") {
        try KernelTrial.attempt(ENVPROBE_TRY_NETWORK)
      }
    },
    HostCheck("clocks", .sandbox, "clocks of its own (time namespace)", cost: noRun) {
      KernelTrial.outcome(of: .setClocks, "an hour ahead, as a child saw them") {
        try KernelTrial.attempt(ENVPROBE_TRY_CLOCKS)
      }
    },
  ]

  private static let kinds: [(name: String, flag: Int32)] = [
    ("mount", CLONE_NEWNS), ("process", CLONE_NEWPID), ("network", CLONE_NEWNET), ("host name", CLONE_NEWUTS),
    ("IPC", CLONE_NEWIPC), ("cgroup", CLONE_NEWCGROUP),
  ]

  /// Only root's working directory is shown with another owner.
  private static func idMappedMount() -> Outcome {
    guard OuterIdentity.isRoot else { return .unneeded("an ordinary user's program owns what its user owns") }
    do {
      let path = try HostFiles.workingDirectory()
      let users = try HostFiles.text("/proc/self/uid_map")
      let groups = try HostFiles.text("/proc/self/gid_map")
      let outer = try OuterIdentity.current()
      let namespace = envprobe_user_namespace(
        IDExchange(ranges: IDExchange.ranges(in: users), first: 0, second: UInt64(outer.user)).map,
        IDExchange(ranges: IDExchange.ranges(in: groups), first: 0, second: UInt64(outer.group)).map)
      guard namespace >= 0 else {
        return .missing("a user namespace for it: \(KernelTrial.text(Errno(rawValue: -namespace)))", remedy: nil)
      }
      defer { close(namespace) }
      let mount = envprobe_detached_mount(path)
      guard mount >= 0 else {
        return .missing("detach \(path): \(KernelTrial.text(Errno(rawValue: -mount)))", remedy: nil)
      }
      defer { close(mount) }
      let result = envprobe_map_mount(mount, namespace)
      guard result == 0 else {
        return .missing(
          "the file system of \(path): \(KernelTrial.text(Errno(rawValue: -result)))",
          remedy: "work in a folder on ext4, xfs, btrfs or tmpfs, or on a newer kernel")
      }
      return .works("of \(path)")
    } catch {
      return .missing("\(error)", remedy: nil)
    }
  }

  /// Each of these can forbid what is tried above. The trials decide; these say what to change.
  static let settings: [HostCheck] = [
    setting(
      "max-user-namespaces", "user.max_user_namespaces", file: "/proc/sys/user/max_user_namespaces",
      remedy: "sudo sysctl user.max_user_namespaces=15000"
    ) { value, _ in value >= 64 },
    setting(
      "unprivileged-user-namespaces", "kernel.unprivileged_userns_clone",
      file: "/proc/sys/kernel/unprivileged_userns_clone", remedy: "sudo sysctl kernel.unprivileged_userns_clone=1"
    ) { value, isRoot in isRoot || value != 0 },
    setting(
      "apparmor-user-namespaces", "kernel.apparmor_restrict_unprivileged_userns",
      file: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
      remedy: "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile with 'userns,'"
    ) { value, isRoot in isRoot || value == 0 },
    setting(
      "ptrace-scope", "kernel.yama.ptrace_scope", file: "/proc/sys/kernel/yama/ptrace_scope",
      remedy: "sudo sysctl kernel.yama.ptrace_scope=1"
    ) { value, isRoot in value <= 1 || (isRoot && value == 2) },
  ]

  private static func setting(
    _ name: String, _ title: String, file: String, remedy: String,
    allows: @escaping @Sendable (_ value: Int, _ isRoot: Bool) -> Bool
  ) -> HostCheck {
    HostCheck(name, .settings, title, isRequired: false, cost: "the kernel may refuse what is tried above") {
      guard let text = try? HostFiles.text(file), let value = Int(text.prefix { $0.isNumber || $0 == "-" }) else {
        return .unneeded("this kernel has no such setting")
      }
      return allows(value, OuterIdentity.isRoot) ? .works("\(value)") : .limited("\(value)", remedy: remedy)
    }
  }
}

/// What the running kernel calls itself.
struct KernelIdentity {
  /// Such as `6.1.0-18-amd64`.
  var release: String
  /// Such as `x86_64`.
  var machine: String

  static func current() -> KernelIdentity {
    var names = utsname()
    uname(&names)
    func text(_ field: some Any) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return KernelIdentity(release: text(names.release), machine: text(names.machine))
  }

  /// Whether the release is this version, such as `5.12`, or a later one.
  func isAtLeast(_ version: String) -> Bool {
    func numbers(_ text: String) -> [Int] {
      text.prefix { $0.isNumber || $0 == "." }.split(separator: ".").prefix(2).map { Int($0) ?? 0 }
    }
    return !numbers(release).lexicographicallyPrecedes(numbers(version))
  }
}
