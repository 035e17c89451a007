import EnvprobeModel
import Glibc
import SystemPackage

/// Finds a command as the caller's shell would, and what of the hidden folders it needs in order to work.
struct CommandResolver {
  /// Folders that the sandbox shows nothing of, or its own instead.
  var hidden: [String]
  var searchPath: String
  var workDirectory: String
  /// Whether the working directory is seen inside.
  var showsWorkDirectory: Bool

  init(searchPath: String, workDirectory: String, homes: [String], showsWorkDirectory: Bool) {
    self.searchPath = searchPath
    self.workDirectory = workDirectory
    self.showsWorkDirectory = showsWorkDirectory
    hidden = homes + ["/home", "/root", "/tmp", "/var/tmp", "/run", "/dev/shm"]
    self.homes = Set(homes)
  }

  private var homes: Set<String>

  func resolve(_ command: String) throws(LaunchError) -> ResolvedCommand {
    let path = try find(command)
    guard let file = HostFiles.realPath(path) else {
      throw LaunchError(.findCommand, subject: command, errno: .noSuchFileOrDirectory)
    }
    var collector = Collector(resolver: self)
    collector.expose(path)
    return ResolvedCommand(path: path, file: file, exposures: collector.exposures)
  }

  /// The path that a shell would execute. A name with a slash is a path; another is looked for along PATH.
  private func find(_ command: String) throws(LaunchError) -> String {
    if command.contains("/") {
      let path = absolute(command)
      if let errno = obstacle(path) { throw LaunchError(.findCommand, subject: command, errno: errno) }
      return path
    }
    var obstacle: Errno?
    for folder in searchPath.split(separator: ":", omittingEmptySubsequences: false) where !command.isEmpty {
      // An empty entry is the working directory.
      let path = absolute(folder.isEmpty ? command : "\(folder)/\(command)")
      guard let errno = self.obstacle(path) else { return path }
      if errno != .noSuchFileOrDirectory && errno != .notDirectory { obstacle = errno }
    }
    throw LaunchError(
      .findCommand, subject: command, errno: obstacle ?? .noSuchFileOrDirectory,
      hint: obstacle == nil ? "it is in no folder of PATH" : nil)
  }

  /// What keeps a path from being executed.
  private func obstacle(_ path: String) -> Errno? {
    var status = stat()
    guard stat(path, &status) == 0 else { return Errno(rawValue: errno) }
    if HostFiles.kind(of: status) == .folder { return .isDirectory }
    // Root may execute what anybody may; access(2) knows.
    return access(path, X_OK) == 0 ? nil : .permissionDenied
  }

  private func absolute(_ path: String) -> String {
    var parts: [Substring] = []
    let whole = path.hasPrefix("/") ? path : "\(workDirectory)/\(path)"
    for part in whole.split(separator: "/") where part != "." {
      // The shell leaves `..` to the kernel; folding it is the same unless the part before is a link.
      if part == "..", let last = parts.last, last != ".." {
        let folder = "/" + parts.joined(separator: "/")
        if HostFiles.kind(folder) != .link {
          parts.removeLast()
          continue
        }
      }
      parts.append(part)
    }
    return "/" + parts.joined(separator: "/")
  }

  /// Whether the host's file at a path, which has no links in it, is not seen inside by itself.
  func isHidden(_ path: String) -> Bool {
    if showsWorkDirectory, isWithin(path, workDirectory) { return false }
    return hidden.contains { isWithin(path, $0) }
  }

  func isHome(_ path: String) -> Bool { homes.contains(path) || HostFiles.parent(of: path) == "/home" }
}

/// Whether `path` is `folder` or lies below it.
func isWithin(_ path: String, _ folder: String) -> Bool {
  folder == "/" || path == folder || path.hasPrefix(folder + "/")
}

/// Gathers what a command needs of the hidden folders: the links on the way to it, its file or the package around it,
/// and the same for its interpreter.
private struct Collector {
  var resolver: CommandResolver
  var exposures: [Plan.Exposure] = []
  private var seen: Set<String> = []

  init(resolver: CommandResolver) { self.resolver = resolver }

  mutating func expose(_ path: String) {
    guard seen.insert(path).inserted, seen.count < 32 else { return }
    let walk = PathWalk(path)
    for link in walk.links where resolver.isHidden(link.path) {
      // The interpreter of a virtual environment is a link, and finds its libraries by where the link is.
      if let environment = virtualEnvironment(around: link.path) { add(.folder(environment)) } else { add(.link(link)) }
    }
    guard let file = walk.end else { return }
    if resolver.isHidden(file) { addPackage(of: file) }
    for interpreter in interpreters(of: file, calledAs: path) { expose(interpreter) }
  }

  private mutating func add(_ exposure: Plan.Exposure) {
    let isCovered = exposures.contains { other in
      if case .folder(let folder) = other { return isWithin(exposure.path, folder) }
      return other == exposure
    }
    if isCovered { return }
    if case .folder(let folder) = exposure { exposures.removeAll { isWithin($0.path, folder) } }
    exposures.append(exposure)
  }

