import EnvprobeModel

/// Traces as the recorder and the wire would leave them.
enum SampleTraces {
  static let blob = Blob(sha256: String(repeating: "0a", count: 32), size: 68_412)
  static let answer = Blob(sha256: String(repeating: "0b", count: 32), size: 1204)
  static let binary = Blob(sha256: String(repeating: "0c", count: 32), size: 3)

  static let manifest = RunManifest(
    tool: "envprobe 0.1.0", subject: SampleReports.subject, profile: "cn-corp",
    assignment: SampleReports.profiles.last!.factors, repetition: 1, started: "2026-06-30T04:00:00Z",
    surroundings: Surroundings(
      environment: [.init(name: "TZ", value: "Asia/Shanghai", factor: .timezone), .init(name: "TERM", value: "dumb")],
      home: "/home/zhang", workingDirectory: "/home/zhang/work", user: "zhang", hostname: "dev-17.corp.example.cn",
      utcOffset: 28800, zoneAbbreviation: "CST"),
    exit: Exit(status: 0, wall: 1.2134, userTime: 0.81, systemTime: 0.1, peakMemory: 212_000_000), complete: true,
    counts: ["dns": 3])

  static func events(_ payloads: [(Int?, Event.Payload)]) -> [Event] {
    payloads.enumerated().map { offset, entry in
      Event(sequence: offset + 1, time: Double(offset) / 100, pid: entry.0, payload: entry.1)
    }
  }

  static func exec(_ path: String, _ arguments: [String], exists: Bool? = true) -> Event.Payload {
    .exec(
      .init(
        path: .complete(ByteString(path.utf8)), arguments: .complete(arguments.map { ByteString($0.utf8) }),
        environment: .complete(["TZ=Asia/Shanghai"]), exists: exists))
  }

  static func open(_ path: String) -> Event.Payload {
    .syscall(
      .init(
        name: "openat",
        arguments: [.number(-100), .path(.complete(ByteString(path.utf8))), .flags(["O_RDONLY", "O_CLOEXEC"])]))
  }

  static func read(
    _ name: String, isSet: Bool?, _ module: String?, _ symbol: String?, count: Int = 1, time: Double
  ) -> Event.Payload {
    .environmentRead(
      .init(
        name: .complete(ByteString(name.utf8)), isSet: isSet,
        reader: .init(module: module, symbol: symbol, offset: 17), count: count, firstTime: time))
  }

  static func request(
    _ exchange: Int, _ connection: Int, _ method: String, _ host: String, _ target: String, body: Blob? = nil
  )
    -> Event.Payload
  {
    .request(
      .init(
        exchange: exchange, connection: connection, scheme: "https", host: host, port: 443, via: ["tls"],
        method: method, target: target, version: "HTTP/1.1",
        headers: [.init(name: "Host", value: host), .init(name: "x-api-key", value: "<redacted>")], body: body))
  }

