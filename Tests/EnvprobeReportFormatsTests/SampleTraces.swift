import Crypto
import EnvprobeModel

/// What an agent leaves behind: one trace for each profile, with a prompt that depends on the place.
enum SampleTraces {
  static let all = Samples.places.enumerated().map { trace($0.offset, $0.element) }

  static func blob(_ bytes: [UInt8]) -> Blob {
    let digits = Array("0123456789abcdef".utf8)
    let hex = SHA256.hash(data: bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return Blob(sha256: String(decoding: hex, as: UTF8.self), size: bytes.count)
  }

  private static func trace(
    _ index: Int, _ place: (name: String, zone: String, locale: String, country: String, endpoint: String?)
  ) -> Trace {
    let apostrophe = place.endpoint == Samples.corporate ? "\u{2019}" : "'"
    let date = place.zone == "Asia/Shanghai" && place.endpoint != nil ? "2026/06/30" : "2026-06-30"
    let body = request(
      context: "# currentDate\\nToday\(apostrophe)s date is \(date).\\n\\nIMPORTANT: this may or may not be relevant.",
      tools: place.endpoint == nil ? ["Bash", "Read", "WebSearch"] : ["Bash", "Read"], session: index)
    let answer = "event: message_start\ndata: {\"type\":\"message_start\"}\n\nevent: message_stop\ndata: {}\n\n"
    let telemetry = "{\"events\":[{\"name\":\"started\",\"session\":\"5e55\(index)\",\"memory\":\(1000 + 7 * index)}]}"
    let binary: [UInt8] = [0x1F, 0x8B, 0x08, 0x00, 0xFF, UInt8(index)]
    let host = place.endpoint.map { String($0.dropFirst("https://".count)) } ?? "api.anthropic.com"
    let contents = [Array(body.utf8), Array(answer.utf8), Array(telemetry.utf8), binary]
    let blobs = contents.map(blob)

    let payloads: [(Double, Int?, Event.Payload)] = [
      (0.001, 2, .process(.init(parent: 1, executable: "/home/dev/.local/bin/claude"))),
      (0.002, 2, .exec(exec("/home/dev/.local/bin/claude", ["claude", "-p", "say hi"]))),
      (0.003, 2, .instrumentation(.init(level: .bulkCopy, reason: "Bun copies the environment when it starts"))),
      (0.004, 2, read("TZ", isSet: true)), (0.005, 2, read("ANTHROPIC_API_KEY", isSet: true)),
      (0.006, 2, read("CI", isSet: false)),
      (0.030, 2, .syscall(.init(name: "openat", arguments: [.path(.complete("/etc/localtime"))]))),
      (0.031, 2, .syscall(.init(name: "openat", arguments: [.path(.complete("/etc/machine-id"))]))),
      (0.200, 3, .process(.init(parent: 2, executable: "/usr/bin/git"))),
      (0.201, 3, .exec(exec("/usr/bin/git", ["git", "config", "--get", "remote.origin.url"]))),
      (0.230, 3, .syscall(.init(name: "read", arguments: [.number(3)]))),
      (
        0.400, 2,
        .dns(
          .init(
            name: host, type: "A", transport: .udp, server: "10.32.0.2", answers: ["198.18.7.9"], status: "NOERROR"))
      ),
      (0.410, nil, .connection(.init(id: 1, transport: .tcp, address: "198.18.7.9", port: 443, name: host))),
      (0.500, nil, .request(post(1, host, "/v1/messages?beta=true", body: blobs[0], session: index))),
      (
        0.700, nil,
        .response(
          .init(
            exchange: 1, status: 200, headers: [.init(name: "Content-Type", value: "text/event-stream")],
            body: blobs[1], source: "anthropic.messages"))
      ),
      (0.720, nil, .request(post(2, "api.anthropic.com", "/api/event_logging", body: blobs[2], session: index))),
      (0.730, nil, .response(.init(exchange: 2, status: 200, headers: [], body: nil, source: "default"))),
      (0.750, nil, .request(post(3, "upload.example.com", "/blob", body: blobs[3], session: index))),
      (1.000, 2, .output(.init(stream: .stdout, bytes: "Hello! How can I help you today?\n"))),
      (
        1.100, nil,
        .file(
          .init(
            root: .home, path: ".claude.json", change: .created, kind: .file, mode: 0o600, size: blobs[2].size,
            content: blobs[2], sha256: blobs[2].sha256))
      ),
      (1.200, 2, .exit(Exit(status: 0, wall: 1.25))),
    ]
    let events = payloads.enumerated().map {
      Event(sequence: $0.offset + 1, time: $0.element.0, pid: $0.element.1, payload: $0.element.2)
    }
    return Trace(
      id: "\(place.name)-1", manifest: manifest(place.name, Samples.profiles[index].factors), events: events,
      blobs: Dictionary(zip(blobs.map(\.sha256), contents)) { first, _ in first })
  }

  static func manifest(_ profile: String, _ assignment: Assignment) -> RunManifest {
    RunManifest(
      tool: "envprobe 0.1.0", subject: Samples.subject, profile: profile, assignment: assignment, repetition: 1,
      started: "2026-06-30T04:00:00Z",
      surroundings: Surroundings(
        environment: [], home: "/home/dev", workingDirectory: "/work", user: "dev", hostname: "dev-17", utcOffset: 0,
        zoneAbbreviation: "UTC"),
      exit: Exit(status: 0, wall: 1.25), complete: true)
  }

  static func exec(_ path: String, _ arguments: [String]) -> ExecCall {
    ExecCall(
      path: .complete(ByteString(path.utf8)), arguments: .complete(arguments.map { ByteString($0.utf8) }),
      environment: .complete([]), exists: true)
  }

  static func read(_ name: String, isSet: Bool) -> Event.Payload {
    .environmentRead(
      .init(
        name: .complete(ByteString(name.utf8)), isSet: isSet,
        reader: .init(module: "/usr/lib/libc.so.6", symbol: "getenv", offset: 64), count: 1, firstTime: 0.004))
  }

  private static func post(_ number: Int, _ host: String, _ target: String, body: Blob, session: Int) -> HTTPRequest {
    HTTPRequest(
      exchange: number, connection: 1, scheme: "https", host: host, port: 443, via: ["tls"], method: "POST",
      target: target, version: "HTTP/1.1",
      headers: [
        .init(name: "Host", value: host), .init(name: "User-Agent", value: "agent/2.1.139 (external)"),
        .init(name: "X-Session-Id", value: "5e55-\(session)"), .init(name: "Content-Length", value: "\(body.size)"),
      ], body: body)
  }

  /// A request of some 30 kB, as agents send it.
  private static func request(context: String, tools: [String], session: Int) -> String {
    let rules = (1...120).map { "\($0). Keep to what was asked; this is rule \($0) of the house, and there are more." }
    let declared = tools.map { "{\"name\":\"\($0)\",\"description\":\"The tool \($0).\\nUse it with care.\"}" }
    return "{\"model\":\"example-1\",\"max_tokens\":64000,\"metadata\":{\"user_id\":\"device-\(session)\"},"
      + "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"\(context)\"},"
      + "{\"type\":\"text\",\"text\":\"say hi\"}]}],\"system\":[{\"type\":\"text\",\"text\":\""
      + rules.joined(separator: "\\n") + "\"}],\"tools\":[" + declared.joined(separator: ",") + "]}"
  }
}
