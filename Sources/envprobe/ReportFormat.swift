import ArgumentParser
import EnvprobeModel
import EnvprobeRecorder
import EnvprobeReport

/// A form in which a report can be printed.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, html, sarif, junit, markdown

  /// For help texts.
  static let list = allCases.map(\.rawValue).joined(separator: ", ")
}

/// Prints a report on standard output.
///
/// - Parameter folder: where the bundles lie that the report names; a page shows what they hold.
func printReport(_ report: Report, format: ReportFormat, folder: String?, display: DisplayOptions) throws {
  switch format {
  case .text:
    Terminal.print(
      TextReport(report, options: Terminal.options(for: 1, color: display.color, verbosity: display.verbosity)).text)
  case .json: Terminal.print(try JSONReport.encode(report))
  case .html: Terminal.print(HTMLReport(report, traces: try traces(of: report, in: folder)).text)
  case .sarif: Terminal.print(SARIFReport(report).text)
  case .junit: Terminal.print(JUnitReport(report).text)
  case .markdown: Terminal.print(MarkdownReport(report).text)
  }
}

private func traces(of report: Report, in folder: String?) throws -> [Trace] {
  try report.runs.map { run in
    var trace = try BundleReader.read(folder.map { "\($0)/\(run.bundle)" } ?? run.bundle)
    trace.id = run.id
    return trace
  }
}
