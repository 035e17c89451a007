import Foundation
import Testing

/// Commands that lie where nothing is seen: in homes and in `/tmp`.
@Suite(.requiresRoot) struct SandboxCommandTests {
  /// `~/.local/bin/tool` is a link into `~/.local/share/tool/versions`.
  @Test(arguments: Caller.allCases) func aCommandInAHomeWorks(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let home = trial.folder + "/ann"
    try trial.write("secret\n", to: "ann/.ssh/key")
    try trial.write("other\n", to: "ann/.local/bin/other", mode: 0o755)
    let tool = home + "/.local/share/tool/versions/1.0"
    try trial.write("", to: tool)
    _ = try Trial.execute(["/bin/cp", "/usr/bin/cat", tool])
    try FileManager.default.createSymbolicLink(
      atPath: home + "/.local/bin/tool", withDestinationPath: "../share/tool/versions/1.0")
    chmod(tool, 0o755)
    trial.caller.give(home)
    chmod(home, 0o700)
    trial.environment["HOME"] = home
    trial.environment["PATH"] = "\(home)/.local/bin:\(home)/nothing:/usr/bin:/bin"
    try trial.write("text\n", to: "work/file")
    #expect(try trial.run([], ["tool", "file"]).output == "text\n")
    let outcome = try trial.run([], ["tool", "\(home)/.ssh/key"])
    #expect(outcome.output == "" && outcome.status == 1)
    let path = try trial.run([], ["tool", "/proc/self/environ"]).output.split(separator: "\0").first
    #expect(path == "PATH=\(home)/.local/bin:/usr/bin:/bin", "entries that lead nowhere inside are left out")
    #expect(try trial.run([], ["tool", "\(home)/.local/bin/other"]).status == 1)
  }

  /// A script that names its interpreter by `env`, with the interpreter in the home as well.
  @Test(arguments: Caller.allCases) func aScriptAndItsInterpreterInAHomeWork(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let home = trial.folder + "/ann"
    let prefix = home + "/.versions/lang/2.0"
    try trial.write(
      "#!/bin/sh\n. \"${0%/bin/*}/lib/library\"; echo interpreted by $VERSION; cat \"$1\"\n",
      to: prefix + "/bin/lang", mode: 0o755)
    try trial.write("VERSION=2.0\n", to: prefix + "/lib/library")
    try trial.write(
      "#!/usr/bin/env lang\nthe script\n", to: prefix + "/lib/node_modules/tool/cli.js", mode: 0o755)
    try FileManager.default.createSymbolicLink(
      atPath: prefix + "/bin/tool", withDestinationPath: "../lib/node_modules/tool/cli.js")
    trial.caller.give(home)
    trial.environment["HOME"] = home
    trial.environment["PATH"] = "\(prefix)/bin:/usr/bin:/bin"
    #expect(
      try trial.run([], ["tool"]).lines == ["interpreted by 2.0", "#!/usr/bin/env lang", "the script"])
  }

  @Test(arguments: Caller.allCases) func aCommandInTmpWorks(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let folder = "/tmp/trial-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try trial.write(
      "#!/bin/sh\necho found; ls -A /tmp | wc -l; touch \"$0\" || echo closed\n", to: folder + "/tool", mode: 0o755)
    let outcome = try trial.run([], [folder + "/tool"])
    #expect(outcome.lines == ["found", "1", "closed"])
    #expect(outcome.report?.mountPoints.count == 1)
  }

  @Test func whatCannotBeExecutedIsSaid() throws {
    let trial = try Trial(.root)
    try trial.write("text\n", to: "work/plain", mode: 0o644)
    try trial.write("#!/nowhere/at/all\n", to: "work/orphan", mode: 0o755)
    try trial.write("\u{7f}ELF nonsense", to: "work/nonsense", mode: 0o755)
    let cases: [(command: String, status: Int32, message: String)] = [
      (
        "no-such-command", 127,
        "envprobe: cannot find the command no-such-command: No such file or directory (ENOENT)\n"
          + "hint: it is in no folder of PATH\n"
      ),
      ("./none", 127, "envprobe: cannot find the command ./none: No such file or directory (ENOENT)\n"),
      ("./plain", 126, "envprobe: cannot find the command ./plain: Permission denied (EACCES)\n"),
      ("/usr", 126, "envprobe: cannot find the command /usr: Is a directory (EISDIR)\n"),
      (
        "./orphan", 127,
        "envprobe: cannot execute \(trial.workDirectory)/orphan: No such file or directory (ENOENT)\n"
      ),
      ("./nonsense", 126, "envprobe: cannot execute \(trial.workDirectory)/nonsense: Exec format error (ENOEXEC)\n"),
    ]
    for item in cases {
      let outcome = try trial.run([], [item.command])
      #expect(outcome.errorOutput == item.message)
      #expect(outcome.status == item.status)
    }
  }

  /// The kernel's limit on user namespaces, set to nothing in a user namespace of the test's own.
  @Test func aMissingFeatureIsExplained() throws {
    let trial = try Trial(.root)
    let script =
      "echo 0 > /proc/sys/user/max_user_namespaces; cd \(trial.workDirectory); exec \(Trial.program) -- /usr/bin/true"
    let arguments = ["/usr/bin/unshare", "--user", "--map-root-user", "/bin/sh", "-c", script]
    let outcome = try Trial.execute(arguments, environment: trial.environment)
    #expect(
      outcome.errorOutput == """
        envprobe: cannot create the namespaces of the sandbox: No space left on device (ENOSPC)
        hint: raise the limit (it is 0): sudo sysctl user.max_user_namespaces=15000

        """)
    #expect(outcome.status == 125)
  }
}
