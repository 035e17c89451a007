import ArgumentParser
import EnvprobeModel
import EnvprobeRecorder
import EnvprobeReport

/// A form in which a report can be given.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, html, sarif, junit, markdown

  /// For help texts.
  static let list = allCases.map(\.rawValue).joined(separator: ", ")

  var fileExtension: String {
    switch self {
    case .text: "txt"
    case .junit: "xml"
    case .markdown: "md"
    case .json, .html, .sarif: rawValue
    }
  }

  /// A report in this form.
  ///
  /// - Parameters:
  ///   - folder: where the bundles lie that the report names; a page shows what they hold.
  ///   - isPrinted: whether it goes to standard output, which may be a terminal.
  func text(of report: Report, folder: String?, display: DisplayOptions, isPrinted: Bool) throws -> String {
    switch self {
    case .text:
      var options = TextOptions(width: 100, color: display.color == .always, verbosity: display.verbosity)
      if isPrinted { options = Terminal.options(for: 1, color: display.color, verbosity: display.verbosity) }
      return TextReport(report, options: options).text
    case .json: return try JSONReport.encode(report)
    case .html: return HTMLReport(report, traces: try Self.traces(of: report, in: folder)).text
    case .sarif: return SARIFReport(report).text
    case .junit: return JUnitReport(report).text
    case .markdown: return MarkdownReport(report).text
    }
  }

  private static func traces(of report: Report, in folder: String?) throws -> [Trace] {
    try report.runs.map { run in
      var trace = try BundleReader.read(folder.map { "\($0)/\(run.bundle)" } ?? run.bundle)
      trace.id = run.id
      return trace
    }
  }
}
