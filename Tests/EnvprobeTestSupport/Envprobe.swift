import EnvprobeModel
import EnvprobeReport
import Foundation

/// The program under test, run as a user would.
public enum Envprobe {
  /// `ENVPROBE_BINARY`, or what was built with the tests: it lies beside their own executable.
  public static let path: String = {
    if let chosen = ProcessInfo.processInfo.environment["ENVPROBE_BINARY"] { return chosen }
    let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let tests = own ?? CommandLine.arguments[0]
    return (tests as NSString).deletingLastPathComponent + "/envprobe"
  }()

  /// Where any user can execute it: folders of builds are often closed to others.
  public static let publicPath: String = {
    let folder = TestFolder.makeFolder("program")
    let copy = folder + "/envprobe"
    // By another process: what a test starts while this one has the copy open for writing keeps it from being executed.
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/install")
    process.arguments = ["-m", "755", path, copy]
    let done = try! FinishedProcess(running: process)
    precondition(done.status == 0, String(decoding: done.errorOutput, as: UTF8.self))
    atexit { TestFolder.removeAll() }
    return copy
  }()

  /// The report that `matrix --format json` and `compare --format json` print.
  public static func report(_ result: CommandResult) throws -> Report { try JSONReport.decode(result.output) }
}

/// Who runs envprobe.
public enum Caller: String, CaseIterable, Sendable {
  case root
  /// A user without any rights, with an id that no account has.
  case stranger

  public static let strangerID = 52018

  /// The words to put before a command.
  public var prefix: [String] {
    switch self {
    case .root: []
    case .stranger:
      ["/usr/bin/setpriv", "--reuid=\(Self.strangerID)", "--regid=\(Self.strangerID)", "--clear-groups"]
    }
  }
}

extension Report {
  /// The findings that decide about the exit status.
  public var geographic: [Finding] { findings.filter { $0.class.isDeciding } }
}

extension Finding {
  /// The causes without their order.
  public var causeSets: Set<Set<Factor>> { Set(causes.map { Set($0) }) }
}
