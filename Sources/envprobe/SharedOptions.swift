import ArgumentParser
import EnvprobeModel
import EnvprobeReport
import EnvprobeWire
import FoundationEssentials
import Glibc

enum ColorChoice: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

extension TraceLevel: ExpressibleByArgument {}
extension EnvironmentReadLevel: ExpressibleByArgument {}
extension Report.Deciding: ExpressibleByArgument {}

/// How texts look.
struct DisplayOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Colour in texts: auto (terminals only, unless NO_COLOR is set), always, never.", valueName: "when"))
  var color = ColorChoice.auto

  @Option(
    help: ArgumentHelp(
      "Errors and progress on standard error: text, or json, an object a line.", valueName: "format"))
  var logFormat = LogFormat.text

  @Flag(name: [.short, .long], help: "Only what must be said.")
  var quiet = false

  @Flag(name: [.short, .long], help: "More: every location, every profile's levels, what is expected.")
  var verbose = false

  var verbosity: TextOptions.Verbosity { verbose ? .verbose : quiet ? .quiet : .normal }

  func validate() throws {
    if quiet, verbose { throw ValidationError("--quiet and --verbose exclude each other.") }
  }
}

/// How runs are made, for every command that makes some.
struct RecordingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How the offline world answers: a bundled scenario's name ('envprobe scenarios' lists them), or a YAML file.",
      valueName: "name"),
    completion: .scenario)
  var scenario: String?

  @Option(
    help: ArgumentHelp(
      "System calls to record: default (all but the frequent ones), full, off.", valueName: "level"))
  var trace = TraceLevel.default

  @Option(
    help: ArgumentHelp(
      "Reads of environment variables: on records them, off lets the program run without a tracer.",
      valueName: "on|off"))
  var envReads = EnvironmentReadLevel.on

  @Option(
    help: ArgumentHelp(
      """
      Who answers: scripted (the scenario), replay=BUNDLE (what a recorded run was answered), none (nobody), or, for \
      'run' only, live (the real destinations that --allow-host names).
      """, valueName: "who"))
  var net = NetworkChoice.scripted

  @Option(
    help: ArgumentHelp(
      "A variable whose value is replaced by a keyed hash wherever it would be recorded. Repeatable.",
      valueName: "name"))
  var secret: [String] = []

  @Option(
    help: ArgumentHelp(
      "What the program's clock shows at the start: an instant such as 2026-06-30T04:00:00Z, or host for the real time (default: in 'run' the profile's, or the real time; in 'matrix' the same instant for all runs, today).",
      valueName: "time|host"))
  var clock: ClockChoice?

  @Flag(help: "Let changes in the working directory go to the working directory.")
  var keepChanges = false

  /// The scenario that answers, where one is chosen.
  var scenarioName: String? { net == .none ? "offline" : scenario }

  func readScenario() throws -> Scenario? { try scenarioName.map { try Scenario.chosen($0) } }
}

extension Scenario {
  /// The scenario that the user names.
  static func chosen(_ name: String) throws -> Scenario { try chosen(name, text: try text(of: name)) }

  /// The scenario that the user names, whose text has been read.
  static func chosen(_ name: String, text: String) throws -> Scenario {
    if let bundled = bundled(name) { return bundled }
    return try Scenario(yaml: text, file: name)
  }

  /// The text of a bundled scenario or of a file.
  static func text(of name: String) throws -> String {
    if let bundled = bundledTexts.first(where: { $0.name == name }) { return bundled.text }
    if !name.contains("/"), !name.contains("."), access(name, F_OK) != 0 {
      let names = bundledTexts.map(\.name)
      let nearest = nearestName(to: name, among: names).map { "did you mean '\($0)'?" }
      let hint = nearest ?? "bundled are \(names.joined(separator: ", ")); others are files"
      throw UsageError("there is no scenario '\(name)'\nhint: \(hint)")
    }
    return try readText(name)
  }
}

/// The bytes of a file that the user names.
func readData(_ path: String) throws -> Data {
  guard let data = FileManager.default.contents(atPath: path) else {
    let reason = access(path, R_OK) == 0 ? "it is a folder" : String(cString: strerror(errno))
    throw UsageError("cannot read \(path): \(reason)")
  }
  return data
}

/// The text of a file that the user names.
func readText(_ path: String) throws -> String {
  guard let text = String(validating: try readData(path), as: UTF8.self) else {
    throw UsageError("cannot read \(path): it is not UTF-8 text")
  }
  return text
}

extension ProfileLibrary {
  /// The bundled profiles, and files by path.
  static let standard = ProfileLibrary(read: { try readText($0) })
}

/// Something the user can put right in how envprobe was called.
struct UsageError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
