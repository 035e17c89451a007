import Glibc
import SystemPackage

/// Settings of the running kernel that decide whether a sandbox can be made.
struct KernelSettings: Hashable, Sendable {
  /// `kernel.apparmor_restrict_unprivileged_userns`
  var appArmorRestrictsUserNamespaces: Int?
  /// `kernel.unprivileged_userns_clone`
  var unprivilegedUserNamespaces: Int?
  /// `user.max_user_namespaces`
  var maximumUserNamespaces: Int?
  var isRoot: Bool
  /// Whether the root folder is not that of the mount namespace, in which case the kernel makes no user namespaces
  /// (user_namespaces(7)).
  var isInChroot = false

  static func current() -> KernelSettings {
    func number(_ path: String) -> Int? {
      guard let text = try? HostFiles.text(path) else { return nil }
      return Int(text.prefix { $0.isNumber })
    }
    return KernelSettings(
      appArmorRestrictsUserNamespaces: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
      unprivilegedUserNamespaces: number("/proc/sys/kernel/unprivileged_userns_clone"),
      maximumUserNamespaces: number("/proc/sys/user/max_user_namespaces"),
      isRoot: OuterIdentity.isRoot, isInChroot: !showsRoot((try? HostFiles.text("/proc/self/mountinfo")) ?? ""))
  }

  /// Whether something is mounted at `/` in a process's mounts, in the form of `/proc/self/mountinfo`: what lies outside
  /// its root is not listed there. A list that could not be read says nothing.
  static func showsRoot(_ mounts: String) -> Bool {
    mounts.isEmpty || mounts.split(separator: "\n").contains { $0.split(separator: " ").dropFirst(4).first == "/" }
  }
}

extension LaunchError {
  static let oldestKernel = "5.12"

  /// The remedy for a failure of the kernel to do what a sandbox needs, `nil` where none is known.
  func remedy(under kernel: KernelSettings) -> String? {
    switch (operation, errno) {
    case (.installFilter, .resourceBusy):
      return "a program that is already supervised cannot supervise another one: do not run envprobe inside envprobe"
    case (.installFilter, .invalidArgument), (.installFilter, .noFunction):
      return "this kernel has no seccomp user notification: envprobe needs Linux \(Self.oldestKernel) or later"
    case (.setAttributes, .noFunction), (.bind, .noFunction):
      return "envprobe needs Linux \(Self.oldestKernel) or later"
    case (.mount("overlay"), Errno(rawValue: ENODEV)):
      return "this kernel has no overlay file system: load it with sudo modprobe overlay"
    case (.mount("overlay"), .invalidArgument):
      return "this file system cannot be seen or changed through an overlay: use --keep-changes, or another folder"
    case (.createNamespaces, .noSpace):
      let limit = kernel.maximumUserNamespaces.map { " (it is \($0))" } ?? ""
      return "raise the limit\(limit): sudo sysctl user.max_user_namespaces=15000"
    case (.createNamespaces, .invalidArgument), (.createNamespaces, .noFunction):
      return "this kernel lacks a kind of namespace: envprobe needs Linux \(Self.oldestKernel) or later"
    case (_, .notPermitted), (_, .permissionDenied):
      return permissionRemedy(under: kernel)
    default: return nil
    }
  }

  private func permissionRemedy(under kernel: KernelSettings) -> String? {
    switch operation {
    case .createNamespaces, .mapUser, .becomeUser, .mount, .bind, .setAttributes, .setHostname, .configureNetwork: break
    default: return nil
    }
    if kernel.isInChroot, operation == .createNamespaces {
      return "in a chroot the kernel makes no user namespaces: enter the folder as a container, or run on the host"
    }
    if !kernel.isRoot, kernel.appArmorRestrictsUserNamespaces == 1 {
      return
        "AppArmor restricts user namespaces: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run as root"
    }
    if !kernel.isRoot, kernel.unprivilegedUserNamespaces == 0 {
      return "user namespaces are switched off: sudo sysctl kernel.unprivileged_userns_clone=1, or run as root"
    }
    if case .mount("proc") = operation {
      return "parts of /proc are covered here, as in a container: start that with --security-opt systempaths=unconfined"
    }
    if case .mount("overlay") = operation {
      return "overlays in user namespaces are forbidden here: envprobe needs Linux \(Self.oldestKernel) or later"
    }
    return "something forbids it, such as a container's own filter: start that with --privileged, or run on the host"
  }

  /// This error with the remedy that the running kernel's settings suggest, unless it has a hint already.
  func withRemedy() -> LaunchError {
    var result = self
    result.hint = hint ?? remedy(under: .current())
    return result
  }
}
