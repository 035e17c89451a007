import Foundation
import Testing

@Suite struct HelpTests {
  @Test(arguments: shownCommands) func hasAShortAndALongForm(command: [String]) throws {
    let folder = try Folder()
    let short = try Call.envprobe(command + ["-h"], in: folder)
    let long = try Call.envprobe(command + ["--help"], in: folder)
    #expect(short.status == 0 && long.status == 0)
    #expect(short.errors == "" && long.errors == "")
    let name = (["envprobe"] + command).joined(separator: " ")
    #expect(short.output.hasSuffix("'\(name) --help' explains and has examples.\n"))
    #expect(short.output.contains("\nUsage: \(name)"))
    #expect(!short.output.contains("\nExamples:\n"))
    #expect(long.output.contains("\nExamples:\n  "))
    for line in long.output.split(separator: "\n") { #expect(line.count <= 110, "\(line)") }
    // The same by another way, and without a word the short one.
    #expect(try Call.envprobe(["help"] + command, in: folder).output == long.output)
  }

  @Test func withoutAWordItIsTheShortForm() throws {
    let folder = try Folder()
    #expect(try Call.envprobe([], in: folder).output == Call.envprobe(["-h"], in: folder).output)
  }

  @Test func ofAProgramIsTheProgramsOwn() throws {
    let call = try Call.envprobe(["run", "--quiet", "--", "echo", "-h", "--help"], in: Folder())
    #expect(call.output == "-h --help\n")
  }

  /// The best of many, as the machine may be busy: the processor time it takes, not what it has to wait.
  @Test func startsInThirtyMilliseconds() throws {
    let folder = try Folder()
    let script = "TIMEFORMAT='%U %S'; time \"$0\" --help >/dev/null"
    let times = try (0..<20).map { _ in
      let call = try Call.run(["/bin/bash", "-c", script, Call.binary], in: folder)
      return call.errors.split { $0 == " " || $0 == "\n" }.compactMap { Double($0) }.reduce(0, +)
    }
    #expect(times.min()! <= 0.030)
  }
}
