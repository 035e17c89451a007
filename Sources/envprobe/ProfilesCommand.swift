import ArgumentParser
import EnvprobeMatrix
import EnvprobeModel

struct ProfilesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profiles", abstract: "List, show and check profiles.",
    discussion: """
      A profile is a named, coherent choice of levels: the time zone, locale, name servers and so on of somebody \
      somewhere. Without a subcommand the bundled ones are listed.

      EXAMPLES
        envprobe profiles
        envprobe profiles show cn-gateway > mine.yaml         a start for a profile of your own
        envprobe profiles check mine.yaml
      """,
    subcommands: [List.self, Show.self, Check.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the bundled profiles.",
      discussion: """
        EXAMPLES
          envprobe profiles list
        """)

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
      commandName: "show", abstract: "Print a profile with everything that it extends.",
      discussion: """
        What is printed is a profile file itself: save it under another name and change it.

        EXAMPLES
          envprobe profiles show cn
          envprobe profiles show cn --source          as it is written, with its comments
        """)

    @Argument(help: "A bundled profile's name, or a file.", completion: .profile)
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
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Check profile files, and what they extend.",
      discussion: """
        Every problem is told with its file, line and column. The exit status is 0 where there is none, else 64.

        EXAMPLES
          envprobe profiles check mine.yaml profiles/*.yaml
        """)

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
          Log.say("envprobe: \(error)", level: "error")
        }
      }
      if !isSound { throw ExitStatus.usage.exitCode }
    }
  }
}
