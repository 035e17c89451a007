import ArgumentParser
import EnvprobeModel
import EnvprobeRecorder
import EnvprobeReport
import FoundationEssentials
import Glibc

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a run's traffic for other tools.",
    discussion: """
      har: an HTTP Archive 1.2, for the network panel of a browser. pcapng: for Wireshark and tshark; what TLS carried, \
      without it, as packets of the kind that Wireshark exports decrypted data to; of a run with --tls-keys the TCP \
      streams below TLS, and the secrets to decrypt them. curl: each request as a command. \
      zip: the folder as it is ('envprobe pack' makes an archive that vouches for its bytes).

      Credentials are the markers that were recorded in their place.

      EXAMPLES
        envprobe export DIR --as har > run.har
        envprobe export DIR --as pcapng -o run.pcapng && tshark -r run.pcapng
        envprobe export DIR --as curl | less
      """)

  enum Form: String, ExpressibleByArgument, CaseIterable { case har, pcapng, curl, zip }

  @Argument(help: "The folder of a run.", completion: .directory)
  var bundle: String

  @Option(name: .customLong("as"), help: ArgumentHelp("har, pcapng, curl or zip.", valueName: "form"))
  var form: Form

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("The file to write (default: standard output).", valueName: "file"), completion: .file())
  var out: String?

  @OptionGroup(title: "What is shown") var display: DisplayOptions

  func validate() throws {
    if form == .pcapng || form == .zip, out == nil, Terminal.isTerminal(1) {
      throw ValidationError("--as \(form.rawValue) is no text: name a file with -o, or redirect the output.")
    }
  }

  func run() throws {
    do {
      let bytes = try export()
      if let out {
        try Data(bytes).write(to: URL(filePath: out), options: .atomic)
        if !display.quiet { Log.say("wrote \(out): \(bytes.count) bytes") }
        return
      }
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw UsageError("cannot write: \(String(cString: strerror(errno)))") }
        rest = rest.dropFirst(count)
      }
    } catch {
      throw Failure.report(error, otherwise: .inconclusive)
    }
  }

  private func export() throws -> [UInt8] {
    let trace = try BundleReader.read(bundle)
    switch form {
    case .har: return Array(try HARExport.encode(trace).utf8)
    case .pcapng: return PcapngExport.encode(trace)
    case .curl: return Array(CurlExport.text(trace, bundle: bundle).utf8)
    case .zip: return try archive()
    }
  }

  private func archive() throws -> [UInt8] {
    var writer = ZipWriter()
    var bytes: [UInt8] = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: bundle).sorted() {
      var isFolder = false
      guard FileManager.default.fileExists(atPath: "\(bundle)/\(path)", isDirectory: &isFolder), !isFolder else {
        continue
      }
      guard let data = FileManager.default.contents(atPath: "\(bundle)/\(path)") else {
        throw UsageError("cannot read \(bundle)/\(path): \(String(cString: strerror(errno)))")
      }
      bytes += try writer.entry(path, Array(data))
    }
    return bytes + writer.end()
  }
}
