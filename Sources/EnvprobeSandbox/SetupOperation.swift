import CEnvprobeSandbox
import EnvprobeModel
import SystemPackage

/// One step of making a sandbox, as the child takes it between `clone` and `execve`.
enum SetupOperation: Hashable, Sendable {
  /// Mount attributes, with the values of `mount_setattr(2)`.
  struct Attributes: OptionSet, Hashable, Sendable {
    var rawValue: UInt64
    /// The corresponding C flag is `MOUNT_ATTR_RDONLY`.
    static let readOnly = Attributes(rawValue: 0x1)
    /// The corresponding C flag is `MOUNT_ATTR_NOSUID`.
    static let noSetUserID = Attributes(rawValue: 0x2)
  }
  /// Flags of `mount(2)`.
  struct MountFlags: OptionSet, Hashable, Sendable {
    var rawValue: UInt64
    /// The corresponding C flags are `MS_RDONLY`, `MS_NOSUID`, `MS_NODEV`, `MS_NOEXEC`.
    static let readOnly = MountFlags(rawValue: 1)
    static let noSetUserID = MountFlags(rawValue: 2)
    static let noDevices = MountFlags(rawValue: 4)
    static let noExecution = MountFlags(rawValue: 8)
  }

  case write(path: String, text: String)
  case awaitParent
  case become(user: UInt32, group: UInt32, clearsGroups: Bool)
  case mount(fileSystem: String, path: String, flags: MountFlags, options: String)
  case bind(source: String, path: String)
  /// The mount that the parent detached from `source`, in `descriptor`.
  case attach(source: String, descriptor: Int32, path: String)
  case setAttributes(path: String, Attributes, recursive: Bool)
  case makePrivate
  case folder(path: String, mode: UInt32)
  case file(path: String, contents: [UInt8])
  case whiteout(path: String)
  case link(path: String, target: String)
  case changeRoot(path: String)
  case hostname(String)
  case network(NetlinkBatch)
  case unshareClocks
  case terminal(multiplexer: String, columns: Int, rows: Int)
  case disguise
  case newSession
  case takeTerminal
  case duplicate(Int32, to: Int32)
  case open(path: String, to: Int32)
  case changeFolder(path: String)
  case umask(UInt32)
  case noCoreDumps
  case resetSignals
  case dropCapabilities
  case noNewPrivileges
  case expose
  case filter(SeccompPolicy)
  case execute(path: String)
  /// A step that may fail: the failure becomes a diagnostic.
  indirect case optional(SetupOperation)
}

extension SetupOperation {
  /// The error of this step. `root` is where the new root is on the host: paths are told as they are inside.
  func error(_ errno: Errno, root: String) -> LaunchError {
    func inside(_ path: String) -> String {
      path == root ? "/" : path.hasPrefix(root + "/") ? String(path.dropFirst(root.count)) : path
    }
    switch self {
    case .write(let path, _):
      return LaunchError(path.hasSuffix("timens_offsets") ? .setClocks : .mapUser, subject: path, errno: errno)
    case .awaitParent: return LaunchError(.start, errno: errno)
    case .become: return LaunchError(.becomeUser, errno: errno)
    case .mount(let fileSystem, let path, _, _):
      return LaunchError(.mount(fileSystem: fileSystem), subject: inside(path), errno: errno)
    case .bind(let source, _), .attach(let source, _, _):
      return LaunchError(.bind, subject: inside(source), errno: errno)
    case .setAttributes(let path, _, _): return LaunchError(.setAttributes, subject: inside(path), errno: errno)
    case .makePrivate: return LaunchError(.setAttributes, subject: "/", errno: errno)
    case .folder(let path, _): return LaunchError(.makeFolder, subject: inside(path), errno: errno)
    case .file(let path, _), .whiteout(let path): return LaunchError(.makeFile, subject: inside(path), errno: errno)
    case .link(let path, _): return LaunchError(.makeLink, subject: inside(path), errno: errno)
    case .changeRoot(let path): return LaunchError(.changeRoot, subject: path, errno: errno)
    case .hostname(let name): return LaunchError(.setHostname, subject: name, errno: errno)
    case .network: return LaunchError(.configureNetwork, errno: errno)
    case .unshareClocks: return LaunchError(.setClocks, errno: errno)
    case .terminal, .takeTerminal: return LaunchError(.openTerminal, errno: errno)
    case .disguise, .expose, .dropCapabilities, .noNewPrivileges: return LaunchError(.dropPrivileges, errno: errno)
    case .newSession, .duplicate, .resetSignals, .umask: return LaunchError(.connectStreams, errno: errno)
    case .open(let path, _): return LaunchError(.connectStreams, subject: path, errno: errno)
    case .changeFolder(let path): return LaunchError(.changeFolder, subject: path, errno: errno)
    case .noCoreDumps: return LaunchError(.limitResources, errno: errno)
    case .filter: return LaunchError(.installFilter, errno: errno)
    case .execute(let path): return LaunchError(.execute, subject: path, errno: errno)
    case .optional(let operation): return operation.error(errno, root: root)
    }
  }
}
