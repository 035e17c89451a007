import CEnvprobeSandbox
import EnvprobeModel
import Glibc
import SystemPackage

/// The private folder of one run: what the program may write to, and the files that are made for it.
///
/// Neither its path nor the names in it say whose they are, as the program can read them in its mount table.
public struct Stage: Hashable, Sendable {
  public let path: String
  /// Where the changes of the working directory are kept: the same folder, or one on another file system.
  let changes: String
  /// The program's HOME and `/tmp`.
  ///
  /// Over the user's own HOME it is the upper layer of an overlay.
  public let home: String
  /// Where that HOME is mounted with other ids, to be the lower layer.
  var homeLower: String { path + "/lower" }
  var homeState: String { home + "-state" }
  public var temporary: String { path + "/tmp" }
  /// What the program changed in its working directory: the upper layer of an overlay, with whiteouts for what it
  /// removed; or the whole folder, where it began empty.
  public var workChanges: String { changes + "/work" }

  /// Where the working directory is mounted with other ids, to be the lower layer of an overlay. By then HOME is bound
  /// inside, and its own folder needed no more.
  var workLower: String { home }
  var workState: String { changes + "/state" }
  /// Where the new root is mounted in the child's own mount namespace, over a folder of the host that every host has
  /// and whose contents are not shown inside.
  var root: String { "/sys" }

  init(path: String, changes: String? = nil, overlaysHome: Bool = false) {
    self.path = path
    self.changes = changes ?? path
    home = (overlaysHome ? self.changes : path) + "/home"
  }

  /// Where stages are made. Root's program is a stranger, who could not reach a private folder of root's.
  static func parentFolder(workDirectory: String) -> String {
    guard !OuterIdentity.isRoot, let folder = HostFiles.environment("TMPDIR"), folder.hasPrefix("/"),
      let real = HostFiles.realPath(folder), !isWithin(real, workDirectory)
    else { return "/tmp" }
    return real
  }

  /// An overlay cannot keep its changes on another overlay, as the root of a container often is.
  static func changesFolder(besides parent: String) -> String? {
    guard HostFiles.isOverlay(parent) else { return nil }
    return ["/var/tmp", "/dev/shm"].first { HostFiles.isFolder($0) && !HostFiles.isOverlay($0) }
  }

  /// Makes the stage of a plan.
  static func make(for plan: Plan, in parent: String, outer: OuterIdentity) throws(LaunchError) -> Stage {
    let path = try HostFiles.makeTemporaryFolder(in: parent)
    var changes: String?
    var hasOverlay = plan.homeSource != nil
    if case .copyOnWrite = plan.workDirectory { hasOverlay = true }
    if hasOverlay, let folder = changesFolder(besides: parent) {
      changes = try HostFiles.makeTemporaryFolder(in: folder)
    }
    let stage = Stage(path: path, changes: changes, overlaysHome: plan.homeSource != nil)
    do {
      var owned = [stage.home, stage.temporary, stage.workChanges, stage.workState]
      if plan.homeSource != nil { owned += [stage.homeLower, stage.homeState] }
      for folder in owned {
        try HostFiles.makeFolder(folder)
      }
      _ = chmod(stage.temporary, 0o1777)
      let homeFiles = try place(plan.home, in: stage.home)
      var hidingFolders = try hide(plan.hiddenInWork, of: plan.workDirectory.path, in: stage.workChanges)
      if let source = plan.homeSource {
        // An overlay shows its upper folder's mode for its own.
        if let status = HostFiles.status(source) { _ = chmod(stage.home, status.st_mode & 0o7777) }
        hidingFolders += try hide(plan.hiddenInHome, of: source, in: stage.home)
      }
      if outer.isStranger {
        for path in Set(owned + homeFiles + hidingFolders + [stage.path, stage.changes]) {
          try HostFiles.changeOwner(of: path, user: outer.user, group: outer.group)
        }
      }
      return stage
    } catch {
      try? stage.remove()  // the error that matters is the first
      throw error
    }
  }

