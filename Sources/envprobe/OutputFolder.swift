import FoundationEssentials
import Glibc

/// Where a command leaves its record.
///
/// Without `--out` it is a folder of the user's state (XDG Base Directory), out of the program's sight, named for the
/// moment and the command.
struct OutputFolder {
  /// Absolute.
  private(set) var path: String
  private let chosen: String?
  private let home: String

  init(named name: String?, kind: String, command: [String]) {
    let environment = ProcessInfo.processInfo.environment
    home = environment["HOME"] ?? "/tmp"
    chosen = name
    if let name {
      path = name.hasPrefix("/") ? name : FileManager.default.currentDirectoryPath + "/" + name
      return
    }
    let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(home)/.local/state"
    let program = command.first?.split(separator: "/").last.map(String.init) ?? "program"
    let moment = Date().ISO8601Format(
      .init(dateSeparator: .omitted, dateTimeSeparator: .standard, timeSeparator: .omitted))
    let kinds = kind == "matrix" ? "matrices" : "\(kind)s"
    path = "\(state)/envprobe/\(kinds)/\(moment.replacing("T", with: "-").replacing("Z", with: ""))-\(program)"
  }

  /// The latest folder of a kind that nobody named, in which a file lies.
  static func latest(kind: String, holding file: String) -> String? {
    let parent = String(OutputFolder(named: nil, kind: kind, command: []).path.reversed().drop { $0 != "/" }.reversed())
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    return names.sorted(by: >).map { parent + $0 }.first { access("\($0)/\(file)", R_OK) == 0 }
  }

  /// As the user would write it.
  var shown: String { chosen ?? (path.hasPrefix(home + "/") ? "~" + path.dropFirst(home.count) : path) }

  /// What the program must not see of it: the folder, where the user has put it below the working directory.
  var hidden: [String] { chosen == nil ? [] : [path] }

  /// The caller's HOME, as the kernel names it.
  static func userHome() throws -> String {
    guard let home = getenv("HOME").map({ String(cString: $0) }), home.hasPrefix("/"), let real = realpath(home, nil)
    else { throw UsageError("--home overlay needs HOME to be the path of a folder") }
    defer { free(real) }
    let path = String(cString: real)
    if path == "/" { throw UsageError("--home overlay does not take / for a HOME") }
    return path
  }

  /// Where envprobe keeps its records and caches, which a program in the caller's HOME must not see.
  static var recordFolders: [String] {
    let home = (try? userHome()) ?? ""
    let folders = [("XDG_STATE_HOME", "\(home)/.local/state"), ("XDG_CACHE_HOME", "\(home)/.cache")]
    return folders.map { name, other in
      (getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? other) + "/envprobe"
    }
  }

  /// What envprobe has in the working directory itself, where it is there.
  static var ownFolder: [String] {
    let path = "\(FileManager.default.currentDirectoryPath)/\(BaselineFile.folder)"
    return access(path, F_OK) == 0 ? [path] : []
  }

  /// Makes the folder that it is to lie in.
  func makeParent() throws {
    let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    if parent.isEmpty { return }
    do {
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    } catch {
      throw UsageError("cannot make the folder \(parent): \(String(cString: strerror(errno)))")
    }
  }

  /// Makes the folder that it is to lie in, and itself where nobody named it: two commands of one second must not choose
  /// the same.
  mutating func prepare() throws {
    try makeParent()
    if chosen != nil { return }
    let stem = path
    var number = 1
    while mkdir(path, 0o755) != 0 {
      guard errno == EEXIST else {
        throw UsageError("cannot make the folder \(path): \(String(cString: strerror(errno)))")
      }
      number += 1
      path = "\(stem)-\(number)"
    }
  }
}
