import ArgumentParser
import EnvprobeMatrix
import EnvprobeModel
import EnvprobeRecorder
import EnvprobeReport
import EnvprobeSandbox
import FoundationEssentials
import Glibc

struct PackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack", abstract: "Put a matrix or a run with all its evidence into one file.",
    discussion: """
      The file is a zip archive: the report as JSON and as a page, the record of every run, the journal, scenario and \
      profiles, the digests of envprobe and of the program, and a manifest with the SHA-256 of each file. \
      'envprobe verify' finds any byte that was changed since. The same evidence gives the same bytes. The key under \
      which credentials were hashed is left out.

      With --sign the manifest is signed (Ed25519). A pair of keys, and a check without envprobe:
        openssl genpkey -algorithm ed25519 -out audit.key
        openssl pkey -in audit.key -pubout -out audit.pub
        openssl pkeyutl -verify -pubin -inkey audit.pub -rawin -in manifest.json -sigfile manifest.sig

      EXAMPLES
        envprobe pack audit -o audit.zip
        envprobe pack audit -o audit.zip --sign audit.key
        envprobe verify audit.zip --key audit.pub
      """)

  @Argument(help: "The folder of a matrix, or of a run.", completion: .directory)
  var folder: String

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("The file to write (default: the folder's name with .zip, here).", valueName: "file"),
    completion: .file(extensions: ["zip"]))
  var out: String?

  @Option(
    help: ArgumentHelp("Sign with this private Ed25519 key, in PEM.", valueName: "key"), completion: .file())
  var sign: String?

  @OptionGroup(title: "What is shown") var display: DisplayOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions

  func run() throws {
    do {
      let key = try sign.map { try usable($0, EvidenceSigningKey.init(pem:)) }
      let evidence = try Evidence(folder: folder)
      let file = out ?? (Self.name(of: folder) + ".zip")
      let size = try write(evidence, to: file, key: key)
      if !display.quiet {
        Terminal.print("wrote \(file): \(evidence.paths.count) files, \(size / 1024) KiB")
        if let key { Terminal.print("signed with the key of SHA-256 \(key.verifyingKey.fingerprint)") }
        let check = ["envprobe", "verify", file] + (key == nil ? [] : ["--key", "PUBLIC-KEY"])
        Terminal.print("check with: \(ShellWord.join(check))")
      }
    } catch {
      throw Failure.report(error, otherwise: .inconclusive)
    }
  }

  private static func name(of folder: String) -> String {
    let path = folder.hasPrefix("/") ? folder : FileManager.default.currentDirectoryPath + "/" + folder
    return path.split(separator: "/").last { $0 != "." && $0 != ".." }.map(String.init) ?? "evidence"
  }

  /// Writes beside the file and puts it in its place when it is whole. Returns its size in bytes.
  private func write(_ evidence: Evidence, to file: String, key: EvidenceSigningKey?) throws -> Int {
    let partial = "\(file).partial-\(getpid())"
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw UsageError("cannot write \(file): \(String(cString: strerror(errno)))") }
    var isWhole = false
    defer {
      close(descriptor)
      if !isWhole { unlink(partial) }
    }
    var size = 0
    func append(_ bytes: [UInt8]) throws {
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw UsageError("cannot write \(file): \(String(cString: strerror(errno)))") }
        rest = rest.dropFirst(count)
      }
      size += bytes.count
    }
    var writer = EvidencePackWriter(evidence.manifest)
    for path in evidence.paths { try append(try writer.file(path, try evidence.contents(of: path))) }
    try append(try writer.end(signedBy: key))
    guard fsync(descriptor) == 0, rename(partial, file) == 0 else {
      throw UsageError("cannot write \(file): \(String(cString: strerror(errno)))")
    }
    isWhole = true
    return size
  }
}

/// What belongs to a folder's evidence.
private struct Evidence {
  let manifest: EvidenceManifest
  /// In the order of their bytes.
  let paths: [String]
  private let folder: String
  /// Made of the rest, by path.
  private var rendered: [String: [UInt8]] = [:]

  init(folder: String) throws {
    self.folder = folder
    let matrix = MatrixFolder(path: folder)
    if FileIdentity(path: matrix.reportPath) == nil, FileIdentity(path: "\(folder)/run.json") != nil {
      let trace = try BundleReader.read(folder)
      manifest = EvidenceManifest(tool: ToolVersion.named, subject: trace.manifest.subject, conclusion: nil)
      paths = try Self.files(below: "", in: folder).sorted(by: Self.byBytes)
      return
    }
    let report = try JSONReport.read(in: folder)
    manifest = EvidenceManifest(tool: ToolVersion.named, subject: report.subject, conclusion: report.conclusion)
    let options = DisplayOptions.parseOrExit([])
    for (name, format) in [("report.html", ReportFormat.html), ("report.txt", .text)] {
      let text = try format.text(of: report, folder: folder, display: options, isPrinted: false)
      rendered[name] = Array(text.utf8)
    }
    var paths = [MatrixFolder.reportName] + rendered.keys
    if FileIdentity(path: matrix.journalPath) != nil { paths.append(MatrixFolder.journalName) }
    for name in [MatrixFolder.inputsName] + report.runs.map(\.bundle)
    where FileIdentity(link: "\(folder)/\(name)")?.kind == .folder {
      paths += try Self.files(below: name, in: folder)
    }
    self.paths = Set(paths).sorted(by: Self.byBytes)
  }

  func contents(of path: String) throws -> [UInt8] {
    if let bytes = rendered[path] { return bytes }
    guard let data = FileManager.default.contents(atPath: "\(folder)/\(path)") else {
      throw UsageError("cannot read \(folder)/\(path): \(String(cString: strerror(errno)))")
    }
    return Array(data)
  }

  private static func byBytes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

  private static func files(below name: String, in folder: String) throws -> [String] {
    let start = name.isEmpty ? folder : "\(folder)/\(name)"
    return try FileManager.default.subpathsOfDirectory(atPath: start).compactMap { path in
      let relative = name.isEmpty ? path : "\(name)/\(path)"
      switch FileIdentity(link: "\(folder)/\(relative)")?.kind {
      case .folder: return nil
      case .regular: return relative
      case .link, .other, nil:
        throw UsageError("cannot pack \(folder)/\(relative): it is no file, and no record holds such a thing")
      }
    }
  }
}
