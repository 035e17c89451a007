import EnvprobeModel
import Foundation
import Testing

@Suite struct EventTests {
  static let blob = Blob(sha256: String(repeating: "0f", count: 32), size: 17)

  /// At least one of every kind, with every optional part both there and not.
  static let payloads: [Event.Payload] = [
    .process(.init(parent: 1, executable: "/usr/bin/env")),
    .process(.init(parent: 0, executable: nil)),
    .exec(
      .init(
        path: .complete("/bin/sh"), arguments: .complete(["sh", "-c", "true"]), environment: .complete(["A=1"]),
        exists: true)),
    .exec(
      .init(
        path: .unreadable(errno: "EFAULT"), arguments: .truncated(["a"], of: 900), environment: .truncated([], of: nil))
    ),
    .syscall(
      .init(
        name: "openat", arguments: [.path(.complete(ByteString([0x2F, 0xFF]))), .flags(["O_RDONLY"]), .number(-100)])),
    .syscall(
      .init(
        name: "connect", architecture: "i386",
        arguments: [
          .address(.complete(.init(family: "inet6", address: "::1", port: 443))), .text(.unreadable(errno: "EFAULT")),
          .address(.truncated(.init(family: "unix", address: "@x"), of: 110)),
        ], denied: "EPERM")),
    .output(.init(stream: .stdout, bytes: "héllo\n")),
    .output(.init(stream: .terminal, bytes: ByteString([0xC3, 0x28]))),
    .file(
      .init(
        root: .home, path: ".cfg", change: .created, kind: .file, mode: 0o644, size: 17, content: blob,
        sha256: blob.sha256)),
    .file(.init(root: .tmp, path: "l", change: .modified, kind: .link, linkTarget: "/etc")),
    .file(.init(root: .workdir, path: "gone", change: .removed, kind: .directory)),
    .exit(.init(status: 3, wall: 1.25, userTime: 0.5, systemTime: 0.25, peakMemory: 1 << 30)),
    .exit(.init(signal: 9, timedOut: true, wall: 120)),
    .connection(.init(id: 1, transport: .tcp, address: "198.18.0.1", port: 443, name: "api.example.com")),
    .connection(.init(id: 2, transport: .udp, address: "::1", port: 53)),
    .connectionClosed(.init(connection: 1, received: 10, sent: 20)),
    .connectionClosed(.init(connection: 1, received: 0, sent: 0, error: "reset")),
    .dns(
      .init(
        name: "Api.Example.com", type: "AAAA", transport: .udp, server: "223.5.5.5", answers: [], status: "NXDOMAIN")),
    .tls(.init(connection: 1, serverName: nil, alpn: [], versions: ["TLS 1.3"], failure: "unknown_ca")),
    .tls(.init(connection: 1, serverName: "a.example", alpn: ["h2"], versions: [], ja3: "0", ja4: "t13d")),
    .tunnel(.init(connection: 1, kind: .socks5, host: "a.example", port: 443)),
    .tunnel(.init(connection: 1, kind: .connect, host: "::1", port: 1, headers: [.init(name: "Host", value: "x")])),
    .request(
      .init(
        exchange: 1, connection: 1, scheme: "https", host: "a.example", port: 443, via: ["connect", "tls"],
        method: "POST", target: "/v1?x=1", version: "HTTP/1.1",
        headers: [.init(name: "X-a", value: ""), .init(name: "x-A", value: "’")],
        trailers: [.init(name: "T", value: "1")], head: blob, body: blob, decodedBody: blob, truncated: true)),
    .request(
      .init(
        exchange: 2, connection: 1, scheme: "http", host: "a.example", port: 80, via: [], method: "GET", target: "/",
        version: "HTTP/2", headers: [])),
    .response(
      .init(exchange: 1, status: 200, headers: [.init(name: "A", value: "b")], body: blob, source: "anthropic.messages")
    ),
    .response(.init(exchange: 2, status: 404, headers: [], body: nil, source: "default")),
    .raw(.init(connection: 3, direction: .received, content: blob)),
    .environmentRead(
      .init(
        name: .complete("TZ"), isSet: true,
        reader: .init(module: "/lib/libc.so.6", symbol: "tzset_internal", offset: 0x41), count: 1, firstTime: 0.25)),
    .environmentRead(
      .init(
        name: .truncated(ByteString([0xFF]), of: nil), isSet: nil,
        reader: .init(module: nil, symbol: nil, offset: .max), count: 1 << 40, firstTime: 0)),
    .instrumentation(
      .init(level: .bulkCopy, reason: "copies", runtime: "python", executable: "/usr/bin/python3")),
    .instrumentation(.init(level: .notInstrumented, reason: "stripped")),
    .environmentRead(
      .init(
        name: .complete("TZ"), isSet: true, reader: .init(module: "/lib/libc.so.6", symbol: "tzset", offset: 17),
        count: 3, firstTime: 0.25)),
    .environmentRead(
      .init(
        name: .truncated("A_LONG", of: nil), isSet: nil, reader: .init(module: nil, symbol: nil, offset: 4096),
        count: 1, firstTime: 0)),
    .instrumentation(.init(level: .precise, reason: "hooked getenv", runtime: "node", executable: "/usr/bin/node")),
    .instrumentation(.init(level: .notInstrumented, reason: "static and stripped")),
    .gap(.init(kind: .untrustedGateway, detail: "handshake broken off", count: 3, host: "pinned.example")),
    .gap(.init(kind: .lostEvents, detail: "ring overflow")),
    .diagnostic(.init("locale built")),
  ]

