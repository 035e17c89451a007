import ArgumentParser
import EnvprobeMatrix
import EnvprobeModel
import EnvprobeReport
import Glibc

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Tell how a finding came about.",
    discussion: """
      What was compared, which rules were tried that could have made the difference an expected one and why they did \
      not, and the runs that show its causes: that they suffice, and that none of them can be left out. Everything is \
      worked out once more from the stored runs; nothing is run.

      EXAMPLES
        envprobe explain audit 1
        envprobe explain audit 7e2f --format json | jq '.causes[].steps'
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: "The folder of a matrix.", completion: .directory)
  var folder: String

  @Argument(help: "The finding: its number in the report, or the beginning of its id or fingerprint.")
  var finding: String

  @Option(help: "How it is told.")
  var format = Format.text

  @OptionGroup(title: "What is shown") var display: DisplayOptions

  func run() throws {
    do {
      let report = try JSONReport.read(in: folder)
      let chosen = try report.finding(named: finding, folder: folder)
      let explanation = try MatrixExplanation(folder: MatrixFolder(path: folder), report: report)
        .explanation(of: chosen)
      switch format {
      case .text:
        let options = Terminal.options(for: STDOUT_FILENO, color: display.color, verbosity: display.verbosity)
        Terminal.print(ExplanationText(explanation, options: options).text)
      case .json: Terminal.print(try explanation.jsonText())
      }
    } catch {
      throw Failure.report(error, otherwise: .inconclusive)
    }
  }
}
