import ArgumentParser
import EnvprobeModel
import FoundationEssentials

/// Writes the reference pages of the documentation from the tables.
struct ReferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Write the reference pages.", shouldDisplay: false)

  @Argument(help: "The folder to write to.")
  var folder: String

  func run() throws {
    for page in ReferencePage.all {
      try Data(page.text.utf8).write(to: URL(filePath: "\(folder)/\(page.name).md"), options: .atomic)
    }
  }
}
