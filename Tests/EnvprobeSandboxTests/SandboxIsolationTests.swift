import Foundation
import Testing

/// What a program cannot see or do, each shown in three ways: the check works, it is denied, and it notices where the
/// protection is off.
@Suite(.requiresRoot) struct SandboxIsolationTests {
  // MARK: Secrets

  @Test(arguments: Caller.allCases) func homesAreHidden(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let key = try trial.write("secret\n", to: "people/ann/.ssh/id_ed25519")
    let read = "cat \(key) || ls -A \(trial.folder)/people/ann"
    // The control: it is a readable file, and seen where that folder is nobody's home.
    #expect(try trial.shell([], read).output == "secret\n")
    trial.environment["HOME"] = trial.folder + "/people/ann"
    let outcome = try trial.shell([], read)
    #expect(outcome.output == "" && outcome.errorOutput.contains("No such file or directory"))
  }

  @Test func rootsFilesAreClosed() throws {
    let trial = try Trial(.root)
    let closed = try trial.write("secret\n", to: "closed", mode: 0o600)
    let open = try trial.write("public\n", to: "open", mode: 0o644)
    let outcome = try trial.shell([], "cat \(open); cat \(closed); echo more >> \(open); ls -A /root")
    #expect(outcome.output == "public\n")
    #expect(outcome.errorOutput.contains("\(closed): Permission denied"))
    #expect(try String(contentsOfFile: open, encoding: .utf8) == "public\n")
  }

  @Test(arguments: Caller.allCases) func hostVariablesDoNotPass(_ caller: Caller) throws {
    let trial = try Trial(caller)
    trial.environment["SECRET_TOKEN"] = "hunter2"
    let script = """
      env | grep -c hunter2; cat /proc/1/environ 2>/dev/null | grep -a -c hunter2; tr -d '\\0' < /proc/1/cmdline
      """
    #expect(try trial.shell([], script).output == "0\n0\ninit")
    #expect(try trial.shell(["--set", "env.COPY=hunter2"], script).lines.first == "1")
  }

  @Test(arguments: Caller.allCases) func processOneIsClosed(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = """
      for f in mem environ maps root fd cwd exe; do
        { head -c1 /proc/1/$f || ls /proc/1/$f/ || readlink /proc/1/$f; } >/dev/null 2>&1 && echo $f
      done
      head -c1 /proc/self/environ >/dev/null && echo own
      """
    #expect(try trial.shell([], script).lines == ["own"])
  }

  @Test(arguments: Caller.allCases) func temporaryFoldersArePrivate(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let name = "trial-\(UUID().uuidString)"
    for folder in ["/tmp", "/var/tmp", "/dev/shm"] {
      try "host".write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
    }
    defer { for folder in ["/tmp", "/var/tmp", "/dev/shm"] { unlink("\(folder)/\(name)") } }
    let script = """
      for d in /tmp /var/tmp /dev/shm; do test -e $d/\(name) && echo seen; echo in > $d/new-\(name) || echo no; done
      ls -A /run | wc -l
      """
    #expect(try trial.shell([], script).lines == ["0"])
    for folder in ["/tmp", "/var/tmp", "/dev/shm"] {
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/new-\(name)"))
    }
  }

  // MARK: Files

  @Test(arguments: Caller.allCases) func rootIsReadOnly(_ caller: Caller) throws {
    let trial = try Trial(caller)
    try trial.write("", to: "free/file", mode: 0o666)
    chmod(trial.folder + "/free", 0o777)
    let script = """
      for p in / /usr /etc /home /var /opt /dev /proc /sys /run \(trial.folder)/free; do
        touch $p/new 2>/dev/null && echo "$p is writable"
      done
      echo x 2>/dev/null >> \(trial.folder)/free/file && echo appended
      touch ~/a /tmp/b c && echo own
      """
    #expect(try trial.shell([], script).lines == ["own"])
    let outside = try Trial.execute(caller.prefix + ["/usr/bin/touch", trial.folder + "/free/new"])
    #expect(outside.status == 0, "the control: outside it is writable")
  }