  @Test(arguments: payloads) func writtenAndReadBackIsTheSame(payload: Event.Payload) throws {
    for pid in [nil, 7] {
      let event = Event(sequence: 17, time: 0.0421, pid: pid, payload: payload)
      let line = try JSONEncoder().encode(event)
      #expect(try JSONDecoder().decode(Event.self, from: line) == event)
      #expect(!line.contains(UInt8(ascii: "\n")))
    }
  }

  @Test func coversEveryKind() {
    let kinds = Set(Self.payloads.map(\.kind))
    #expect(
      kinds == [
        "process", "exec", "syscall", "output", "file", "exit", "connection", "connection.closed", "dns", "tls",
        "tunnel",
        "http.request", "http.response", "raw", "env.read", "instrumentation", "gap", "diagnostic",
      ])
  }

  @Test func isOneLineOfTheDocumentedForm() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let event = Event(
      sequence: 17, time: 0.5, pid: 2, payload: .output(.init(stream: .stderr, bytes: ByteString([0xFF]))))
    #expect(
      String(decoding: try encoder.encode(event), as: UTF8.self)
        == #"{"data":{"bytes":{"base64":"/w=="},"stream":"stderr"},"kind":"output","pid":2,"seq":17,"time":0.5}"#)
  }

  @Test func refusesAnUnknownKind() {
    let line = #"{"seq":1,"time":0,"kind":"smoke","data":{}}"#
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Event.self, from: Data(line.utf8)) }
  }

  static let statuses: [(Exit, Int)] = [
    (Exit(status: 0, wall: 1), 0), (Exit(status: 3, wall: 1), 3), (Exit(signal: 9, wall: 1), 137),
    (Exit(signal: 9, timedOut: true, wall: 1), 124),
  ]

  @Test(arguments: statuses.indices) func endsAsAShellWouldSay(index: Int) {
    #expect(Self.statuses[index].0.shellStatus == Self.statuses[index].1)
  }

  @Test(arguments: [("127.0.0.1", "inet", true), ("::1", "inet6", true), ("10.0.0.1", "inet", false)])
  func knowsLoopback(address: String, family: String, isLoopback: Bool) {
    #expect(SocketAddress(family: family, address: address, port: 1).isLoopback == isLoopback)
  }
}
