import EnvprobeModel
import EnvprobeTestSupport
import Foundation
import Glibc
import Testing

@testable import EnvprobeWire

/// Live runs reach the destinations they may, by the way that the host prescribes, and nothing else; their answers can
/// be replayed. All of it on loopback: the world outside is another session.
@Suite struct UpstreamTests {
  /// A world outside, which tells itself apart from the one inside.
  private static let outside = """
    schema: envprobe.scenario/1
    name: outside
    rules:
      - match: {path: "/again"}
        answer: {body: "again", headers: {Set-Cookie: "id=secret", X-Real: "1"}}
      - match: {host: "*"}
        answer: {status: 201, body: "from outside, {{host}}"}
    """

  private func outside() throws -> GatewayTrial {
    try GatewayTrial(scenario: try Scenario(yaml: Self.outside, file: "o.yaml"))
  }

  private func curl(_ trial: GatewayTrial, _ url: String, _ options: String...) throws -> (String, Int32) {
    let port = trial.open(url.hasPrefix("https") ? 443 : 80)
    let target = url.hasPrefix("https") ? ":443:127.0.0.1:\(port)" : ":80:127.0.0.1:\(port)"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
    process.arguments =
      ["-sS", "--noproxy", "*", "--cacert", trial.certificateFile, "--connect-to", target] + options + [url]
    process.environment = ["PATH": "/usr/bin:/bin"]
    let result = try FinishedProcess(running: process)
    return (result.text, result.status)
  }