  /// Covers paths of a folder in the upper layer over it. Returns the folders that it takes, with the modes of those they
  /// stand for.
  private static func hide(
    _ paths: [String], of folder: String, in upper: String
  ) throws(LaunchError) -> [String] {
    var made: [String] = []
    for path in paths {
      var parent = ""
      for part in path.split(separator: "/").dropLast() {
        parent += "/" + part
        if HostFiles.kind(upper + parent) != nil { continue }
        try HostFiles.makeFolder(upper + parent)
        if let status = HostFiles.status(folder + parent) { _ = chmod(upper + parent, status.st_mode & 0o7777) }
        made.append(upper + parent)
      }
      // The mark of a removed file in an overlay's upper layer, which anybody may make. It also hides what comes later.
      let mark = "\(upper)/\(path)"
      guard mknod(mark, S_IFCHR, 0) == 0 else {
        throw LaunchError(.makeFile, subject: mark, errno: Errno(rawValue: errno))
      }
    }
    return made
  }

  /// Takes away what hid parts of the working directory and of HOME, so that only the program's own changes are left in
  /// ``workChanges`` and ``home``. For use when everything inside has ended.
  public func removeHidingMarks(of plan: Plan) {
    for (upper, paths) in [(workChanges, plan.hiddenInWork), (home, plan.hiddenInHome)] {
      for path in paths {
        var parts = path.split(separator: "/")
        // Folders go as far as they hold nothing else: the program may have written beside what it did not see.
        _ = unlink("\(upper)/\(path)")
        while parts.popLast() != nil, !parts.isEmpty, rmdir("\(upper)/\(parts.joined(separator: "/"))") == 0 {}
      }
    }
  }

  /// Makes planned files and the folders they lie in. Returns the paths of both.
  private static func place(_ files: [PlannedFile], in folder: String) throws(LaunchError) -> [String] {
    var made: [String] = []
    for file in files {
      var parent = folder
      for part in file.path.split(separator: "/").dropLast() {
        parent += "/" + part
        if HostFiles.kind(parent) != nil { continue }
        try HostFiles.makeFolder(parent)
        made.append(parent)
      }
      let path = "\(folder)/\(file.path)"
      switch file.content {
      case .text(let text): try HostFiles.write(text.utf8, to: path)
      case .link(let target): try HostFiles.makeLink(path, to: target)
      // Nothing of the host's home is there to be hidden or added to.
      case .absent, .appended, .keystore: continue
      }
      made.append(path)
    }
    return made
  }

  // MARK: Stages that nobody removed

  /// Marks the stage as in use, for as long as the descriptor is open. `nil` where somebody else has it in use.
  func lock() -> Int32? {
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    guard folder >= 0 else { return nil }
    if flock(folder, LOCK_EX | LOCK_NB) == 0 { return folder }
    close(folder)
    return nil
  }

  /// Removes the stages in a folder whose makers were killed. Only those of `owner` that are older than a minute, as a
  /// new one is not locked for an instant.
  static func removeAbandoned(in parent: String, owner: UInt32, now: time_t = time(nil)) throws(LaunchError) {
    for entry in try HostFiles.list(parent) where entry.name.hasPrefix("run-") && entry.name.utf8.count == 10 {
      let stage = Stage(path: "\(parent)/\(entry.name)")
      var status = stat()
      guard entry.kind == .folder, lstat(stage.path, &status) == 0, status.st_uid == owner,
        status.st_ctim.tv_sec < now - 60, let lock = stage.lock()
      else { continue }
      defer { close(lock) }
      try stage.remove()
    }
  }

  /// Removes the folder and everything in it.
  public func remove() throws(LaunchError) {
    try HostFiles.removeTree(path)
    if changes != path { try HostFiles.removeTree(changes) }
  }
}
