import Foundation
import Testing

/// What a program finds in its sandbox: every factor in every way in which a program can ask.
@Suite(.requiresRoot) struct SandboxViewTests {
  @Test(arguments: Caller.allCases) func statusAndStreamsPassThrough(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let outcome = try trial.run(
      ["--stdin"], ["/bin/sh", "-c", "cat; echo out; echo err >&2; echo again > /dev/stdout; exit 7"], input: "in\n")
    #expect(outcome.output == "in\nout\nagain\n")
    #expect(outcome.errorOutput == "err\n")
    #expect(outcome.status == 7)
    #expect(try trial.shell([], "kill -TERM $$").report?.signal == SIGTERM)
    #expect(try trial.shell([], "cat; echo $?").output == "0\n", "without an input of its own it reads an empty one")
  }

  @Test(arguments: Caller.allCases) func timezoneIsConsistent(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = """
      date -d @1767225600 '+%H %Z'; readlink /etc/localtime; cat /etc/timezone; echo $TZ
      unset TZ; date -d @1767225600 '+%H %Z'
      """
    #expect(
      try trial.shell(["--set", "timezone=Asia/Shanghai"], script).lines == [
        "08 CST", "/usr/share/zoneinfo/Asia/Shanghai", "Asia/Shanghai", "Asia/Shanghai", "08 CST",
      ])
    #expect(
      try trial.shell([], script).lines == ["00 UTC", "/usr/share/zoneinfo/Etc/UTC", "Etc/UTC", "", "00 UTC"])
  }

  @Test(arguments: Caller.allCases) func localeExistsInside(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = "locale -a | grep -c de_DE.utf8; date -d @1767225600 +%B; echo $LANG"
    #expect(try trial.shell(["--set", "locale=de_DE.UTF-8"], script).lines == ["1", "Januar", "de_DE.UTF-8"])
    #expect(try trial.shell([], script).lines == ["0", "January", "C.UTF-8"])
  }

  @Test(arguments: Caller.allCases) func hostnameIsConsistent(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = """
      uname -n; cat /etc/hostname; cat /proc/sys/kernel/hostname; echo $HOSTNAME; getent hosts dev-17.corp.example.cn
      """
    let name = "dev-17.corp.example.cn"
    let lines = try trial.shell(["--set", "hostname=\(name)"], script).lines
    #expect(lines.prefix(4) == [name, name, name, name])
    #expect(lines.last?.split(separator: " ").map(String.init) == ["127.0.1.1", name, "dev-17"])
    #expect(try trial.shell([], script).lines.prefix(4).allSatisfy { $0 == "dev17.corp.example.com" })
  }

  @Test(arguments: Caller.allCases) func identityIsConsistent(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = """
      id -un; id -u; id -G; echo $HOME $USER $LOGNAME; cd; pwd; getent passwd $USER; cat .gitconfig; cat /etc/machine-id
      ls -ld ~ | cut -d' ' -f3; cat /var/lib/dbus/machine-id 2>/dev/null | cmp -s - /etc/machine-id && echo same
      """
    let identity = "identity={user: wei, name: Wei Lin, email: wei@example.cn}"
    let outcome = try trial.shell(["--set", identity], script)
    #expect(
      outcome.lines.prefix(9) == [
        "wei", "1000", "1000", "/home/wei wei wei", "/home/wei", "wei:x:1000:1000:Wei Lin,,,:/home/wei:/bin/bash",
        "[user]", "\tname = Wei Lin", "\temail = wei@example.cn",
      ])
    #expect(outcome.lines[9].count == 32 && outcome.lines[10] == "wei")
    if FileManager.default.fileExists(atPath: "/var/lib/dbus/machine-id") { #expect(outcome.lines.last == "same") }
    #expect(try trial.shell([], script).lines[9] != outcome.lines[9])
  }

  @Test(arguments: Caller.allCases) func resolverAndMirrorsAreWritten(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let outcome = try trial.shell(
      [
        "--set", "resolver={nameservers: [223.5.5.5], search: [corp.example.cn]}",
        "--set", "mirrors={npm: 'https://npm.example.cn', pip: 'https://pip.example.cn/simple'}",
      ], "cat /etc/resolv.conf ~/.npmrc ~/.config/pip/pip.conf; echo $NPM_CONFIG_REGISTRY $PIP_INDEX_URL")
    #expect(
      outcome.lines == [
        "search corp.example.cn", "nameserver 223.5.5.5", "registry=https://npm.example.cn", "[global]",
        "index-url = https://pip.example.cn/simple", "trusted-host = pip.example.cn",
        "https://npm.example.cn https://pip.example.cn/simple",
      ])
    #expect(outcome.report?.homeAtEnd == [".config", ".config/pip", ".config/pip/pip.conf", ".gitconfig", ".npmrc"])
  }

  @Test(arguments: Caller.allCases) func terminalIsATerminal(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = "tty; stty size; test -t 0 && test -t 1 && test -t 2 && echo all; echo hello > /dev/tty"
    #expect(
      try trial.shell(["--terminal", "101x37"], script).output == "/dev/pts/0\r\n37 101\r\nall\r\nhello\r\n")
    #expect(
      try trial.shell([], "tty; test -t 1 || echo none; echo hello > /dev/tty || echo refused").lines == [
        "not a tty", "none", "refused",
      ])
  }

  @Test(arguments: Caller.allCases) func devicesWork(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = """
      echo x > /dev/null; head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c; echo x > /dev/full || echo full
      python3 -c 'import pty; print(len(pty.openpty()))'; echo y > /dev/shm/a; cat /dev/shm/a; ls /dev
      """
    let lines = try trial.shell([], script).lines
    #expect(lines.prefix(5) == ["4", "4", "full", "2", "y"])
    #expect(
      lines.dropFirst(5).joined(separator: " ")
        == "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero")
  }

  @Test(arguments: Caller.allCases) func uptimeIsAsPlanned(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = "cut -d. -f1 /proc/uptime"
    let planned = try #require(Int(try trial.shell(["--uptime", "7200"], script).lines[0]))
    #expect((7200...7260).contains(planned))
  }

  /// Nothing a program can list or read says whose sandbox it is in.
  @Test(arguments: Caller.allCases) func nothingNamesTheTool(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = """
      { env; cat /proc/self/mountinfo /proc/1/cmdline /proc/1/comm /proc/self/cgroup; ls -laR /etc ~ /dev /run /tmp; } \
        2>/dev/null | grep -a -i -c envprobe
      """
    #expect(try trial.shell([], script).lines == ["0"])
    // The check sees such a name where there is one.
    #expect(try trial.shell(["--set", "env.X=envprobe"], script).lines == ["1"])
  }

  @Test(arguments: Caller.allCases) func certificatesAreInTheBundle(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let key = trial.folder + "/ca.key"
    let certificate = trial.folder + "/ca.pem"
    _ = try Trial.execute([
      "/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
      "-days", "9", "-subj", "/O=Some  Org/CN=Root R1",
    ])
    chmod(certificate, 0o644)
    let script = """
      cp \(certificate) /tmp/c 2>/dev/null; openssl verify /tmp/c >/dev/null 2>&1 && echo bundle
      openssl verify -CApath /etc/ssl/certs -no-CAfile /tmp/c >/dev/null 2>&1 && echo folder; grep -c BEGIN $SSL_CERT_FILE
      """
    let outcome = try trial.shell(["--authority", certificate], "unset SSL_CERT_DIR\n" + script)
    #expect(outcome.lines.prefix(2) == ["bundle", "folder"])
    let without = try trial.shell([], "unset SSL_CERT_DIR\n" + script)
    #expect(without.lines.count == 1)
    #expect(Int(outcome.lines[2])! == Int(without.lines[0])! + 1)
  }
}
