/// A system call whose arguments are known by role, or that is treated in a special way.
///
/// One row serves the filter, the decoder, the reference page and the tests. Calls without a row are recorded by name
/// with their raw numbers. Numbers come from libseccomp, per architecture.
public struct SyscallRule: Hashable, Sendable {
  /// What a call's argument is.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    /// A folder that a following `path` is relative to.
    case directoryFD
    /// A NUL-terminated path.
    case path
    /// A path that is recorded but not resolved: the text of a symbolic link.
    case linkText
    /// A NUL-terminated string that is no path.
    case text
    /// A string that is no path; the next argument is its length in bytes.
    case sizedText
    /// All 64 bits of the register: sizes, offsets, masks.
    case number
    /// A C `int`, a process id or a user id: the low 32 bits, signed, as the upper ones may hold anything.
    case int
    case fd
    /// Permission bits. After `openFlags`, only where the flags ask for a file to be created.
    case mode
    case openFlags, atFlags, cloneFlags, unshareFlags, mountFlags, socketFamily, socketType, accessMode, signal
    case ioctlRequest, prctlOption, seccompOperation, ptraceRequest, renameFlags, clockID, resource
    /// A `struct open_how *`, of which the flags are decoded; the next argument is its size.
    case openHow
    /// A `struct clone_args *`, of which the flags are decoded; the next argument is its size.
    case cloneArguments
    /// A `struct sockaddr *`; the next argument is its length.
    case socketAddress
    /// A `struct msghdr *`, of which the name is decoded.
    case messageHeader
    /// A `struct mmsghdr *`, of which the first names are decoded; the next argument counts them.
    case messageVector
    /// The number of a call of i386's `socketcall`; the next argument points to that call's own arguments.
    case socketCall
    /// `argv` and `envp`.
    case argumentVector, environmentVector
    /// Not decoded: an address that only the program can use.
    case opaque
  }

  /// What becomes of a call at the default trace level.
  public enum Treatment: Hashable, Sendable {
    /// Notified and let go on.
    case recorded
    /// Too frequent to notify: only seen at the full level.
    case hot
    /// Notified only where an argument test holds.
    case recordedWhen(ArgumentTest)
    /// Notified and answered with an errno: what no audited program needs.
    case denied(errno: String)
  }

  /// A test that the filter makes in BPF.
  public enum ArgumentTest: Hashable, Sendable {
    /// The argument masked equals the value.
    case masked(argument: Int, mask: UInt64, equals: UInt64)
    case notZero(argument: Int)
  }

  public var name: String
  public var roles: [Role]
  public var treatment: Treatment

  /// Whether a packet may leave with it: what it is addressed to must be there before it goes on, at every level.
  public var reachesOut: Bool {
    ["connect", "sendto", "sendmsg", "sendmmsg"].contains(name) || roles.first == .socketCall
  }

  /// Whether the kernel itself never breaks it off for a signal, as it waits for no other program. Opening a named pipe
  /// is the exception, and counts among these: files are opened much more often.
  public var waitsForNobody: Bool {
    let creates: Set<Role> = [.path, .linkText, .cloneFlags, .cloneArguments, .socketFamily]
    return !creates.isDisjoint(with: roles)
      || ["fork", "vfork", "bind", "listen", "setsockopt", "getsockopt", "getsockname", "getpeername"].contains(name)
  }

  /// What a recorder puts into the upper half of an argument of the calls that it makes in a program itself. The kernel
  /// takes no notice of it there.
  public static let recorderMark: UInt32 = 0x656e_7670

  /// The calls of which there are such ones, and the argument that carries the mark.
  public static let markedArguments = ["memfd_create": 1, "mmap": 4, "close": 0]

  /// Whether what a path means may be another afterwards, whatever its arguments: it makes, moves or removes something
  /// that has a name. For calls that open files, their flags decide (``FlagTable/createsFile``).
  public var changesNames: Bool { Self.changing.contains(name) }

  /// Whether a link in the last component of its paths is meant itself. For calls with flags, those decide as well.
  public var isAboutLinks: Bool { Self.aboutLinks.contains(name) }

  /// Whether afterwards the caller's paths may begin elsewhere.
  public var changesRoot: Bool { ["chroot", "pivot_root", "setns", "unshare"].contains(name) }

  private static let changing: Set<String> = [
    "creat", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2", "mknod", "mknodat",
    "symlink", "symlinkat", "link", "linkat", "bind", "mount", "umount", "umount2", "pivot_root", "move_mount",
    "fsmount",
    "mount_setattr", "open_tree", "chroot", "setns", "unshare",
  ]
  private static let aboutLinks: Set<String> = [
    "lstat", "lstat64", "oldlstat", "readlink", "readlinkat", "lchown", "lchown32", "rmdir", "unlink", "unlinkat",
    "rename", "renameat", "renameat2", "mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat", "link", "linkat",
    "lgetxattr", "lsetxattr", "llistxattr", "lremovexattr",
  ]

  public init(_ name: String, _ roles: Role..., treatment: Treatment = .recorded) {
    self.name = name
    self.roles = roles
    self.treatment = treatment
  }
}
