import ArgumentParser
import EnvprobeModel
import FoundationEssentials

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Print the options that hold here, and where each comes from.",
    discussion: """
      An option comes from a flag, else from the nearest \(ConfigurationFile.name) in this folder or above, else it has \
      its default. With a call after it, the command says what would hold for that call.

      EXAMPLES
        envprobe config
        envprobe config matrix --repeat 5 -- ./agent
        envprobe config --json | jq -r '.options[] | select(.key == "profiles") | .value'
      """)

  @Flag(help: "As JSON.")
  var json = false

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("A call of run or matrix.", valueName: "call"))
  var call: [String] = []

  /// An option, what it is, and what made it so.
  struct Setting: Hashable, Encodable {
    var key: String
    /// `nil` where it has neither a value nor a default.
    var value: String?
    /// `default`, a flag, or a file with the line.
    var source: String
  }

  private struct Listing: Encodable {
    var file: String?
    var options: [Setting]
  }

  func run() throws {
    do {
      let invocation = Invocation(call)
      if let first = call.first, !["run", "matrix"].contains(first) {
        throw UsageError("'config' explains calls of run and matrix, not of '\(first)'")
      }
      let file = try invocation.configuration()
      let settings = try Self.settings(of: invocation, file: file)
      if json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let listing = Listing(file: file?.path, options: settings)
        Terminal.print(String(decoding: try encoder.encode(listing), as: UTF8.self))
      } else {
        Terminal.print(file.map { "configuration: \($0.path)" } ?? "configuration: none; 'envprobe init' writes one")
        Terminal.print("\n" + Self.table(settings))
      }
    } catch {
      throw Failure.report(error, otherwise: .inconclusive)
    }
  }

  static func settings(of invocation: Invocation, file: ConfigurationFile?) throws -> [Setting] {
    let run = try command("run", of: invocation, file: file) as! RunCommand
    let matrix = try command("matrix", of: invocation, file: file) as! MatrixCommand
    let typed = invocation.own.first
    return ConfigurationKey.all.map { key in
      let isTyped: Bool
      var value: String?
      switch key.reader {
      case .run(let read): value = read(run)
      case .matrix(let read):
        // What both have is read from the one that was typed, by way of the matrix.
        value = read(matrix)
      }
      if case .command = key.shape {
        isTyped = invocation.program != nil
        if !isTyped, file?.entries[key.name] == nil { value = nil }
      } else {
        isTyped = typed.map { key.commands.contains($0) } ?? false && invocation.hasFlag(key.name)
        if isTyped { value = invocation.values(of: key.name).joined(separator: ",") }
      }
      let flag: String = if case .command = key.shape { "--" } else { "--\(key.name)" }
      let source =
        isTyped ? flag : file.flatMap { file in file.entries[key.name].map { "\(file.path):\($0.line)" } } ?? "default"
      return Setting(key: key.name, value: value, source: source)
    }
  }

  /// A command as it would be parsed: the call itself where it is one of that command, and the file alone otherwise.
  private static func command(
    _ name: String, of invocation: Invocation, file: ConfigurationFile?
  ) throws -> any ParsableCommand {
    var call = invocation.own.first == name ? invocation : Invocation([name])
    call = call.completed(by: file)
    // Neither goes without a program; which one it is does not matter here.
    if call.program == nil { call.words += ["--", "program"] }
    do { return try EnvprobeCommand.parseAsRoot(call.words) } catch {
      throw UsageError(String(UsageProblem(EnvprobeCommand.message(for: error), in: call).text.dropFirst(10)))
    }
  }

  private static func table(_ settings: [Setting]) -> String {
    let rows = settings.map { [$0.key, $0.value ?? "none", $0.source] }
    let widths = (0..<2).map { column in min(60, rows.map { $0[column].count }.max() ?? 0) }
    return rows.map { "\($0[0].padded(to: widths[0] + 2))\($0[1].padded(to: widths[1] + 2))\($0[2])" }
      .joined(separator: "\n")
  }
}
