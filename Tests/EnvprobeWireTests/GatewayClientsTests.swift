import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeWire

/// The gateway against real clients on loopback.
@Suite(.serialized) struct GatewayClientsTests {
  // MARK: curl

  @Test(
    .requires("curl"),
    arguments: [
      (["--http1.1"], "HTTP/1.1"), (["--http2"], "HTTP/2"), (["--tlsv1.2", "--tls-max", "1.2"], "HTTP/2"),
      (["--no-alpn"], "HTTP/1.1"),
    ])
  func curlOverTLS(options: [String], version: String) throws {
    let trial = try GatewayTrial()
    let port = trial.open(443)
    let result = try curl(
      trial,
      options + [
        "--connect-to", "::127.0.0.1:\(port)", "-d", "body", "-H", "X-Kind: 1", "https://api.example.com/path",
      ])
    #expect(result.output == "{}" && result.status == 0)
    trial.session.close()
    let request = try #require(trial.sink.requests.first)
    #expect(request.version == version)
    #expect(request.scheme == "https" && request.host == "api.example.com" && request.via == ["tls"])
    #expect(trial.sink.text(request.body) == "body")
    #expect((request.head != nil) == (version == "HTTP/1.1"))
    let names = request.headers.map(\.name)
    #expect(
      version == "HTTP/2" ? names.prefix(4) == [":method", ":path", ":scheme", ":authority"] : names.first == "Host")
    let handshake = try #require(trial.sink.handshakes.first)
    #expect(
      handshake.serverName == "api.example.com" && handshake.failure == nil && handshake.ja4?.hasPrefix("t1") == true)
    #expect(trial.sink.gaps == [])
  }

  @Test(
    .requires("curl"),
    arguments: [
      (["--proxy"], "http", ProxyTunnel.Kind.connect), (["--proxy"], "socks5h", .socks5),
      (["--proxy"], "socks4a", .socks4),
    ])
  func curlThroughAProxy(option: [String], scheme: String, kind: ProxyTunnel.Kind) throws {
    let trial = try GatewayTrial()
    let port = trial.open(8080)
    let result = try curl(trial, option + ["\(scheme)://u:secret@127.0.0.1:\(port)", "https://api.example.com/path"])
    #expect(result.status == 0)
    trial.session.close()
    let tunnel = try #require(trial.sink.tunnels.first)
    #expect(tunnel.kind == kind && tunnel.host == "api.example.com" && tunnel.port == 443)
    #expect(!tunnel.headers.contains { $0.name == "Proxy-Authorization" && !$0.value.contains("<redacted") })
    #expect(trial.sink.requests.map(\.via) == [[kind.rawValue, "tls"]])
  }

  @Test(.requires("curl")) func curlThroughAProxyInTheClear() throws {
    let trial = try GatewayTrial()
    let port = trial.open(8080)
    _ = try curl(trial, ["--proxy", "http://127.0.0.1:\(port)", "http://api.example.com:81/path"])
    trial.session.close()
    let request = try #require(trial.sink.requests.first)
    #expect(request.via == ["proxy"] && request.host == "api.example.com" && request.port == 81)
    #expect(request.target == "http://api.example.com:81/path")
  }

  @Test(.requires("curl"), arguments: ["1.2", "1.3"]) func curlThatDoesNotTrustIsAGap(version: String) throws {
    let trial = try GatewayTrial()
    let port = trial.open(443)
    let result = try GatewayTrial.run(
      "curl", "-s", "--tlsv1.2", "--tls-max", version, "--connect-to", "::127.0.0.1:\(port)",
      "https://pinned.example.com/")
    #expect(result.status == 60)
    trial.session.close()
    #expect(trial.sink.handshakes.map(\.failure) == ["the client refused the certificate: unknown_ca"])
    #expect(
      trial.sink.gaps == [
        Gap(
          kind: .untrustedGateway, detail: "the client refused the certificate: unknown_ca", host: "pinned.example.com")
      ])
    #expect(trial.sink.requests == [])
  }

  @Test(
    .requires("curl"),
    arguments: [
      ["--http1.1", "-H", "Expect: 100-continue"], ["--http1.1", "-H", "Transfer-Encoding: chunked"], ["--http2"],
      ["--http1.0"], ["--http1.1", "-H", "Expect:"],
    ])
  func curlUploads(options: [String]) throws {
    let trial = try GatewayTrial()
    let port = trial.open(443)
    let file = NSTemporaryDirectory() + "upload-\(UUID().uuidString)"
    let body = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
    try body.write(to: URL(fileURLWithPath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    let result = try curl(
      trial, options + ["--connect-to", "::127.0.0.1:\(port)", "--data-binary", "@\(file)", "https://up.example.com/"])
    #expect(result.output == "{}")
    trial.session.close()
    let request = try #require(trial.sink.requests.first)
    #expect(trial.sink.bytes(request.body) == Array(body))
    #expect(!request.truncated)
  }

  @Test(.requires("curl")) func curlKeepsItsConnection() throws {
    let trial = try GatewayTrial()
    let port = trial.open(443)
    for version in ["--http1.1", "--http2"] {
      let result = try curl(
        trial, [version, "--connect-to", "::127.0.0.1:\(port)", "-w", "%{http_code}", "https://a.example.com/[1-20]"])
      #expect(result.output == String(repeating: "{}404", count: 20))
    }
    trial.session.close()
    #expect(trial.sink.requests.count == 40)
    #expect(trial.sink.connections.count == 2)
  }

  @Test(.requires("curl")) func curlWithPriorKnowledge() throws {
    let trial = try GatewayTrial()
    let result = try curl(
      trial, ["--http2-prior-knowledge", "-I", "http://127.0.0.1:\(trial.open(80))/head"])
    #expect(result.output.hasPrefix("HTTP/2 404"))
    trial.session.close()
    #expect(trial.sink.requests.map(\.version) == ["HTTP/2"])
  }

  private func curl(_ trial: GatewayTrial, _ arguments: [String]) throws -> (output: String, status: Int32) {
    let line = (["curl", "-s", "--max-time", "20", "--cacert", trial.certificateFile] + arguments)
      .map { "'\($0)'" }.joined(separator: " ")
    return try GatewayTrial.run("sh", "-c", line)
  }

  // MARK: Other runtimes

  @Test(.requires("node")) func nodeFetches() throws {
    let trial = try GatewayTrial()
    let port = trial.open(443)
    let script = """
      fetch('https://localhost:\(port)/v1/messages', {method: 'POST', headers: {'x-api-key': 'secret'},
        body: JSON.stringify({model: 'm', stream: true, messages: [{role: 'user', content: 'hi'}]})})
        .then(async r => { for await (const c of r.body) process.stdout.write(c) })
      """
    let result = try GatewayTrial.run(
      "node", "-e", script, environment: ["NODE_EXTRA_CA_CERTS": trial.certificateFile])
    #expect(result.output.contains("Hello! How can I help you today?"))
    #expect(result.output.hasSuffix("data: {\"type\":\"message_stop\"}\n\n"))
    trial.session.close()
    #expect(trial.sink.responses.map(\.source) == ["anthropic.messages"])
    #expect(trial.sink.gaps == [])
  }

  /// Node.js closes the connection without an alert.
  @Test(.requires("node")) func nodeThatDoesNotTrustIsAGapInTheEnd() throws {
    let trial = try GatewayTrial()
    let port = trial.open(443)
    let result = try GatewayTrial.run(
      "node", "-e", "fetch('https://localhost:\(port)/').catch(e => { console.log(e.cause.code) })")
    #expect(result.output == "UNABLE_TO_VERIFY_LEAF_SIGNATURE\n")
    trial.session.close()
    #expect(trial.sink.gaps.map(\.kind) == [.untrustedGateway])
    #expect(trial.sink.gaps.first?.host == "localhost")
    #expect(trial.sink.handshakes.map(\.failure) == ["the client left during the handshake"])
  }

  @Test(.requires("python3")) func pythonRequestsAndIPAddresses() throws {
    let trial = try GatewayTrial()
    let port = trial.open(443)
    let script = """
      import urllib.request
      for host in ('localhost', '127.0.0.1'):
        print(urllib.request.urlopen('https://%s:\(port)/generate_204' % host).status)
      """
    let result = try GatewayTrial.run("python3", "-c", script, environment: ["SSL_CERT_FILE": trial.certificateFile])
    #expect(result.output == "204\n204\n")
    trial.session.close()
    #expect(trial.sink.requests.map(\.host) == ["localhost", "127.0.0.1"])
    #expect(trial.sink.handshakes.map(\.serverName) == ["localhost", nil])
  }

  @Test(.requires("openssl")) func aHandshakeWithoutARequestIsNoGap() throws {
    let trial = try GatewayTrial()
    let port = trial.open(443)
    _ = try GatewayTrial.run(
      "openssl", "s_client", "-connect", "127.0.0.1:\(port)", "-servername", "idle.example.com", "-CAfile",
      trial.certificateFile)
    trial.session.close()
    #expect(trial.sink.handshakes.map(\.failure) == ["no application data followed the handshake"])
    #expect(trial.sink.gaps == [])
  }
}
