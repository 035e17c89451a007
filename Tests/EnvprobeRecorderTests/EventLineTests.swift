import EnvprobeModel
import FoundationEssentials
import Testing

@testable import EnvprobeRecorder

@Suite struct EventLineTests {
  private static func roundTrip(_ event: Event) throws -> Event {
    var line = EventLine()
    line.append(event)
    #expect(line.bytes.last == UInt8(ascii: "\n"))
    #expect(line.bytes.count { $0 == UInt8(ascii: "\n") } == 1)
    let decoded = try JSONDecoder().decode(Event.self, from: Data(line.bytes))
    let parsed = line.bytes.dropLast().withUnsafeBufferPointer { EventLineParser.syscall($0) }
    if case .syscall = event.payload { #expect(parsed == decoded) } else { #expect(parsed == nil) }
    return decoded
  }

  /// One of each kind.
  static let samples: [Event.Payload] = [
    .process(ProcessSeen(parent: 0, executable: nil)),
    .exec(
      ExecCall(
        path: .complete("/bin/\u{0}x"), arguments: .complete(["a", ""]), environment: .unreadable(errno: "EFAULT"),
        exists: false)),
    .exec(
      ExecCall(
        path: .complete("/l"), arguments: .complete([]), environment: .complete([]), exists: true, resolved: "/x")),
    .syscall(
      SyscallCall(
        name: "rename", arguments: [.path(.complete("/a")), .path(.complete("/b"))],
        observed: [.elsewhere(ByteString([0x2f, 0xff])), .missing])),
    .syscall(SyscallCall(name: "syscall_500", architecture: "i386", arguments: [], denied: "EPERM")),
    .output(Output(stream: .terminal, bytes: ByteString([0, 255, 10, 13]))),
    .file(
      FileChange(
        root: .tmp, path: ByteString([0xff, 0x2f]), change: .removed, kind: .fifo, mode: 0o644, size: 3,
        content: Blob(sha256: "ab", size: 3), sha256: "ab", linkTarget: "x")),
    .exit(Exit(signal: 9, timedOut: true, wall: 1.5, userTime: 0.1, systemTime: 1e-6, peakMemory: 4096)),
    .connection(Connection(id: 1, transport: .udp, address: "::1", port: 53, name: "ä.example")),
    .connectionClosed(ConnectionClosed(connection: 1, received: 0, sent: 2, error: "reset")),
    .dns(DNSQuery(name: "X.example", type: "A", transport: .tcp, server: "1.1.1.1", answers: [], status: "NOERROR")),
    .tls(TLSHandshake(connection: 1, serverName: nil, alpn: ["h2"], versions: [], failure: "bad certificate")),
    .tunnel(ProxyTunnel(connection: 1, kind: .connect, host: "h", port: 443, headers: [.init(name: "A", value: "\"")])),
    .request(
      HTTPRequest(
        exchange: 1, connection: 1, scheme: "https", host: "h", port: 443, via: ["tls"], method: "GET", target: "/",
        version: "HTTP/1.1", headers: [])),
    .response(HTTPResponse(exchange: 1, status: 200, headers: [], body: nil, source: "default")),
    .raw(RawBytes(connection: 1, direction: .received, content: Blob(sha256: "00", size: 0))),
    .environmentRead(
      EnvironmentRead(
        name: .complete("TZ"), isSet: false, reader: .init(module: "/a.js", symbol: "f", offset: 3), count: 2,
        firstTime: 0.5, stack: ["f (/a.js:3:1)"])),
    .runtimeCall(RuntimeCall(name: "os.hostname", stack: [], count: 1, firstTime: 0)),
    .gap(Gap(kind: .wire, detail: "lost", count: 2, host: "h")),
    .diagnostic(Diagnostic("a \\ \u{1} \u{2028}")),
  ]

  @Test(arguments: samples)
  func everyKindReadsBack(payload: Event.Payload) throws {
    for (time, pid) in [(0, nil), (0.000001, 1), (1234567.891234, 99), (0.1 + 0.2, nil)] as [(Double, Int?)] {
      let event = Event(sequence: 7, time: time, pid: pid, payload: payload)
      #expect(try Self.roundTrip(event) == event)
    }
  }

  @Test func randomCallsReadBack() throws {
    var random = SeededGenerator(seed: 1)
    for sequence in 0..<3000 {
      let payload: Event.Payload
      switch sequence % 3 {
      case 0:
        payload = .syscall(
          SyscallCall(
            name: "openat", architecture: Bool.random(using: &random) ? "i386" : nil,
            arguments: (0..<6).map { _ in argument(&random) }, denied: Bool.random(using: &random) ? "ENOSYS" : nil,
            observed: Bool.random(using: &random) ? (0..<2).map { _ in target(&random) } : nil))
      case 1:
        payload = .exec(
          ExecCall(
            path: observed(&random, bytes), arguments: observed(&random) { r in (0..<3).map { _ in bytes(&r) } },
            environment: observed(&random) { r in (0..<3).map { _ in bytes(&r) } },
            exists: [true, false, nil].randomElement(using: &random)!))
      default: payload = .output(Output(stream: .stdout, bytes: bytes(&random)))
      }
      let event = Event(
        sequence: sequence, time: Double.random(in: 0...1e6, using: &random), pid: 3, payload: payload)
      #expect(try Self.roundTrip(event) == event)
    }
  }

  /// Damage never makes the parser see something else than `JSONDecoder` does.
  @Test func damagedLinesAreLeftToTheDecoder() throws {
    var random = SeededGenerator(seed: 3)
    for sequence in 0..<3000 {
      var line = EventLine()
      let call = SyscallCall(
        name: "x", arguments: (0..<2).map { _ in argument(&random) }, observed: [target(&random), target(&random)])
      line.append(Event(sequence: sequence, time: 0.5, pid: 1, payload: .syscall(call)))
      var bytes = Array(line.bytes.dropLast())
      let index = Int.random(in: 0..<bytes.count, using: &random)
      switch sequence % 3 {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.remove(at: index)
      default: bytes.removeLast(bytes.count - index)
      }
      guard let parsed = bytes.withUnsafeBufferPointer({ EventLineParser.syscall($0) }) else { continue }
      #expect(parsed == (try? JSONDecoder().decode(Event.self, from: Data(bytes))), "\(ByteString(bytes).displayText)")
    }
  }

  private func argument(_ random: inout SeededGenerator) -> SyscallCall.Argument {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: .number([0, -1, .min, .max, 42].randomElement(using: &random)!)
    case 1: .path(observed(&random, bytes))
    case 2: .text(observed(&random, bytes))
    case 3: .flags((0..<Int.random(in: 0...3, using: &random)).map { "O_\($0)" })
    default:
      .address(
        observed(&random) { r in
          SocketAddress(family: "unix", address: bytes(&r).displayText, port: Bool.random(using: &r) ? 80 : nil)
        })
    }
  }

  private func target(_ random: inout SeededGenerator) -> PathTarget {
    [.present, .missing, .unknown, .elsewhere(bytes(&random))].randomElement(using: &random)!
  }

  private func observed<Value>(
    _ random: inout SeededGenerator, _ value: (inout SeededGenerator) -> Value
  ) -> Observed<Value> {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: .unreadable(errno: "EFAULT")
    case 1: .truncated(value(&random), of: Bool.random(using: &random) ? 9999 : nil)
    default: .complete(value(&random))
    }
  }

  /// Text with all that JSON has to escape, or any bytes.
  private func bytes(_ random: inout SeededGenerator) -> ByteString {
    let count = Int.random(in: 0...12, using: &random)
    if Bool.random(using: &random) {
      return ByteString((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
    let scalars = "a\"\\/\u{0}\u{1f}\n\r\t\u{7f}\u{80}é\u{2028}\u{feff}\u{fffe}😀e\u{301}".unicodeScalars.map {
      Character($0)
    }
    return ByteString(String((0..<count).map { _ in scalars.randomElement(using: &random)! }).utf8)
  }
}
