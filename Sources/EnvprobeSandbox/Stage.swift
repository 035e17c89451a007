import EnvprobeModel
import Glibc
import SystemPackage

/// The private folder of one run: what the program may write to, and the files that are made for it.
///
/// Neither its path nor the names in it say whose they are, as the program can read them in its mount table.
public struct Stage: Hashable, Sendable {
  public let path: String
  /// The program's HOME and `/tmp`.
  public var home: String { path + "/home" }
  public var temporary: String { path + "/tmp" }
  /// What the program changed in its working directory: the upper layer of an overlay, with whiteouts for what it
  /// removed; or the whole folder, where it began empty.
  public var workChanges: String { path + "/work" }

  /// Where the working directory is mounted with other ids, to be the lower layer of an overlay.
  var workLower: String { path + "/lower" }
  var workState: String { path + "/state" }
  var root: String { path + "/root" }

  init(path: String) { self.path = path }

  /// Where stages are made. Root's program is a stranger, who could not reach a private folder of root's.
  static func parentFolder(workDirectory: String) -> String {
    guard !OuterIdentity.isRoot, let folder = HostFiles.environment("TMPDIR"), folder.hasPrefix("/"),
      let real = HostFiles.realPath(folder), !isWithin(real, workDirectory)
    else { return "/tmp" }
    return real
  }

  /// Makes the stage of a plan.
  static func make(for plan: Plan, in parent: String, outer: OuterIdentity) throws(LaunchError) -> Stage {
    let stage = Stage(path: try HostFiles.makeTemporaryFolder(in: parent))
    do {
      let owned = [stage.home, stage.temporary, stage.workChanges, stage.workState]
      for folder in owned + [stage.root] + (outer.isStranger ? [stage.workLower] : []) { try HostFiles.makeFolder(folder) }
      _ = chmod(stage.temporary, 0o1777)
      let homeFiles = try place(plan.home, in: stage.home)
      if outer.isStranger {
        for path in owned + homeFiles + [stage.path, stage.root] {
          try HostFiles.changeOwner(of: path, user: outer.user, group: outer.group)
        }
      }
      return stage
    } catch {
      try? stage.remove()  // the error that matters is the first
      throw error
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
      case .absent, .appended: continue
      }
      made.append(path)
    }
    return made
  }

  /// Removes the folder and everything in it.
  public func remove() throws(LaunchError) { try HostFiles.removeTree(path) }
}
