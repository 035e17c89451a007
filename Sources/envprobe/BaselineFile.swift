import EnvprobeModel
import EnvprobeReport
import EnvprobeSandbox
import FoundationEssentials
import Glibc

/// The file of a baseline.
struct BaselineFile {
  /// Below the folder in which envprobe is called; the program under audit does not see it.
  static let folder = ".envprobe"
  static let standard = "\(folder)/baseline.json"

  var path: String

  /// Days change at midnight UTC, so that a CI job and its user agree.
  static var today: String { day(Date()) }

  /// The day so many days from now.
  static func day(after days: Int) -> String { day(Date().addingTimeInterval(Double(days) * 86_400)) }

  private static func day(_ date: Date) -> String { String(date.ISO8601Format().prefix(10)) }

  func read() throws -> Baseline {
    let text = try readText(path)
    do { return try Baseline(text) } catch { throw UsageError("\(path): \(error)") }
  }

  /// The baseline, or an empty one where the file is not there yet.
  func readOrBegin() throws -> Baseline { FileIdentity(path: path) == nil ? Baseline() : try read() }

  func write(_ baseline: Baseline) throws {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    do {
      if !folder.isEmpty { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
      try Data(baseline.text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch { throw UsageError("cannot write \(path): \(String(cString: strerror(errno)))") }
  }
}