  @Test(.requires("curl"), arguments: ["http", "https"]) func whatIsAllowedGoesOutByTheProxy(scheme: String) throws {
    let world = try outside()
    let proxy = "http://user:pw@127.0.0.1:\(world.open(3128))"
    let live = LiveAccess(
      allowedHosts: ["*.example.com"],
      proxies: ProxySettings(environment: ["https_proxy": proxy, "http_proxy": proxy]),
      trustFile: world.certificateFile)
    let trial = try GatewayTrial(origin: .live(live))
    #expect(
      try curl(trial, "\(scheme)://api.example.com/x?key=abcdef", "-d", "hello") == ("from outside, api.example.com", 0)
    )
    #expect(try curl(trial, "\(scheme)://other.example.org/") == ("", 0))
    trial.session.close()
    world.session.close()
    // The record of the live run tells everything but credentials, and the world outside got the real ones.
    #expect(trial.sink.responses.map(\.status) == [201, 403])
    #expect(trial.sink.responses.map(\.source) == ["live", "refused"])
    #expect(trial.sink.gaps.map(\.kind) == [.unanswered])
    #expect(trial.sink.gaps.first?.host == "other.example.org")
    #expect(world.sink.requests.count == 1)
    #expect(world.sink.text(world.sink.requests.first?.body) == "hello")
    #expect(world.sink.requests.first?.host == "api.example.com")
    if scheme == "https" {
      #expect(world.sink.tunnels.map(\.host) == ["api.example.com"])
      #expect(world.sink.tunnels.first?.headers.contains { $0.name == "Proxy-Authorization" } == true)
    } else {
      #expect(world.sink.requests.first?.via == ["proxy"])
    }
  }

  @Test func withoutAProxyTheWayIsDirect() throws {
    let world = try outside()
    let port = world.open(8080)
    let trial = try GatewayTrial(origin: .live(LiveAccess(allowedHosts: ["127.0.0.1:\(port)"])))
    let inside = trial.open(port)
    let answer = GatewayTrial.talk(
      inside, Array("GET /a HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n".utf8))
    #expect(answer.hasPrefix("HTTP/1.1 201 "))
    #expect(answer.hasSuffix("from outside, 127.0.0.1"))
    trial.session.close()
    world.session.close()
    #expect(world.sink.requests.map(\.target) == ["/a"])
  }

  @Test(.requires("curl")) func whoCannotBeReachedIsAGap() throws {
    let live = LiveAccess(
      allowedHosts: ["*"], proxies: ProxySettings(environment: ["http_proxy": "http://127.0.0.1:1"]))
    let trial = try GatewayTrial(origin: .live(live))
    _ = try curl(trial, "http://a.example.com/")
    trial.session.close()
    #expect(trial.sink.responses.map(\.status) == [502])
    #expect(trial.sink.gaps.map(\.kind) == [.unanswered])
  }

  @Test(.requires("curl")) func aCertificateThatIsNotTrustedIsNotAccepted() throws {
    let world = try outside()
    let live = LiveAccess(
      allowedHosts: ["*"],
      proxies: ProxySettings(environment: ["https_proxy": "http://127.0.0.1:\(world.open(3128))"]))
    let trial = try GatewayTrial(origin: .live(live))
    _ = try curl(trial, "https://a.example.com/")
    trial.session.close()
    #expect(trial.sink.responses.map(\.status) == [502])
    #expect(world.sink.requests.isEmpty)
  }

  @Test(.requires("curl")) func whatWasAnsweredIsReplayed() throws {
    let world = try outside()
    let live = LiveAccess(
      allowedHosts: ["*"],
      proxies: ProxySettings(environment: ["http_proxy": "http://127.0.0.1:\(world.open(3128))"]))
    let first = try GatewayTrial(origin: .live(live))
    #expect(try curl(first, "http://a.example.com/again?key=one").0 == "again")
    #expect(try curl(first, "http://a.example.com/b", "-d", "1").0 == "from outside, a.example.com")
    first.session.close()
    #expect(first.sink.responses.first?.headers.contains { $0.value.hasPrefix("<redacted cookie") } == true)

    let second = try GatewayTrial(origin: .replay(Recording(first.sink.trace)))
    #expect(try curl(second, "http://a.example.com/again?key=two").0 == "again")
    #expect(try curl(second, "http://a.example.com/b", "-d", "1").0 == "from outside, a.example.com")
    // The same again, and something else.
    #expect(try curl(second, "http://a.example.com/b", "-d", "1").0 == "from outside, a.example.com")
    #expect(try curl(second, "http://a.example.com/b", "-d", "2").0 == "")
    #expect(try curl(second, "http://a.example.com/c").0 == "")
    second.session.close()
    #expect(second.sink.responses.map(\.status) == [200, 201, 201, 404, 404])
    #expect(second.sink.responses.map(\.source) == ["replay", "replay", "replay", "unanswered", "unanswered"])
    #expect(second.sink.responses.first?.headers.contains(HTTPHeader(name: "X-Real", value: "1")) == true)
    #expect(second.sink.gaps.map(\.kind) == [.unanswered, .unanswered])
    #expect(second.sink.gaps.last?.detail == "no answer was recorded for GET http://a.example.com:80/c")
  }

  /// A server for one request, which stops in the middle of its answer until it is told to go on, or to break off.
  private final class Halting: Sendable {
    let port: Int
    private let listener: CInt
    private let signal = DispatchSemaphore(value: 0)

    init(_ head: String, _ first: String, _ rest: String) {
      let listener = GatewayTrial.listen()
      self.listener = listener.descriptor
      port = listener.port
      let (descriptor, signal) = (listener.descriptor, signal)
      Thread.detachNewThread {
        let connection = accept(descriptor, nil, nil)
        _ = GatewayTrial.receive(connection)
        GatewayTrial.send(Array((head + first).utf8), connection)
        signal.wait()
        GatewayTrial.send(Array(rest.utf8), connection)
        close(connection)
      }
    }

    deinit { close(listener) }

    func goOn() { signal.signal() }
  }

  private static func receive(until text: String, _ descriptor: CInt) -> String {
    var all = ""
    while !all.contains(text) {
      let part = GatewayTrial.receive(descriptor)
      if part.isEmpty { break }
      all += String(decoding: part, as: UTF8.self)
    }
    return all
  }

  @Test(arguments: [
    ("Transfer-Encoding: chunked", "5\r\nfirst\r\n", "6\r\nsecond\r\n0\r\n\r\n"),
    ("Content-Length: 11", "first", "second"),
  ])
  func answersArePassedOnAsTheyCome(field: String, first: String, rest: String) throws {
    let server = Halting("HTTP/1.1 200 OK\r\nX-Real: 1\r\n\(field)\r\n\r\n", first, rest)
    let trial = try GatewayTrial(origin: .live(LiveAccess(allowedHosts: ["127.0.0.1:\(server.port)"])))
    let client = GatewayTrial.connect(trial.open(server.port))
    defer { close(client) }
    GatewayTrial.send(Array("GET /a HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\r\n".utf8), client)
    let begin = Self.receive(until: "first", client)
    #expect(begin.contains("HTTP/1.1 200 ") && begin.contains("X-Real: 1\r\n") && begin.contains("\(field)\r\n"))
    #expect(trial.sink.responses.isEmpty)
    server.goOn()
    #expect(Self.receive(until: "second", client).contains("second"))
    shutdown(client, CInt(SHUT_WR))
    trial.session.close()
    let response = try #require(trial.sink.responses.first)
    #expect(trial.sink.text(response.body) == "firstsecond" && response.truncated == nil && response.source == "live")
    #expect(trial.sink.gaps.isEmpty)
  }

  @Test func anAnswerThatBreaksOffIsToldAndKept() throws {
    let server = Halting("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "first", "")
    let trial = try GatewayTrial(origin: .live(LiveAccess(allowedHosts: ["127.0.0.1:\(server.port)"])))
    let client = GatewayTrial.connect(trial.open(server.port))
    defer { close(client) }
    GatewayTrial.send(Array("GET /a HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\r\n".utf8), client)
    #expect(Self.receive(until: "first", client).hasSuffix("first"))
    server.goOn()
    // The program sees the same.
    #expect(GatewayTrial.receive(client).isEmpty)
    trial.session.close()
    let response = try #require(trial.sink.responses.first)
    #expect(trial.sink.text(response.body) == "first" && response.truncated == true)
    #expect(trial.sink.gaps.map(\.kind) == [.unanswered])
  }

  @Test(.requires("curl"), arguments: [("--http2", "HTTP/2"), ("--http1.1", "HTTP/1.1")])
  func theDestinationIsAskedAsTheProgramAsks(option: String, version: String) throws {
    let world = try outside()
    let live = LiveAccess(
      allowedHosts: ["*"],
      proxies: ProxySettings(environment: ["https_proxy": "http://127.0.0.1:\(world.open(3128))"]),
      trustFile: world.certificateFile)
    let trial = try GatewayTrial(origin: .live(live))
    #expect(
      try curl(trial, "https://api.example.com/x", option, "-d", "hello", "-w", " %{http_version}")
        == ("from outside, api.example.com \(version == "HTTP/2" ? "2" : "1.1")", 0))
    trial.session.close()
    world.session.close()
    #expect(trial.sink.requests.map(\.version) == [version])
    #expect(world.sink.requests.map(\.version) == [version])
    #expect(world.sink.requests.map(\.host) == ["api.example.com"])
    #expect(world.sink.text(world.sink.requests.first?.body) == "hello")
    #expect(trial.sink.gaps.isEmpty, "\(trial.sink.gaps)")
  }

  @Test(arguments: [
    ("http://p:3128", "x.example", "p:3128"), ("p", "x.example", "p:80"), ("http://p:1", "no.example", nil),
    ("http://p:1", "sub.no.example", nil), ("socks5://p:1", "x.example", nil),
  ]) func proxiesAreReadAsOtherProgramsDo(value: String, host: String, expected: String?) {
    let settings = ProxySettings(environment: ["https_proxy": value, "no_proxy": "localhost, .no.example"])
    #expect(settings.proxy(scheme: "https", host: host).map { "\($0.host):\($0.port)" } == expected)
    #expect(settings.unusable == (value.hasPrefix("socks") ? "https_proxy" : nil))
  }
}