  /// Shows a file together with what belongs to it. Never a whole home, and never a folder that many programs share.
  private mutating func addPackage(of file: String) {
    if let modules = outermost("node_modules", in: file) {
      add(.folder(modules))
      return
    }
    guard let folder = HostFiles.parent(of: file) else { return }
    if HostFiles.name(of: folder) == "bin", let prefix = HostFiles.parent(of: folder) {
      if isSelfContained(prefix) {
        add(.folder(prefix))
        // A virtual environment points to the installation that it was made from.
        if let base = baseInterpreter(of: prefix) { expose(base) }
        return
      }
      // Python's per-user installation: scripts in ~/.local/bin, modules in ~/.local/lib/python3.x.
      for name in ((try? HostFiles.list(prefix + "/lib")) ?? []).map(\.name) where name.hasPrefix("python") {
        add(.folder("\(prefix)/lib/\(name)"))
      }
      // The programs beside it may be parts of it that it starts.
      if !isShared(prefix) {
        add(.folder(folder))
        return
      }
    }
    if isScript(file), !isShared(folder) { add(.folder(folder)) } else { add(.file(file)) }
  }

  private func virtualEnvironment(around file: String) -> String? {
    guard let folder = HostFiles.parent(of: file), HostFiles.name(of: folder) == "bin",
      let prefix = HostFiles.parent(of: folder), HostFiles.kind(prefix + "/pyvenv.cfg") != nil
    else { return nil }
    return prefix
  }

  /// A folder with programs and their libraries that nobody else uses.
  private func isSelfContained(_ prefix: String) -> Bool {
    guard !isShared(prefix) else { return false }
    return HostFiles.kind(prefix + "/pyvenv.cfg") != nil
      || ["lib", "lib64", "libexec", "pkg/tool"].contains { HostFiles.isFolder("\(prefix)/\($0)") }
  }

  private func isShared(_ folder: String) -> Bool {
    let name = HostFiles.name(of: folder)
    return resolver.isHome(folder) || resolver.hidden.contains(folder)
      || HostFiles.parent(of: folder).map { resolver.isHome($0) && name.hasPrefix(".") || $0 == "/tmp" } ?? true
      || name == "bin"
  }

  private func outermost(_ name: String, in file: String) -> String? {
    file.firstRange(of: "/\(name)/").map { String(file[..<$0.lowerBound]) + "/\(name)" }
  }

  private func baseInterpreter(of prefix: String) -> String? {
    guard let text = try? HostFiles.text(prefix + "/pyvenv.cfg") else { return nil }
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
      if parts.count == 2, parts[0] == "home" { return parts[1] + "/python3" }
    }
    return nil
  }

  private func isScript(_ file: String) -> Bool { firstLine(of: file) != nil }

  /// The text after `#!`.
  private func firstLine(of file: String) -> String? {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &bytes, bytes.count)
    guard count > 2, bytes[0] == UInt8(ascii: "#"), bytes[1] == UInt8(ascii: "!") else { return nil }
    return String(decoding: bytes[2..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// The programs that a script is run by: the one it names, and the one that `env` then finds.
  private func interpreters(of file: String, calledAs path: String) -> [String] {
    guard let words = firstLine(of: file)?.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init),
      let program = words.first
    else { return [] }
    guard HostFiles.name(of: program) == "env" else { return [program] }
    guard let name = words.dropFirst().first(where: { !$0.hasPrefix("-") && !$0.contains("=") }) else { return [] }
    for folder in resolver.searchPath.split(separator: ":") where folder.hasPrefix("/") {
      let candidate = "\(folder)/\(name)"
      if access(candidate, X_OK) == 0 { return [candidate] }
    }
    return []
  }
}

/// The way along a path: every symbolic link on it, and where it ends.
struct PathWalk {
  private(set) var links: [Plan.Link] = []
  /// Without links; `nil` where the path leads nowhere.
  private(set) var end: String?

  init(_ path: String) {
    var done = ""
    var todo = path.split(separator: "/").map(String.init)[...]
    var turns = 0
    while let part = todo.popFirst() {
      if part == "." { continue }
      if part == ".." {
        done = HostFiles.parent(of: done.isEmpty ? "/" : done) ?? ""
        if done == "/" { done = "" }
        continue
      }
      let next = "\(done)/\(part)"
      switch HostFiles.kind(next) {
      case nil: return
      case .link:
        turns += 1
        guard turns < 40, let target = HostFiles.linkTarget(next) else { return }
        links.append(.init(path: next, target: target))
        todo = target.split(separator: "/").map(String.init) + todo
        if target.hasPrefix("/") { done = "" }
      default: done = next
      }
    }
    end = done.isEmpty ? "/" : done
  }
}
