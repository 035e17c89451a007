import FoundationEssentials
import Glibc

/// Where a command leaves its record.
///
/// Without `--out` it is a folder of the user's state (XDG Base Directory), out of the program's sight, named for the
/// moment and the command.
struct OutputFolder {
  /// Absolute.
  let path: String
  /// As the user would write it.
  let shown: String
  private let isChosen: Bool

  init(named name: String?, kind: String, command: [String]) {
    let environment = ProcessInfo.processInfo.environment
    if let name {
      isChosen = true
      shown = name
      path = name.hasPrefix("/") ? name : FileManager.default.currentDirectoryPath + "/" + name
      return
    }
    isChosen = false
    let home = environment["HOME"] ?? "/tmp"
    let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(home)/.local/state"
    let program = command.first?.split(separator: "/").last.map(String.init) ?? "program"
    let moment = Date().ISO8601Format(
      .init(dateSeparator: .omitted, dateTimeSeparator: .standard, timeSeparator: .omitted))
    let kinds = kind == "matrix" ? "matrices" : "\(kind)s"
    let stem = "\(state)/envprobe/\(kinds)/\(moment.replacing("T", with: "-").replacing("Z", with: ""))-\(program)"
    var candidate = stem
    var number = 2
    while access(candidate, F_OK) == 0 {
      candidate = "\(stem)-\(number)"
      number += 1
    }
    path = candidate
    shown = candidate.hasPrefix(home + "/") ? "~" + candidate.dropFirst(home.count) : candidate
  }

  /// What the program must not see of it: the folder, where the user has put it below the working directory.
  var hidden: [String] { isChosen ? [path] : [] }

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
}