  static let agent = Trace(
    id: "cn-corp-1", manifest: manifest,
    events: events([
      (2, exec("/home/zhang/.local/bin/claude", ["claude", "-p", "say hi"])),
      (2, .process(.init(parent: 1, executable: "/home/zhang/.local/bin/claude"))),
      (2, open("/etc/localtime")), (2, open("/usr/share/zoneinfo/Asia/Shanghai")), (2, open("/etc/localtime")),
      (2, open("/home/zhang/.claude.json")), (2, open("/home/zhang/.ssh/config")), (2, open("/etc/resolv.conf")),
      (2, open("/home/zhang/.aws/credentials")), (2, open("/home/zhang/.aws/config")),
      (2, open("/home/zhang/.aws/sso")),
      (2, .syscall(.init(name: "readlink", arguments: [.path(.complete("/etc/localtime")), .number(4096)]))),
      (2, .syscall(.init(name: "ptrace", arguments: [.flags(["PTRACE_TRACEME"])], denied: "EPERM"))),
      (2, .syscall(.init(name: "open", architecture: "i386", arguments: [.path(.unreadable(errno: "EFAULT"))]))),
      (
        2,
        .instrumentation(.init(level: .bulkCopy, reason: "Bun copies the environment when it starts", runtime: "bun"))
      ),
      (2, read("TZ", isSet: true, "/lib/x86_64-linux-gnu/libc.so.6", "tzset", time: 0.1)),
      (2, read("TZ", isSet: true, "/lib/x86_64-linux-gnu/libc.so.6", "tzset", count: 4, time: 0.1)),
      (2, read("ANTHROPIC_API_KEY", isSet: true, "/home/zhang/.local/bin/claude", nil, time: 0.2)),
      (2, read("JSC_useJIT", isSet: false, "/home/zhang/.local/bin/claude", nil, time: 0.3)),
      (2, read("X\u{1B}Y", isSet: nil, nil, nil, time: 0.4)),
      (3, .process(.init(parent: 2, executable: nil))),
      (3, .instrumentation(.init(level: .precise, reason: "reads through getenv"))),
      (3, read("HTTPS_PROXY", isSet: false, "/usr/bin/git", "http_init", time: 0.5)),
      (3, exec("/usr/local/bin/git", ["git"], exists: false)),
      (3, exec("/usr/bin/git", ["git", "rev-parse", "--is-inside-work-tree"])),
      (4, .process(.init(parent: 2, executable: "/bin/sh"))),
      (4, exec("/bin/sh", ["sh", "-c", "ps aux | grep \u{1B}[31m'x y'"])),
      (5, .process(.init(parent: 4, executable: "/usr/bin/ps"))),
      (5, exec("/usr/bin/ps", ["ps", "aux"])),
      (6, .process(.init(parent: 4, executable: nil))),
      (
        nil,
        .dns(
          .init(
            name: "API.anthropic.com", type: "A", transport: .udp, server: "223.5.5.5", answers: ["198.18.0.1"],
            status: "NOERROR"))
      ),
      (
        nil,
        .dns(
          .init(
            name: "api.anthropic.com", type: "AAAA", transport: .udp, server: "223.5.5.5", answers: [],
            status: "NOERROR"))
      ),
      (
        nil,
        .dns(
          .init(
            name: "gw.alibaba.com", type: "A", transport: .udp, server: "223.5.5.5", answers: ["198.18.0.2"],
            status: "NOERROR"))
      ),
      (
        nil,
        .dns(
          .init(
            name: "nowhere.invalid", type: "A", transport: .tcp, server: "223.5.5.5", answers: [], status: "NXDOMAIN"))
      ),
      (nil, .connection(.init(id: 1, transport: .tcp, address: "198.18.0.2", port: 443, name: "gw.alibaba.com"))),
      (
        nil,
        .tls(
          .init(
            connection: 1, serverName: "gw.alibaba.com", alpn: ["http/1.1"], versions: ["TLS 1.3", "TLS 1.2"],
            ja4: "t13d1715h1"))
      ),
      (nil, request(1, 1, "POST", "gw.alibaba.com", "/v1/messages?beta=true", body: blob)),
      (nil, .response(.init(exchange: 1, status: 200, headers: [], body: answer, source: "anthropic.messages"))),
      (nil, .connectionClosed(.init(connection: 1, received: 69_000, sent: 1500))),
      (nil, .connection(.init(id: 2, transport: .tcp, address: "198.18.0.1", port: 443, name: "api.anthropic.com"))),
      (nil, .tls(.init(connection: 2, serverName: nil, alpn: [], versions: [], failure: "unknown_ca"))),
      (nil, .connectionClosed(.init(connection: 2, received: 517, sent: 1200, error: "reset by peer"))),
      (nil, .connection(.init(id: 3, transport: .tcp, address: "198.18.0.1", port: 443, name: "api.anthropic.com"))),
      (nil, request(2, 3, "GET", "api.anthropic.com", "/api/hello\u{7}")),
      (nil, .response(.init(exchange: 2, status: 404, headers: [], body: nil, source: "default"))),
      (nil, request(3, 3, "POST", "api.anthropic.com", "/api/event_logging/batch", body: binary)),
      (nil, .connection(.init(id: 4, transport: .udp, address: "2001:db8::5", port: 123))),
      (nil, .raw(.init(connection: 4, direction: .received, content: binary))),
      (nil, .connection(.init(id: 5, transport: .tcp, address: "198.18.0.9", port: 8080, name: "proxy.example.com"))),
      (nil, .tunnel(.init(connection: 5, kind: .connect, host: "pinned.example.com", port: 443))),
      (2, .output(.init(stream: .stdout, bytes: "Hi! \u{1B}[32mHow can I help"))),
      (2, .output(.init(stream: .stderr, bytes: ByteString([0xFF, 0x00, 0x41])))),
      (2, .output(.init(stream: .stdout, bytes: "?\u{1B}[0m\n\n今日は\u{200B}\n"))),
      (nil, .file(.init(root: .workdir, path: "notes.txt", change: .modified, kind: .file, size: 12, content: blob))),
      (nil, .file(.init(root: .home, path: ".claude", change: .created, kind: .directory))),
      (
        nil,
        .file(
          .init(
            root: .home, path: ".claude.json", change: .created, kind: .file, mode: 0o600, size: 1204, content: blob,
            sha256: blob.sha256))
      ),
      (
        nil,
        .file(
          .init(root: .home, path: ".cache/big", change: .created, kind: .file, size: 12_000_000, sha256: blob.sha256))
      ),
      (
        nil,
        .file(.init(root: .tmp, path: "claude-1", change: .created, kind: .link, linkTarget: "/home/zhang/x\u{1B}"))
      ),
      (nil, .file(.init(root: .tmp, path: "gone", change: .removed, kind: .file))),
      (nil, .gap(.init(kind: .untrustedGateway, detail: "unknown_ca", count: 2, host: "api.anthropic.com"))),
      (nil, .diagnostic(.init("the locale zh_CN.UTF-8 was built for this run"))),
      (nil, .exit(manifest.exit!)),
    ]),
    blobs: [
      blob.sha256: Array("{\"model\":\"x\",\"text\":\"Today’s date\"}".utf8),
      answer.sha256: Array("event: ping\n".utf8),
      binary.sha256: [0xFF, 0x00, 0x01],
    ])

