import EnvprobeModel
import EnvprobeRecorder
import FoundationEssentials
import Glibc

/// The folder of a matrix: `matrix.ndjson`, `runs/<id>/` for each bundle, and the report.
public struct MatrixFolder: Sendable {
  public let path: String

  public static let journalName = "matrix.ndjson"
  public static let reportName = "report.json"
  public static let runsName = "runs"
  public static let inputsName = "inputs"

  public init(path: String) { self.path = path }

  public var journalPath: String { "\(path)/\(Self.journalName)" }
  public var reportPath: String { "\(path)/\(Self.reportName)" }

  /// A run's bundle, relative to the folder.
  public static func bundle(of id: String) -> String { "\(runsName)/\(id)" }
  public func bundlePath(of id: String) -> String { "\(path)/\(Self.bundle(of: id))" }

  /// Whether a matrix was begun here.
  public var hasJournal: Bool { access(journalPath, F_OK) == 0 }

  /// Makes the folder, which must hold nothing.
  func create() throws(MatrixError) {
    do {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(Self.runsName)", withIntermediateDirectories: true, attributes: nil)
    } catch {
      throw MatrixError(.prepare, subject: path, reason: "the folder cannot be made: \(Self.reason(error))")
    }
  }

  /// Keeps what the runs were made from beside them: `inputs/tool.json`, the scenario's text and every profile, with all
  /// that it inherits. Nothing reads them back; they are for people who are given the evidence.
  public func keepInputs(_ design: Design, scenario: String, tool: ToolIdentity) throws(MatrixError) {
    var files = ["tool.json": tool.json, "scenario.yaml": scenario]
    for arm in design.profiles {
      files["profiles/\(RunName.folder(for: arm.name)).yaml"] = Profile(name: arm.name, assignment: arm.assignment).yaml
    }
    for (name, text) in files {
      let file = URL(filePath: "\(path)/\(Self.inputsName)/\(name)")
      do {
        try FileManager.default.createDirectory(
          atPath: file.deletingLastPathComponent().path, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file, options: .atomic)
      } catch { throw MatrixError(.prepare, subject: file.path, reason: Self.reason(error)) }
    }
  }

  /// The entries of the journal, which is cut back to its last whole line.
  func readJournal() throws(MatrixError) -> [JournalEntry] {
    guard let data = FileManager.default.contents(atPath: journalPath) else {
      throw MatrixError(
        .readJournal, subject: journalPath, reason: "it is not there or cannot be read",
        hint: "name the folder of the matrix that was interrupted with --out")
    }
    let (entries, valid) = try JournalCodec.decode(Array(data), path: journalPath)
    if valid < data.count, truncate(journalPath, off_t(valid)) != 0 {
      throw MatrixError(.writeJournal, subject: journalPath, errno: errno, reason: "it cannot be cut to whole lines")
    }
    return entries
  }

  /// What the matrix that was begun here began with; `nil` where none was.
  public func storedHeader() throws(MatrixError) -> JournalEntry.Header? {
    guard hasJournal, case .header(let header)? = try readJournal().first else { return nil }
    return header
  }

  /// How long a typical run here took, in seconds; `nil` where none has ended.
  public func typicalSeconds() throws(MatrixError) -> Double? {
    let seconds = try readJournal().compactMap { entry in
      if case .finished(let end) = entry { end.seconds } else { nil }
    }.sorted()
    return seconds.isEmpty ? nil : seconds[seconds.count / 2]
  }

  /// Appends to the journal in one write, so that a killed envprobe leaves whole lines.
  func append(_ entry: JournalEntry) throws(MatrixError) {
    let line: [UInt8]
    do { line = try JournalCodec.line(entry) } catch {
      throw MatrixError(.writeJournal, subject: journalPath, reason: "\(error)")
    }
    let file = open(journalPath, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else {
      throw MatrixError(.writeJournal, subject: journalPath, errno: errno, reason: String(cString: strerror(errno)))
    }
    defer { close(file) }
    let written = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    guard written == line.count else {
      throw MatrixError(
        .writeJournal, subject: journalPath, errno: written < 0 ? errno : ENOSPC,
        reason: String(cString: strerror(written < 0 ? errno : ENOSPC)), hint: "free some room and use --resume")
    }
  }

  /// Moves what an interrupted run left behind out of the way, and keeps it.
  func setAsideBundle(of id: String) throws(MatrixError) {
    let bundle = bundlePath(of: id)
    guard access(bundle, F_OK) == 0 else { return }
    var number = 1
    while access("\(bundle).interrupted-\(number)", F_OK) == 0 { number += 1 }
    guard rename(bundle, "\(bundle).interrupted-\(number)") == 0 else {
      throw MatrixError(.prepare, subject: bundle, errno: errno, reason: "what an earlier run left cannot be moved")
    }
  }

  /// The secret under which credentials are hashed, so that those of a resumed matrix can be compared with the earlier.
  ///
  /// - Parameter isNew: whether to make one; its file can be read by its owner only.
  public func redactionKey(isNew: Bool) throws(MatrixError) -> [UInt8] {
    let file = "\(path)/redaction.key"
    if !isNew {
      guard let data = FileManager.default.contents(atPath: file), data.count == 32 else {
        throw MatrixError(
          .resume, subject: path, reason: "its redaction key is missing", hint: "start anew with another --out")
      }
      return Array(data)
    }
    guard !hasJournal else { return RunSettings.randomKey() }  // refused later, with the reason
    try create()
    let key = RunSettings.randomKey()
    let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0, key.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == key.count else {
      throw MatrixError(.prepare, subject: file, errno: errno, reason: String(cString: strerror(errno)))
    }
    close(descriptor)
    return key
  }

  static func reason(_ error: any Error) -> String {
    if let error = error as? CocoaError, let underlying = error.underlying as? POSIXError {
      return String(cString: strerror(underlying.code.rawValue))
    }
    return "\(error)"
  }
}
