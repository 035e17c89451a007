import ArgumentParser
import EnvprobeMatrix
import EnvprobeModel

struct ProfilesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profiles", abstract: "List, show and check profiles.",
    subcommands: [List.self, Show.self, Check.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the bundled profiles.")

    func run() throws {
      do {
        let profiles = try ProfileLibrary.standard.names.map { try ProfileLibrary.standard.profile($0) }
        let width = (profiles.map(\.name.count).max() ?? 0) + 2
        for profile in profiles {
          let mark = ProfileLibrary.defaultMatrix.contains(profile.name) ? "*" : " "
          Terminal.print("\(mark) \(profile.name.padded(to: width))\(profile.description ?? "")")
        }
        Terminal.print("\n* compared by 'envprobe matrix' where --profiles names none")
      } catch {
        throw Failure.report(error, otherwise: .inconclusive)
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a profile with everything that it extends.",
      discussion: "What is printed is a profile file itself: save it under another name and change it.")

    @Argument(help: "A bundled profile's name, or a file.", completion: .file(extensions: ["yaml", "yml"]))
    var name: String

    @Flag(help: "Print the file as it is written, comments included.")
    var source = false

    func run() throws {
      do {
        Terminal.print(
          source
            ? try ProfileLibrary.standard.source(name).text : try ProfileLibrary.standard.profile(name).yaml)
      } catch {
        throw Failure.report(error, otherwise: .inconclusive)
      }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check profile files, and what they extend.")

    @Argument(help: "Profile files.", completion: .file(extensions: ["yaml", "yml"]))
    var files: [String]

    func run() throws {
      var isSound = true
      for file in files {
        do {
          try ProfileLibrary.standard.check(path: file)
          Terminal.print("\(file): ok")
        } catch {
          isSound = false
          Terminal.printError(error.description)
        }
      }
      if !isSound { throw ExitStatus.usage.exitCode }
    }
  }
}