  static let quiet = Trace(
    id: "true-1",
    manifest: RunManifest(
      tool: "envprobe 0.1.0",
      subject: .init(argv: ["/usr/bin/true"], executable: .init(path: "/usr/bin/true", sha256: blob.sha256)),
      profile: nil, assignment: Assignment(), repetition: 1, started: "2026-06-30T04:00:00Z",
      surroundings: manifest.surroundings, exit: Exit(status: 0, wall: 0.0031), complete: true),
    events: events([(2, exec("/usr/bin/true", ["/usr/bin/true"]))]))

  static let killed = Trace(
    id: "killed-1",
    manifest: RunManifest(
      tool: "envprobe 0.1.0",
      subject: .init(
        argv: ["sh", "-c", String(repeating: "sleep 1; ", count: 40)],
        executable: .init(path: "/bin/sh", sha256: blob.sha256)),
      profile: "us", assignment: Assignment([.timezone: .timezone("UTC")]), repetition: 3,
      started: "2026-06-30T04:00:00Z", surroundings: manifest.surroundings, complete: false),
    // Processes whose parents were never seen, or are each other's.
    events: events([
      (9, .process(.init(parent: 8, executable: "/bin/a"))), (8, .process(.init(parent: 9, executable: "/bin/b"))),
      (7, .process(.init(parent: 7, executable: "/bin/c"))),
    ]))

  static let all: [(name: String, trace: Trace)] = [("agent", agent), ("quiet", quiet), ("killed", killed)]
}
