import SystemPackage
import Testing

@testable import EnvprobeSandbox

@Suite struct LaunchErrorTests {
  @Test(arguments: [
    (
      LaunchError(.mount(fileSystem: "tmpfs"), subject: "/home", errno: .notPermitted, hint: "try it"),
      "envprobe: cannot mount tmpfs on /home: Operation not permitted (EPERM)\nhint: try it", Int32(125)
    ),
    (
      LaunchError(.createNamespaces, errno: .noSpace),
      "envprobe: cannot create the namespaces of the sandbox: No space left on device (ENOSPC)", 125
    ),
    (
      LaunchError(.installFilter, errno: .invalidArgument),
      "envprobe: cannot install the system call filter: Invalid argument (EINVAL)", 125
    ),
    (
      LaunchError(.execute, subject: "/bin/x", errno: .permissionDenied),
      "envprobe: cannot execute /bin/x: Permission denied (EACCES)", 126
    ),
    (
      LaunchError(.findCommand, subject: "x", errno: .noSuchFileOrDirectory),
      "envprobe: cannot find the command x: No such file or directory (ENOENT)", 127
    ),
  ])
  func textAndStatus(_ error: LaunchError, _ message: String, _ status: Int32) {
    #expect(error.message == message)
    #expect(error.exitStatus == status)
  }

  private static let ordinary = KernelSettings(isRoot: false)

  @Test(
    arguments: [
      (
        LaunchError(.createNamespaces, errno: .notPermitted),
        KernelSettings(appArmorRestrictsUserNamespaces: 1, isRoot: false),
        "AppArmor restricts user namespaces: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run as root"
      ),
      (
        LaunchError(.mapUser, subject: "/proc/self/uid_map", errno: .permissionDenied),
        KernelSettings(appArmorRestrictsUserNamespaces: 1, isRoot: false),
        "AppArmor restricts user namespaces: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run as root"
      ),
      (
        LaunchError(.createNamespaces, errno: .notPermitted),
        KernelSettings(unprivilegedUserNamespaces: 0, isRoot: false),
        "user namespaces are switched off: sudo sysctl kernel.unprivileged_userns_clone=1, or run as root"
      ),
      (
        LaunchError(.createNamespaces, errno: .noSpace), KernelSettings(maximumUserNamespaces: 0, isRoot: true),
        "raise the limit (it is 0): sudo sysctl user.max_user_namespaces=15000"
      ),
      (
        LaunchError(.createNamespaces, errno: .notPermitted), KernelSettings(isRoot: true, isInChroot: true),
        "in a chroot the kernel makes no user namespaces: enter the folder as a container, or run on the host"
      ),
      (
        LaunchError(.createNamespaces, errno: .notPermitted), KernelSettings(isRoot: true),
        "something forbids it, such as a container's own filter: start that with --privileged, or run on the host"
      ),
      (
        LaunchError(.mount(fileSystem: "proc"), subject: "/proc", errno: .notPermitted), ordinary,
        "parts of /proc are covered here, as in a container: start that with --security-opt systempaths=unconfined"
      ),
      (
        LaunchError(.mount(fileSystem: "overlay"), subject: "/x", errno: .invalidArgument), ordinary,
        "this file system cannot be seen or changed through an overlay: use --keep-changes, or another folder"
      ),
      (
        LaunchError(.installFilter, errno: .invalidArgument), ordinary,
        "this kernel has no seccomp user notification: envprobe needs Linux 5.12 or later"
      ),
      (
        LaunchError(.installFilter, errno: .resourceBusy), ordinary,
        "a program that is already supervised cannot supervise another one: do not run envprobe inside envprobe"
      ),
      (LaunchError(.setAttributes, subject: "/", errno: .noFunction), ordinary, "envprobe needs Linux 5.12 or later"),
      (LaunchError(.execute, subject: "/x", errno: .permissionDenied), ordinary, nil),
    ] as [(LaunchError, KernelSettings, String?)])
  func remedies(_ error: LaunchError, _ kernel: KernelSettings, _ remedy: String?) {
    #expect(error.remedy(under: kernel) == remedy)
  }

  @Test func stepsAreToldAsTheyAreInside() {
    let operation = SetupOperation.mount(fileSystem: "tmpfs", path: "/tmp/run-x/root/dev/shm", flags: [], options: "")
    #expect(
      operation.error(.notPermitted, root: "/tmp/run-x/root").description
        == "cannot mount tmpfs on /dev/shm: Operation not permitted (EPERM)")
    #expect(
      SetupOperation.optional(.bind(source: "/usr", path: "/tmp/run-x/root/usr")).error(
        .noMemory, root: "/tmp/run-x/root"
      )
      .description == "cannot bind /usr: Cannot allocate memory (ENOMEM)")
  }

  @Test(arguments: [
    ("27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n28 27 0:21 / /proc rw - proc proc rw\n", true),
    ("28 27 0:21 / /proc rw - proc proc rw\n", false),
    ("", true),
  ]) func aChrootShowsNoRootAmongItsMounts(_ mounts: String, _ showsRoot: Bool) {
    #expect(KernelSettings.showsRoot(mounts) == showsRoot)
  }
}
