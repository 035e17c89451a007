import ArgumentParser
import EnvprobeWire

struct ScenariosCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenarios", abstract: "List, show and check scenarios.",
    discussion: """
      A scenario is what the offline world answers: what a model says turn by turn, and rules for everything else. \
      Without a subcommand the bundled ones are listed; 'run' and 'matrix' take them by name with --scenario.

      EXAMPLES
        envprobe scenarios
        envprobe scenarios show tools > mine.yaml         a start for a scenario of your own
        envprobe scenarios check mine.yaml
      """,
    subcommands: [List.self, Show.self, Check.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the bundled scenarios.",
      discussion: """
        EXAMPLES
          envprobe scenarios list
        """)

    func run() throws {
      let scenarios = Scenario.bundledTexts.compactMap { Scenario.bundled($0.name) }
      let width = (scenarios.map(\.name.count).max() ?? 0) + 2
      for scenario in scenarios {
        let mark = scenario.name == Scenario.hello.name ? "*" : " "
        Terminal.print("\(mark) \(scenario.name.padded(to: width))\(scenario.description)")
      }
      Terminal.print("\n* answers where --scenario names none")
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Print a scenario's file.",
      discussion: """
        EXAMPLES
          envprobe scenarios show refuse
        """)

    @Argument(help: "A bundled scenario's name, or a file.", completion: .scenario)
    var name: String

    func run() throws {
      do {
        Terminal.print(try Scenario.text(of: name))
      } catch {
        throw Failure.report(error, otherwise: .inconclusive)
      }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Check scenario files.",
      discussion: """
        A problem is told with its file, line and column. The exit status is 0 where there is none, else 64.

        EXAMPLES
          envprobe scenarios check mine.yaml
        """)

    @Argument(help: "Scenario files.", completion: .file(extensions: ["yaml", "yml"]))
    var files: [String]

    func run() throws {
      var isSound = true
      for file in files {
        do {
          _ = try Scenario(yaml: try readText(file), file: file)
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
