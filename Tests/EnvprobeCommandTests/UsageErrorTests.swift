import Foundation
import Testing

/// What somebody reads who typed something wrong: the mistake, what was probably meant, and how to go on.
@Suite struct UsageErrorTests {
  static let table: [(arguments: [String], errors: String)] = [
    (["matirx"], "envprobe: unknown command 'matirx'; did you mean 'matrix'?\nhint: envprobe matrix --help\n"),
    (
      ["claude"],
      "envprobe: unknown command 'claude'\nhint: to run a program: envprobe run -- claude; the commands: envprobe -h\n"
    ),
    (
      ["profiles", "shwo"],
      "envprobe: unknown command 'shwo'; did you mean 'show'?\nhint: envprobe profiles show --help\n"
    ),
    (
      ["profiles", "elsewhere"],
      "envprobe: unknown command 'elsewhere'\nhint: the commands of envprobe profiles: list, show, check\n"
    ),
    (
      ["run", "--quiet", "claude", "-p", "say hi"],
      "envprobe: 'claude' is no flag of envprobe run\n"
        + "hint: put '--' before the program: envprobe run --quiet -- claude -p 'say hi'\n"
    ),
    (
      ["run", "--profile", "us", "claude"],
      "envprobe: 'claude' is no flag of envprobe run\n"
        + "hint: put '--' before the program: envprobe run --profile us -- claude\n"
    ),
    (
      ["matrix", "--repaet", "3", "--", "true"],
      "envprobe: unknown option '--repaet'. Did you mean '--repeat'?\n"
        + "hint: 'envprobe matrix --help' explains and has examples\n"
    ),
    (
      ["matrix", "--repeat", "0", "--", "true"],
      "envprobe: --repeat must be at least 1.\nhint: 'envprobe matrix --help' explains and has examples\n"
    ),
    (
      ["run"],
      "envprobe: name the program to run after '--': envprobe run -- claude\n"
        + "hint: 'envprobe run --help' explains and has examples\n"
    ),
    (
      ["run", "--profile", "uss", "--", "true"],
      "envprobe: --profile: unknown profile 'uss' (did you mean 'us'?)\n"
    ),
    (
      ["run", "--set", "timezne=UTC", "--", "true"],
      "envprobe: --set: unknown factor 'timezne' (did you mean 'timezone'?)\n"
    ),
    (
      ["run", "--config", "nowhere.yaml", "--", "true"],
      "envprobe: cannot read nowhere.yaml: No such file or directory\n"
    ),
    (
      ["run", "--config", "a", "--no-config", "--", "true"],
      "envprobe: --config and --no-config exclude each other.\n"
        + "hint: 'envprobe run --help' explains and has examples\n"
    ),
    (["config", "show"], "envprobe: 'config' explains calls of run and matrix, not of 'show'\n"),
  ]

  @Test(arguments: table.indices) func tellsHowToGoOn(index: Int) throws {
    let (arguments, errors) = Self.table[index]
    let call = try Call.envprobe(arguments, in: Folder())
    #expect(call.errors == errors)
    #expect(call.output == "")
    #expect(call.status == 64)
  }

  @Test func theProgramsStatusIsPassedOn() throws {
    let call = try Call.envprobe(["run", "--quiet", "--", "sh", "-c", "exit 7"], in: Folder())
    #expect(call.status == 7)
    #expect(call.errors == "")
  }
}
