import ArgumentParser
import EnvprobeModel
import FoundationEssentials

/// Writes what is generated from the tables: the reference pages of the documentation, or manual pages.
struct ReferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Write the reference pages.", shouldDisplay: false)

  @Flag(help: "Manual pages instead of the documentation's.")
  var man = false

  @Argument(help: "The folder to write to.")
  var folder: String

  func run() throws {
    if man {
      for page in ManualPage.all(of: try CommandReference.of(EnvprobeCommand.self)) {
        try write(page.text, to: page.fileName)
      }
    } else {
      for page in ReferencePage.all { try write(page.text, to: "\(page.name).md") }
    }
  }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"), options: .atomic)
  }
}
