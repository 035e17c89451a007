import EnvprobeModel
import SystemPackage

/// A sandbox that could not be made, or a program that could not be started in it.
public struct LaunchError: Error, Hashable, Sendable {
  /// What was being done.
  public enum Operation: Hashable, Sendable {
    case findCommand, execute
    case createNamespaces, mapUser, becomeUser
    case mount(fileSystem: String)
    case bind, setAttributes, changeRoot
    case makeFolder, makeFile, makeLink, remove, read, write, list
    case setHostname, configureNetwork, setClocks
    case openTerminal, connectStreams, changeFolder, limitResources
    case dropPrivileges, installFilter, compileFilter
    case buildLocale, findZone
    case listen, start

    var phrase: String {
      switch self {
      case .findCommand: "find the command"
      case .execute: "execute"
      case .createNamespaces: "create the namespaces of the sandbox"
      case .mapUser: "map the user into the sandbox by"
      case .becomeUser: "become an ordinary user"
      case .mount(let fileSystem): "mount \(fileSystem) on"
      case .bind: "bind"
      case .setAttributes: "make read-only"
      case .changeRoot: "change the root to"
      case .makeFolder: "make the folder"
      case .makeFile: "make the file"
      case .makeLink: "make the link"
      case .remove: "remove"
      case .read: "read"
      case .write: "write"
      case .list: "list"
      case .setHostname: "set the host name"
      case .configureNetwork: "configure the network inside"
      case .setClocks: "set the clocks inside"
      case .openTerminal: "open a terminal inside"
      case .connectStreams: "connect the standard streams"
      case .changeFolder: "change the working directory to"
      case .limitResources: "limit the resources of the program"
      case .dropPrivileges: "drop the privileges of the program"
      case .installFilter: "install the system call filter"
      case .compileFilter: "compile the system call filter"
      case .buildLocale: "build the locale"
      case .findZone: "find the time zone"
      case .listen: "listen inside on"
      case .start: "start process 1 of the sandbox"
      }
    }
  }

  public var operation: Operation
  /// The path, name or address it was about; empty where the operation says it all.
  public var subject: String
  public var errno: Errno
  public var hint: String?

  public init(_ operation: Operation, subject: String = "", errno: Errno, hint: String? = nil) {
    self.operation = operation
    self.subject = subject
    self.errno = errno
    self.hint = hint
  }

  /// The status a shell would give: 127 where there is no such command, 126 where it cannot be executed, 125 otherwise.
  public var exitStatus: Int32 {
    switch operation {
    case .findCommand, .execute: errno == .noSuchFileOrDirectory ? 127 : 126
    default: 125
    }
  }
}

extension LaunchError: CustomStringConvertible {
  /// Such as `cannot mount tmpfs on /home: Operation not permitted (EPERM)`.
  public var description: String {
    let object = subject.isEmpty ? "" : " " + subject
    return "cannot \(operation.phrase)\(object): \(errno) (\(ErrnoName.name(of: errno.rawValue)))"
  }

  /// What is printed: the description, and the hint on a line of its own.
  public var message: String {
    "envprobe: \(self)" + (hint.map { "\nhint: \($0)" } ?? "")
  }
}
