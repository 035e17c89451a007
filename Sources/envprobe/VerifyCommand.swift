import ArgumentParser
import EnvprobeModel
import EnvprobeReport
import FoundationEssentials

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check that an evidence pack is as it was written.",
    discussion: """
      Every file is compared with the manifest, and the whole archive with its own digest, so that any changed byte is \
      found. Who packed it, only a signature shows: with --key it must be there and be of that key. The exit status is \
      0 where nothing was changed, 1 where something was, 2 where the file cannot be read as a pack.

      EXAMPLES
        envprobe verify audit.zip
        envprobe verify audit.zip --key audit.pub
      """)

  @Argument(help: "The file that 'envprobe pack' wrote.", completion: .file(extensions: ["zip"]))
  var pack: String

  @Option(
    help: ArgumentHelp("The public Ed25519 key that must have signed it, in PEM.", valueName: "key"),
    completion: .file())
  var key: String?

  @OptionGroup(title: "What is shown") var display: DisplayOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions

  func run() throws {
    do {
      let key = try key.map { try usable($0, EvidenceVerifyingKey.init(pem:)) }
      let check = try EvidenceCheck(Array(try readData(pack)), key: key)
      if !display.quiet { Terminal.print(check.text(pack: pack)) }
      for problem in check.problems { Log.say("envprobe: \(pack): \(problem)", level: "error") }
      if !check.problems.isEmpty { throw ExitStatus.changed.exitCode }
    } catch {
      throw Failure.report(error, otherwise: .inconclusive)
    }
  }
}

/// What is made of a text that the user names; what is wrong with it is the user's to put right.
func usable<Value>(_ path: String, _ make: (String) throws(ArchiveError) -> Value) throws -> Value {
  let text = try readText(path)
  do { return try make(text) } catch { throw UsageError("\(path): \(error)") }
}
