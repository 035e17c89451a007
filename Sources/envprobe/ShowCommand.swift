import ArgumentParser
import EnvprobeModel
import EnvprobeRecorder
import EnvprobeReport

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "List what a run recorded.",
    discussion: """
      Everything that the program asked for and sent, in sections: what it ran and read, whom it contacted and with \
      what. 'envprobe run' names the folder at its end; a matrix keeps one for each run in DIR/runs.

      EXAMPLES
        envprobe show DIR
        envprobe show DIR --section requests --bodies
        envprobe show DIR --json | jq .
      """)

  @Argument(help: "The folder of a run.", completion: .directory)
  var bundle: String

  @Option(
    help: ArgumentHelp(
      "Only this section (repeatable): \(TraceListing.Section.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "name"))
  var section: [TraceListing.Section] = []

  @Flag(help: "With the bodies of requests and responses.")
  var bodies = false

  @Flag(help: "As JSON.")
  var json = false

  @OptionGroup(title: "What is shown") var display: DisplayOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions

  func run() throws {
    do {
      let listing = TraceListing(try BundleReader.read(bundle), bodies: bodies)
      let sections = section.isEmpty ? TraceListing.Section.allCases : section
      Terminal.print(
        json
          ? try listing.json(sections)
          : listing.text(
            sections, options: Terminal.options(for: 1, color: display.color, verbosity: display.verbosity)))
    } catch {
      throw Failure.report(error, otherwise: .inconclusive)
    }
  }
}

extension TraceListing.Section: ExpressibleByArgument {}
