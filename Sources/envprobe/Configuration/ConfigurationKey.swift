import EnvprobeModel
import EnvprobeReport

/// A key of `envprobe.yaml`: the long name of the flag that it stands in for.
///
/// One row serves the reading, the template that `init` writes, the list that `config` prints and the tests. Nothing
/// that opens the sandbox is a key (such as `keep-changes`): a file that came with somebody's repository must not.
struct ConfigurationKey: Sendable {
  /// How the value is written, and how it becomes words of a command line.
  enum Shape: Sendable {
    /// A text, checked by a rule that says what is wrong with it.
    case text(@Sendable (String) -> String?)
    /// A file, relative to the folder of `envprobe.yaml`.
    case file
    /// A bundled scenario's name, or a file relative to the folder of `envprobe.yaml`.
    case scenario
    /// One name, or several in a list: bundled profiles and files.
    case profiles
    /// One form of a report, or several in a list, each with the file that it goes to.
    case outputs
    /// The words after `--`.
    case command
  }

  /// Where the value that holds can be read once the command line has been parsed.
  enum Reader: Sendable {
    case run(@Sendable (RunCommand) -> String?)
    case matrix(@Sendable (MatrixCommand) -> String?)
  }

  var name: String
  /// The subcommands that have the flag.
  var commands: [String]
  var shape: Shape
  var reader: Reader
  /// What the template says above it.
  var comment: String
  /// What the template shows for it.
  var example: String

  static let all: [ConfigurationKey] = [
    ConfigurationKey(
      name: "command", commands: ["run", "matrix"], shape: .command,
      reader: .matrix { $0.command.isEmpty ? nil : ShellWord.join($0.command) },
      comment: "The program under audit and its arguments, where nothing follows '--'.",
      example: "[claude, -p, say hi]"),
    ConfigurationKey(
      name: "profiles", commands: ["matrix"], shape: .profiles,
      reader: .matrix { $0.profiles ?? ProfileLibrary.defaultMatrix.joined(separator: ",") },
      comment: """
        What 'matrix' compares, the baseline first: bundled profiles ('envprobe profiles' lists them), and files, whose \
        paths are relative to this one.
        """,
      example: "[\(ProfileLibrary.defaultMatrix.joined(separator: ", "))]"),
    ConfigurationKey(
      name: "repeat", commands: ["matrix"], shape: .text(positive),
      reader: .matrix { String($0.repeats) },
      comment: "How often each profile runs at first. More finds rarer behaviour.", example: "2"),
    ConfigurationKey(
      name: "jobs", commands: ["matrix"], shape: .text(positive),
      reader: .matrix { $0.jobs.map(String.init) ?? "one per processor" },
      comment: "How many runs may go on at once; one per processor where this is not set.", example: "4"),
    ConfigurationKey(
      name: "timeout", commands: ["matrix"],
      shape: .text { (Double($0) ?? 0) > 0 ? nil : "a number of seconds, more than 0" },
      reader: .matrix { number($0.timeout) },
      comment: "Seconds after which a run of 'matrix' is stopped.", example: "120"),
    ConfigurationKey(
      name: "seed", commands: ["matrix"], shape: .text { UInt64($0) == nil ? "a whole number, 0 or more" : nil },
      reader: .matrix { $0.seed.map { String($0) } ?? "by chance" },
      comment: "The seed of the order of runs; by chance where this is not set.", example: "1"),
    ConfigurationKey(
      name: "fail-on", commands: ["matrix", "compare"], shape: .text(oneOf(Report.Deciding.self)),
      reader: .matrix { $0.failOn.rawValue },
      comment: "Which findings make the exit status 1: geographic (and undetermined) ones, timing too, or any.",
      example: "geographic"),
    ConfigurationKey(
      name: "format", commands: ["matrix", "compare", "report"], shape: .outputs,
      reader: .matrix { $0.reporting.outputs.map(\.description).joined(separator: ",") },
      comment: """
        How reports are given: \(ReportFormat.list). One is printed; the others have a file each, in the folder of this \
        file or below.
        """,
      example: "[text, sarif=report.sarif]"),
    ConfigurationKey(
      name: "baseline", commands: ["matrix", "compare", "report"], shape: .file,
      reader: .matrix { $0.reporting.baseline ?? BaselineFile.standard },
      comment: "Findings that are known and accepted ('envprobe baseline'): a file, relative to this one.",
      example: BaselineFile.standard),
    ConfigurationKey(
      name: "profile", commands: ["run"], shape: .profiles,
      reader: .run { $0.profile ?? "none" },
      comment: "The profile of 'run'. Without one the program sees an ordinary machine.", example: "cn-gateway"),
    ConfigurationKey(
      name: "scenario", commands: ["run", "matrix"], shape: .scenario,
      reader: .matrix { $0.recording.scenario ?? "hello" },
      comment: """
        How the offline world answers: a bundled scenario ('envprobe scenarios' lists them), or a file, relative to \
        this one.
        """,
      example: "tools"),
    ConfigurationKey(
      name: "trace", commands: ["run", "matrix"], shape: .text(oneOf(TraceLevel.self)),
      reader: .matrix { $0.recording.trace.rawValue },
      comment: "System calls to record: default (all but the frequent ones), full, off.", example: "default"),
    ConfigurationKey(
      name: "env-reads", commands: ["run", "matrix"], shape: .text(oneOf(EnvironmentReadLevel.self)),
      reader: .matrix { $0.recording.envReads.rawValue },
      comment: "Reads of environment variables: on records them, off lets the program run without a tracer.",
      example: "on"),
    ConfigurationKey(
      name: "clock", commands: ["run", "matrix"],
      shape: .text { ClockChoice(argument: $0) == nil ? "host, or an instant such as 2026-06-30T04:00:00Z" : nil },
      reader: .matrix { $0.recording.clock?.text ?? "today, the same for all runs of a matrix" },
      comment: "What the program's clock shows at the start of a run: an instant, or host for the real time.",
      example: "2026-06-30T04:00:00Z"),
    ConfigurationKey(
      name: "color", commands: ["run", "matrix", "compare", "report", "show", "doctor"],
      shape: .text(oneOf(ColorChoice.self)), reader: .matrix { $0.display.color.rawValue },
      comment: "Colour in texts: auto (terminals only, unless NO_COLOR is set), always, never.", example: "auto"),
    ConfigurationKey(
      name: "log-format", commands: ["run", "matrix", "compare", "report", "show", "doctor"],
      shape: .text(oneOf(LogFormat.self)), reader: .matrix { $0.display.logFormat.rawValue },
      comment: "Errors and progress on standard error: text, or a JSON object a line.", example: "text"),
  ]

  private static func positive(_ text: String) -> String? {
    (Int(text) ?? 0) >= 1 ? nil : "a whole number, 1 or more"
  }

  private static func oneOf<Choice: CaseIterable & RawRepresentable<String>>(
    _ choice: Choice.Type
  ) -> @Sendable (String) -> String? {
    let names = choice.allCases.map(\.rawValue)
    return { text in
      if names.contains(text) { return nil }
      let nearest = nearestName(to: text, among: names).map { " (did you mean '\($0)'?)" } ?? ""
      return "one of \(names.joined(separator: ", "))\(nearest)"
    }
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && value < 1e15 ? String(Int(value)) : String(value)
  }
}
