extension FlagTable {
  #if arch(arm64) || arch(arm)
    private static let directory: UInt64 = 0x4000
    /// `O_NOFOLLOW`
    public static let noFollow: UInt64 = 0x8000
    private static let direct: UInt64 = 0x10000
    private static let largeFile: UInt64 = 0x20000
  #else
    private static let directory: UInt64 = 0x10000
    /// `O_NOFOLLOW`
    public static let noFollow: UInt64 = 0x20000
    private static let direct: UInt64 = 0x4000
    private static let largeFile: UInt64 = 0x8000
  #endif

  /// Of the flags of `open(2)`, those with which a file is created: `O_CREAT` and `O_TMPFILE`, this without the
  /// `O_DIRECTORY` that it contains.
  public static let createsFile: UInt64 = 0x40 | 0x400000

  /// `open(2)`.
  static let open = FlagTable(
    bits: [
      (0x40, "O_CREAT"), (0x80, "O_EXCL"), (0x100, "O_NOCTTY"), (0x200, "O_TRUNC"), (0x400, "O_APPEND"),
      (0x800, "O_NONBLOCK"), (0x101000, "O_SYNC"), (0x1000, "O_DSYNC"), (0x2000, "O_ASYNC"), (direct, "O_DIRECT"),
      (largeFile, "O_LARGEFILE"), (0x400000 | directory, "O_TMPFILE"), (directory, "O_DIRECTORY"),
      (noFollow, "O_NOFOLLOW"), (0x40000, "O_NOATIME"), (0x80000, "O_CLOEXEC"), (0x200000, "O_PATH"),
    ],
    field: 3, names: [(0, "O_RDONLY"), (1, "O_WRONLY"), (2, "O_RDWR"), (3, "O_ACCMODE")])

  /// `openat(2)` and its kin. `AT_REMOVEDIR` has the number of `AT_EACCESS`: which of both it is depends on the call.
  static let at = FlagTable(bits: [
    (0x100, "AT_SYMLINK_NOFOLLOW"), (0x200, "AT_REMOVEDIR"), (0x400, "AT_SYMLINK_FOLLOW"), (0x800, "AT_NO_AUTOMOUNT"),
    (0x1000, "AT_EMPTY_PATH"), (0x2000, "AT_STATX_FORCE_SYNC"), (0x4000, "AT_STATX_DONT_SYNC"),
    (0x8000, "AT_RECURSIVE"),
  ])

  /// `access(2)`.
  static let access = FlagTable(bits: [(4, "R_OK"), (2, "W_OK"), (1, "X_OK")], empty: "F_OK")

  /// `renameat2(2)`.
  static let rename = FlagTable(bits: [(1, "RENAME_NOREPLACE"), (2, "RENAME_EXCHANGE"), (4, "RENAME_WHITEOUT")])

  /// `mount(2)`.
  static let mount = FlagTable(bits: [
    (0x1, "MS_RDONLY"), (0x2, "MS_NOSUID"), (0x4, "MS_NODEV"), (0x8, "MS_NOEXEC"), (0x10, "MS_SYNCHRONOUS"),
    (0x20, "MS_REMOUNT"), (0x40, "MS_MANDLOCK"), (0x80, "MS_DIRSYNC"), (0x100, "MS_NOSYMFOLLOW"),
    (0x400, "MS_NOATIME"), (0x800, "MS_NODIRATIME"), (0x1000, "MS_BIND"), (0x2000, "MS_MOVE"), (0x4000, "MS_REC"),
    (0x8000, "MS_SILENT"), (0x10000, "MS_POSIXACL"), (0x20000, "MS_UNBINDABLE"), (0x40000, "MS_PRIVATE"),
    (0x80000, "MS_SLAVE"), (0x100000, "MS_SHARED"), (0x200000, "MS_RELATIME"), (0x400000, "MS_KERNMOUNT"),
    (0x800000, "MS_I_VERSION"), (0x1000000, "MS_STRICTATIME"), (0x2000000, "MS_LAZYTIME"),
  ])
}