  @Test(arguments: Caller.allCases) func workDirectoryIsACopy(_ caller: Caller) throws {
    let trial = try Trial(caller)
    try trial.write("old\n", to: "work/kept")
    try trial.write("old\n", to: "work/gone")
    try trial.write("old\n", to: "work/closed", mode: 0o600)
    let script = """
      pwd; cat kept closed; echo new >> kept; rm gone; echo x > made; mkdir d; echo y > d/z; ls; stat -c %U kept made
      """
    let outcome = try trial.shell([], script)
    #expect(
      outcome.lines == [
        trial.workDirectory, "old", "old", "closed", "d", "kept", "made", "coder", "coder",
      ])
    #expect(outcome.report?.changes == ["d", "d/z", "gone", "kept", "made"])
    let host = try FileManager.default.contentsOfDirectory(atPath: trial.workDirectory).sorted()
    #expect(host == ["closed", "gone", "kept"])
    #expect(try String(contentsOfFile: trial.workDirectory + "/kept", encoding: .utf8) == "old\n")
    // The control: the same script changes the host's folder where that is asked for.
    let kept = try trial.shell(["--keep-changes"], script)
    #expect(kept.status == 0)
    let changed = try FileManager.default.contentsOfDirectory(atPath: trial.workDirectory).sorted()
    #expect(changed == ["closed", "d", "kept", "made"])
    var status = stat()
    #expect(stat(trial.workDirectory + "/made", &status) == 0)
    #expect(status.st_uid == (caller == .stranger ? UInt32(Caller.strangerID) : geteuid()))
  }

  @Test(arguments: Caller.allCases) func aHomeAsWorkDirectoryIsEmpty(_ caller: Caller) throws {
    let trial = try Trial(caller)
    try trial.write("secret\n", to: "work/.ssh/key")
    trial.environment["HOME"] = trial.workDirectory
    let outcome = try trial.shell([], "pwd; ls -A; echo x > made")
    #expect(outcome.lines == [trial.workDirectory])
    #expect(outcome.report?.changes == ["made"])
    #expect(!FileManager.default.fileExists(atPath: trial.workDirectory + "/made"))
  }

  @Test(arguments: Caller.allCases) func theStageIsRemoved(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let outcome = try trial.shell([], "mkdir -p ~/a/b; touch ~/a/b/c; chmod 0 ~/a/b; chmod 500 ~/a; touch x")
    let stage = try #require(outcome.report?.stage)
    #expect(outcome.status == 0 && stage.hasPrefix("/") && !FileManager.default.fileExists(atPath: stage))
  }

  // MARK: Rights

  @Test(arguments: Caller.allCases) func privilegesAreGone(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = "grep -E '^(Cap|NoNewPrivs|Seccomp:|Groups)' /proc/self/status | tr -s '\\t ' ' '"
    #expect(
      try trial.shell([], script).lines.filter { !$0.hasPrefix("Groups") } == [
        "CapInh: 0000000000000000", "CapPrm: 0000000000000000", "CapEff: 0000000000000000",
        "CapBnd: 0000000000000000", "CapAmb: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2",
      ])
    #expect(try trial.shell([], script).lines.contains("Groups: "))
  }

  @Test(arguments: Caller.allCases, ["default", "full", "off"])
  func whatNoProgramNeedsIsDenied(_ caller: Caller, _ level: String) throws {
    let trial = try Trial(caller)
    let script = """
      import ctypes, errno
      libc = ctypes.CDLL(None, use_errno=True)
      def call(name, number, *arguments):
        result = libc.syscall(number, *arguments)
        print(name, errno.errorcode[ctypes.get_errno()] if result < 0 else 'done')
      call('mount', 165, b'none', b'/tmp', b'tmpfs', 0, None)
      call('io_uring_setup', 425, 4, None)
      call('bpf', 321, 0, None, 0)
      call('getpid', 39)
      """
    let outcome = try trial.run(["--level", level], ["/usr/bin/python3", "-c", script])
    #expect(outcome.lines == ["mount EPERM", "io_uring_setup ENOSYS", "bpf EPERM", "getpid done"])
    let denied = outcome.report?.denied ?? []
    #expect(denied == (level == "off" ? [] : ["mount", "io_uring_setup", "bpf"]), "attempts are notified")
    #expect(outcome.report.map { ($0.notifications > 0) == (level != "off") } == true)
  }

  @Test(arguments: Caller.allCases) func processesOutsideAreNotSeen(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = "ls -d /proc/[0-9]* | wc -l; kill -0 \(getpid()) 2>/dev/null && echo reached"
    let lines = try trial.shell([], script).lines
    #expect(lines.count == 1 && Int(lines[0])! <= 5)
  }

  // MARK: Ends

  @Test(arguments: Caller.allCases) func everythingEndsWithTheCaller(_ caller: Caller) async throws {
    let trial = try Trial(caller)
    let mark = "30\(Int.random(in: 10000...99999))"
    let process = Process()
    let report = trial.folder + "/report.json"
    let script = "setsid sleep \(mark) & sleep \(mark)1"
    let arguments = caller.prefix + [Trial.program, "--report", report, "--", "/bin/sh", "-c", script]
    process.executableURL = URL(fileURLWithPath: arguments[0])
    process.arguments = Array(arguments.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: trial.workDirectory)
    try process.run()
    try await wait { Self.processes(with: mark).count >= 2 + 1 }
    let before = Self.processes(with: mark)
    #expect(before.count >= 3, "the check sees the processes while they run: \(before)")
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try await wait { Self.processes(with: mark).isEmpty }
    #expect(Self.processes(with: mark) == [])
    // Nobody was left to remove the stage; `StageTests` shows how a later envprobe does.
    let stage = try JSONDecoder().decode(TrialReport.self, from: Data(contentsOf: URL(fileURLWithPath: report))).stage
    #expect(FileManager.default.fileExists(atPath: stage))
    try FileManager.default.removeItem(atPath: stage)
  }

  @Test(arguments: Caller.allCases) func signalsPassThrough(_ caller: Caller) async throws {
    let trial = try Trial(caller)
    let mark = "40\(Int.random(in: 10000...99999))"
    let process = Process()
    let script = "trap 'echo got; exit 5' TERM; while sleep 0.05; do : \(mark); done"
    let arguments = caller.prefix + [Trial.program, "--", "/bin/sh", "-c", script]
    process.executableURL = URL(fileURLWithPath: arguments[0])
    process.arguments = Array(arguments.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: trial.workDirectory)
    let output = URL(fileURLWithPath: trial.folder + "/output")
    try Data().write(to: output)
    process.standardOutput = try FileHandle(forWritingTo: output)
    try process.run()
    try await wait { Self.processes(with: mark).count >= 2 }
    // The shell sets its trap within moments of its start, of which nothing tells.
    try await Task.sleep(for: .milliseconds(500))
    kill(process.processIdentifier, SIGTERM)
    process.waitUntilExit()
    #expect(process.terminationStatus == 5)
    #expect(try Data(contentsOf: output) == Data("got\n".utf8))
  }

  @Test(arguments: Caller.allCases) func whatLingersIsEnded(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = "(sleep 0.4; echo late) & exit 3"
    let patient = try trial.shell(["--linger", "20"], script)
    #expect(patient.output == "late\n" && patient.status == 3)
    let impatient = try trial.shell([], script)
    #expect(impatient.output == "" && impatient.status == 3)
  }

  /// Processes of the host with a text in their command line.
  private static func processes(with mark: String) -> [Int32] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(Int32.init).filter { id in
      guard let line = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") else { return false }
      return String(decoding: line, as: UTF8.self).contains(mark) && id != getpid()
    }
  }

  private func wait(_ condition: () -> Bool) async throws {
    for _ in 0..<400 where !condition() { try await Task.sleep(for: .milliseconds(25)) }
  }
}
