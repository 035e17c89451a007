import ArgumentParser
import EnvprobeCompare
import EnvprobeMatrix
import EnvprobeModel
import EnvprobeRecorder
import EnvprobeReport

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare stored runs.",
    discussion: """
      The report is that of 'matrix', made from runs that are there. Runs of one assignment are repeats of \
      each other. No further runs are made, so that causes are only as fine as \
      the assignments that are there: where two differ in several factors, all of them are named together.

      EXAMPLES
        envprobe compare audit/runs/us-1 audit/runs/us-2 audit/runs/cn-1 audit/runs/cn-2
      """)

  @Argument(help: "Folders of runs; the first is the baseline's.", completion: .directory)
  var bundles: [String]

  @Option(
    help: ArgumentHelp(
      "Which findings decide the exit status: geographic (and undetermined) ones, timing too, or any.",
      valueName: "class"))
  var failOn = Report.Deciding.geographic

  @OptionGroup(title: "The report") var reporting: ReportOptions
  @OptionGroup(title: "What is shown") var display: DisplayOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions

  func validate() throws {
    if bundles.count < 2 { throw ValidationError("Name at least two runs.") }
  }

  func run() throws {
    do {
      try reporting.prepare()
      let traces = try bundles.map { try BundleReader.read($0) }
      let report = try StoredComparison(
        traces, folders: bundles, tool: ToolVersion.named, deciding: failOn
      ).report()
      let accepted = try reporting.accepting(report, display: display)
      try reporting.give(accepted, folder: nil, display: display)
      throw MatrixCommand.status(of: accepted).exitCode
    } catch {
      throw Failure.report(error, otherwise: .inconclusive)
    }
  }
}
