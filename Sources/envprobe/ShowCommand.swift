import ArgumentParser
import EnvprobeModel
import EnvprobeRecorder
import EnvprobeReport

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "List what a run recorded.",
    discussion: """
      Everything that the program asked for and sent, in sections: what it ran and read, whom it contacted and with \
      what. 'envprobe run' names the folder at its end; a matrix keeps one for each run in DIR/runs. Without a section: \
      an overview. Filters are spelt as in strace; with filters alone, the events that they select are listed in \
      their order.

      EXAMPLES
        envprobe show DIR
        envprobe show DIR --env                       which variables were asked for, by whom
        envprobe show DIR --ambient                   what was read of the place
        envprobe show DIR -e trace=%file -P /etc      calls that name /etc or something in it
        envprobe show DIR -e env=TZ,LC_*
        envprobe show DIR --section requests --bodies
        envprobe show DIR --json | jq .
      """)

  /// The sections of everyday questions, by a word of their own.
  enum Shown: String, EnumerableFlag {
    case env, ambient, files, net, exec, tree, syscalls, timeline

    var section: TraceListing.Section {
      switch self {
      case .env: .environment
      case .ambient: .ambient
      case .files: .files
      case .net: .network
      case .exec: .programs
      case .tree: .processes
      case .syscalls: .syscalls
      case .timeline: .timeline
      }
    }

    static func help(for value: Self) -> ArgumentHelp? { ArgumentHelp("Only \(value.section.summary).") }
  }

  @Argument(help: "The folder of a run.", completion: .directory)
  var bundle: String

  @Option(
    help: ArgumentHelp(
      "Only this section (repeatable): \(TraceListing.Section.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "name"))
  var section: [TraceListing.Section] = []

  @Flag var shown: [Shown] = []

  @Option(
    name: .customShort("e"),
    help: ArgumentHelp(
      "Only these: trace=NAMES or %CLASS of system calls (! for all others), env=NAMES of variables. Repeatable.",
      valueName: "expression"))
  var filters: [String] = []

  @Option(
    name: .customShort("P"),
    help: ArgumentHelp("Only calls and changes of this path, or of something below it. Repeatable.", valueName: "path"))
  var paths: [String] = []

  @Flag(help: "With the bodies of requests and responses.")
  var bodies = false

  @Flag(help: "As JSON.")
  var json = false

  @OptionGroup(title: "What is shown") var display: DisplayOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions

  func run() throws {
    do {
      let filter = try chosenFilter()
      let listing = TraceListing(try BundleReader.read(bundle), filter: filter, bodies: bodies)
      var sections = section + shown.map(\.section)
      if sections.isEmpty, let filter { sections = [filter.isOfVariables ? .environment : .timeline] }
      Terminal.print(
        json
          ? try listing.json(sections.isEmpty ? TraceListing.Section.overview : sections)
          : listing.text(
            sections, options: Terminal.options(for: 1, color: display.color, verbosity: display.verbosity)))
    } catch {
      throw Failure.report(error, otherwise: .inconclusive)
    }
  }

  private func chosenFilter() throws -> TraceFilter? {
    do {
      let filter = try TraceFilter(expressions: filters, paths: paths)
      return filter.isEmpty ? nil : filter
    } catch {
      throw UsageError("\(error)")
    }
  }
}

extension TraceListing.Section: ExpressibleByArgument {}
