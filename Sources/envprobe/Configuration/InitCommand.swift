import ArgumentParser
import EnvprobeModel
import FoundationEssentials
import Glibc

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write an envprobe.yaml that later calls in this folder use.",
    discussion: """
      The file says what 'run' and 'matrix' do in this folder and below where no flag says otherwise: flags win over \
      the file, and the file over the defaults. Every key is there with a comment; those that are commented out show \
      their defaults or an example. 'envprobe config' prints what holds, and why.

      EXAMPLES
        envprobe init                                 a file to fill in
        envprobe init -- claude -p "say hi"           with the command: from then on 'envprobe matrix' is enough
      """)

  @Flag(help: "Replace the file that is there.")
  var force = false

  @Argument(parsing: .postTerminator, help: "The program under audit and its arguments, to be kept in the file.")
  var command: [String] = []

  func run() throws {
    do {
      let path = ConfigurationFile.name
      let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL), 0o644)
      guard file >= 0 else {
        if errno == EEXIST {
          throw UsageError("\(path) is there already\nhint: change it, or replace it with: envprobe init --force")
        }
        throw UsageError("cannot write \(path): \(String(cString: strerror(errno)))")
      }
      close(file)
      try Data(Self.template(command: command).utf8).write(to: URL(filePath: path))
      Terminal.print("wrote \(path)")
      Terminal.print(
        command.isEmpty
          ? "next: set 'command' in it, then call: envprobe matrix" : "next: envprobe matrix, or envprobe run")
    } catch {
      throw Failure.report(error, otherwise: .inconclusive)
    }
  }

  /// The file with a comment for each key. Only the command that was given is set.
  static func template(command: [String]) -> String {
    var lines = [
      "# What 'envprobe run' and 'envprobe matrix' do in this folder and below. Flags win over this file, and this file",
      "# over the defaults. 'envprobe config' prints what holds, and why. A key is the long name of a flag.",
      "schema: \(ConfigurationFile.schema)",
    ]
    for key in ConfigurationKey.all {
      lines.append("")
      lines += wrapped(key.comment, width: 110).map { "# " + $0 }
      if case .command = key.shape, !command.isEmpty {
        lines.append("\(key.name): [\(command.map(quoted).joined(separator: ", "))]")
      } else {
        lines.append("# \(key.name): \(key.example)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A word as YAML reads it back: plain where nothing in it means anything to YAML.
  private static func quoted(_ word: String) -> String {
    let isPlain =
      word.first.map { $0.isLetter || "/._".contains($0) || ($0 == "-" && word.count > 1) } ?? false
      && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-=+@%".contains($0)) }
    if isPlain { return word }
    var text = ""
    for scalar in word.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        text += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    return "\"\(text)\""
  }

  private static func wrapped(_ text: String, width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      if lines.last!.count + word.count >= width { lines.append("") }
      lines[lines.count - 1] += (lines.last!.isEmpty ? "" : " ") + word
    }
    return lines
  }
}
