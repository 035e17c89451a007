import ArgumentParser
import EnvprobeMatrix
import EnvprobeModel
import EnvprobeReport

extension JSONReport {
  /// The report of a matrix's folder.
  static func read(in folder: String) throws -> Report {
    let path = MatrixFolder(path: folder).reportPath
    let text = try readText(path)
    do { return try decode(text) } catch { throw UsageError("\(path) is no report of this envprobe: \(error)") }
  }
}

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Print the report of a matrix again.",
    discussion: """
      Nothing is run again. The exit status is that of the matrix.

      EXAMPLES
        envprobe report audit
        envprobe report audit --format html > report.html
        envprobe report audit --format sarif=report.sarif,junit=report.xml
        envprobe report audit --format json | jq '.findings[].causes'
      """)

  @Argument(help: "The folder of a matrix.", completion: .directory)
  var folder: String

  @OptionGroup(title: "The report") var reporting: ReportOptions
  @OptionGroup(title: "What is shown") var display: DisplayOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions

  func run() throws {
    do {
      try reporting.prepare()
      let report = try reporting.accepting(try JSONReport.read(in: folder), display: display)
      try reporting.give(report, folder: folder, display: display)
      throw MatrixCommand.status(of: report).exitCode
    } catch {
      throw Failure.report(error, otherwise: .inconclusive)
    }
  }
}
