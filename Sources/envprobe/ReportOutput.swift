import ArgumentParser
import EnvprobeModel
import EnvprobeReport
import EnvprobeSandbox
import FoundationEssentials
import Glibc

/// Where a report goes, and in what form: `text`, or `sarif=report.sarif`.
struct ReportOutput: Hashable, Sendable {
  var format: ReportFormat
  /// `nil` is standard output.
  var file: String?

  init(_ format: ReportFormat, file: String? = nil) {
    self.format = format
    self.file = file
  }

  var description: String { format.rawValue + (file.map { "=\($0)" } ?? "") }
}

/// What one `--format` names: `text,sarif=report.sarif`.
struct ReportOutputs: ExpressibleByArgument, Hashable, Sendable {
  var list: [ReportOutput]

  init?(argument: String) { try? self.init(parsing: argument) }

  /// A comma belongs to a file's name where no format follows it.
  init(parsing text: String) throws(UsageError) {
    list = []
    for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let format = ReportFormat(rawValue: String(parts[0])) else {
        if parts.count == 1, let last = list.indices.last, let file = list[last].file {
          list[last].file = "\(file),\(piece)"
          continue
        }
        let names = ReportFormat.allCases.map(\.rawValue)
        let near = nearestName(to: String(parts[0]), among: names).map { " (did you mean '\($0)'?)" } ?? ""
        throw UsageError("one of \(ReportFormat.list)\(near), or 'format=file', not '\(piece)'")
      }
      if parts.count == 2, parts[1].isEmpty { throw UsageError("a file's name is missing after '\(piece)'") }
      list.append(ReportOutput(format, file: parts.count == 2 ? String(parts[1]) : nil))
    }
  }

  var description: String { list.map(\.description).joined(separator: ",") }

  static let allValueStrings = ReportFormat.allCases.map(\.rawValue)
  static let defaultCompletionKind = CompletionKind.list(allValueStrings)
}

/// In which forms a report is given, for every command that gives one.
struct ReportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How to print the report: \(ReportFormat.list); 'format=file' writes it to a file. Several with commas, or by repeating the flag (default: text).",
      valueName: "format[=file]"))
  var format: [ReportOutputs] = []

  @Option(
    help: ArgumentHelp(
      "Findings that are known and accepted (default: \(BaselineFile.standard), where it is there).", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var baseline: String?

  @Flag(name: .customLong("no-baseline"), help: "Accept nothing.")
  var isWithoutBaseline = false

  /// The report with what the baseline accepts of it.
  func accepting(_ report: Report, display: DisplayOptions) throws -> Report {
    guard let file = try baselineFile() else { return report }
    let accepted = try file.read().applied(
      to: report, source: file.path, today: BaselineFile.today)
    for stale in accepted.acceptance?.stale ?? [] where !display.quiet {
      Log.say("envprobe: \(file.path): \(stale.sentence)", level: "warning")
    }
    return accepted
  }

  /// The baseline that holds, `nil` where there is none.
  func baselineFile() throws -> BaselineFile? {
    if isWithoutBaseline { return nil }
    let file = BaselineFile(path: baseline ?? BaselineFile.standard)
    return baseline == nil && FileIdentity(path: file.path) == nil ? nil : file
  }

  var outputs: [ReportOutput] { format.isEmpty ? [ReportOutput(.text)] : format.flatMap(\.list) }

  func validate() throws {
    let printed = outputs.filter { $0.file == nil }
    if printed.count > 1 {
      throw ValidationError(
        "Only one format can be printed, not \(printed.map(\.format.rawValue).joined(separator: " and ")): "
          + "give the others files, such as \(printed[1].format)=report.\(printed[1].format.fileExtension)")
    }
    if baseline != nil, isWithoutBaseline {
      throw ValidationError("--baseline and --no-baseline exclude each other.")
    }
    let files = outputs.compactMap(\.file)
    if let twice = files.first(where: { file in files.count { $0 == file } > 1 }) {
      throw ValidationError("Two formats cannot be written to one file: \(twice)")
    }
  }

  /// Reads the baseline, makes the folders of the files and tries whether they can be written, before anything takes time.
  func prepare() throws {
    _ = try baselineFile()?.read()
    for file in outputs.compactMap(\.file) {
      let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
      if !folder.isEmpty, folder != "." {
        do {
          try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch { throw UsageError("cannot make the folder \(folder): \(String(cString: strerror(errno)))") }
      }
      if FileIdentity(path: file)?.kind == .folder {
        throw UsageError("cannot write \(file): it is a folder")
      }
      guard access(folder.isEmpty ? "/" : folder, W_OK) == 0 || access(file, W_OK) == 0 else {
        throw UsageError("cannot write \(file): \(String(cString: strerror(errno)))")
      }
    }
  }

  /// Prints the report, and writes it to the files.
  ///
  /// - Parameter folder: where the bundles lie that the report names; a page shows what they hold.
  func give(_ report: Report, folder: String?, display: DisplayOptions) throws {
    for output in outputs {
      guard let file = output.file else {
        Terminal.print(try output.format.text(of: report, folder: folder, display: display, isPrinted: true))
        continue
      }
      try write(try output.format.text(of: report, folder: folder, display: display, isPrinted: false), to: file)
      if !display.quiet { Log.say("envprobe: wrote \(file) (\(output.format.rawValue))") }
    }
  }

  /// A file is replaced as a whole; what is there and no file, such as a pipe, is written into.
  private func write(_ text: String, to file: String) throws {
    let text = text.hasSuffix("\n") ? text : text + "\n"
    if let there = FileIdentity(path: file), there.kind != .regular {
      let descriptor = open(file, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw UsageError("cannot write \(file): \(String(cString: strerror(errno)))") }
      defer { close(descriptor) }
      return Terminal.write(text, to: descriptor)
    }
    do { try Data(text.utf8).write(to: URL(filePath: file), options: .atomic) } catch {
      throw UsageError("cannot write \(file): \(String(cString: strerror(errno)))")
    }
  }
}
