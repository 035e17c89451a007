import ArgumentParser
import EnvprobeMatrix
import EnvprobeModel
import EnvprobeReport
import FoundationEssentials
import Glibc

struct BaselineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "baseline", abstract: "Accept findings that are known.",
    discussion: """
      What is accepted is still listed in reports, with reason, author and expiry, but decides nothing: a CI job fails \
      on new findings only. Entries that have expired, or that no finding uses, are reported. The file is \
      \(BaselineFile.standard) in this folder, or what --baseline names, and is meant to be kept with the project. \
      Without a subcommand its entries are listed.

      EXAMPLES
        envprobe baseline accept 2 --reason "the vendor's gateway wants it, ticket 4711"
        envprobe baseline accept 7e2f --reason "until the next release" --expires 2027-01-31 --matrix audit
        envprobe baseline list
      """,
    subcommands: [Accept.self, List.self, Remove.self], defaultSubcommand: List.self)

  /// Which file, for every command below.
  struct FileOptions: ParsableArguments {
    @Option(
      help: ArgumentHelp("The file (default: \(BaselineFile.standard)).", valueName: "file"),
      completion: .file(extensions: ["json"]))
    var baseline: String?

    var file: BaselineFile { BaselineFile(path: baseline ?? BaselineFile.standard) }
  }

  struct Accept: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "accept", abstract: "Accept findings of a report.",
      discussion: """
        A finding is named by its number in the report, or by its id or fingerprint, the beginning of which is enough. \
        An entry for the same finding is replaced. The fingerprint survives other findings, other profiles and \
        positions in lists, but not another cause or other characters.

        EXAMPLES
          envprobe baseline accept 1 3 --reason "known since 2.1.139" --matrix audit
        """)

    @Argument(help: "The findings: numbers, ids or fingerprints.")
    var findings: [String]

    @Option(help: ArgumentHelp("Why it is accepted.", valueName: "text"))
    var reason: String

    @Option(help: ArgumentHelp("Who accepts it (default: GIT_AUTHOR_NAME, else the user's name).", valueName: "name"))
    var author: String?

    @Option(help: ArgumentHelp("The last day on which it holds, such as 2027-01-31, or never.", valueName: "day"))
    var expires = BaselineFile.day(after: 180)

    @Option(
      help: ArgumentHelp("The folder of the matrix (default: the latest one without --out).", valueName: "dir"),
      completion: .directory)
    var matrix: String?

    @OptionGroup var options: FileOptions

    func validate() throws {
      if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say something.") }
      if expires != "never", !CalendarDay.isDay(expires) {
        throw ValidationError("--expires takes a day such as 2027-01-31, or never, not '\(expires)'.")
      }
      if expires < BaselineFile.today { throw ValidationError("--expires must not be in the past.") }
    }

    func run() throws {
      do {
        guard let folder = matrix ?? OutputFolder.latest(kind: "matrix", holding: MatrixFolder.reportName) else {
          throw UsageError("there is no matrix yet\nhint: name the folder of one with --matrix")
        }
        let report = try JSONReport.read(in: folder)
        let chosen = try findings.map { try Self.acceptable($0, in: report, folder: folder) }
        var baseline = try options.file.readOrBegin()
        for finding in chosen {
          let entry = Baseline.Entry(
            finding, reason: reason, author: author ?? Self.user, accepted: BaselineFile.today,
            expires: expires == "never" ? nil : expires)
          baseline.accept(entry)
          Terminal.print("accepted \(entry.fingerprint)  \(entry.title)")
        }
        try options.file.write(baseline)
        let until = expires == "never" ? "for good" : "until \(expires)"
        Terminal.print("in \(options.file.path), \(until); see: envprobe report \(ShellWord.quote(folder))")
      } catch {
        throw Failure.report(error, otherwise: .inconclusive)
      }
    }

    private static var user: String {
      for name in ["GIT_AUTHOR_NAME", "USER", "LOGNAME"] {
        if let value = getenv(name), value.pointee != 0 { return String(cString: value) }
      }
      return "uid \(getuid())"
    }

    private static func acceptable(_ name: String, in report: Report, folder: String) throws -> Finding {
      let finding = try report.finding(named: name, folder: folder)
      guard finding.verdict != .expected else {
        throw UsageError("the finding '\(name)' is expected: it decides nothing, and needs no acceptance")
      }
      return finding
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List what is accepted.",
      discussion: """
        EXAMPLES
          envprobe baseline list
          envprobe baseline list --baseline ci/baseline.json
        """)

    @OptionGroup var options: FileOptions

    func run() throws {
      do {
        let baseline = try options.file.readOrBegin()
        if baseline.entries.isEmpty { Terminal.print("nothing is accepted in \(options.file.path)") }
        for entry in baseline.entries {
          let end = entry.expires.map { $0 < BaselineFile.today ? "expired on \($0)" : "until \($0)" } ?? "for good"
          Terminal.print(
            VisibleLine.text("\(entry.fingerprint)  \(entry.title)") + "\n"
              + VisibleLine.text("    \(entry.place)") + "\n"
              + VisibleLine.text("    accepted by \(entry.author) on \(entry.accepted), \(end): \(entry.reason)"))
        }
      } catch {
        throw Failure.report(error, otherwise: .inconclusive)
      }
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove", abstract: "Accept something no longer.",
      discussion: """
        EXAMPLES
          envprobe baseline remove 7e2f
        """)

    @Argument(help: "Fingerprints; the beginning of each is enough.")
    var fingerprints: [String]

    @OptionGroup var options: FileOptions

    func run() throws {
      do {
        var baseline = try options.file.read()
        for fingerprint in fingerprints {
          let matches = baseline.entries.filter { $0.fingerprint.hasPrefix(fingerprint) }
          guard matches.count == 1 else {
            let what = matches.isEmpty ? "no entry begins" : "several entries begin"
            throw UsageError("\(what) with '\(fingerprint)' in \(options.file.path)\nhint: envprobe baseline list")
          }
          baseline.entries.removeAll { $0 == matches[0] }
          Terminal.print(VisibleLine.text("removed \(matches[0].fingerprint)  \(matches[0].title)"))
        }
        try options.file.write(baseline)
      } catch {
        throw Failure.report(error, otherwise: .inconclusive)
      }
    }
  }
}
