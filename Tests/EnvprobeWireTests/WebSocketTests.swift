import EnvprobeModel
import Foundation
import NIOCore
import NIOWebSocket
import Testing

@testable import EnvprobeWire

@Suite struct WebSocketTests {
  private static let upgrade = """
    GET /socket HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Protocol: one, two\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n
    """

  private static let scenario = try! Scenario(
    yaml: """
      schema: envprobe.scenario/1
      name: sockets
      rules:
        - match: {path: /socket}
          answer:
            websocket:
              - send: welcome
              - {on: "*ping*", send: pong}
              - {on: "*ping*", send: and more}
      """, file: "s.yaml")

  /// A masked frame, as a client sends it.
  private static func frame(_ opcode: UInt8, _ payload: [UInt8], flags: UInt8 = 0x80) -> [UInt8] {
    let mask: [UInt8] = [1, 2, 3, 4]
    let length: [UInt8] =
      payload.count < 126
      ? [0x80 | UInt8(payload.count)] : [0xfe, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    return [flags | opcode] + length + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
  }

  /// Reads until so many bytes are there, or nothing comes.
  private static func read(_ descriptor: CInt, until marker: String) -> String {
    var text = ""
    while !text.contains(marker), case let part = GatewayTrial.receive(descriptor), !part.isEmpty {
      text += String(decoding: part, as: UTF8.self)
    }
    return text
  }

  private func messages(_ trial: GatewayTrial) -> [String] {
    trial.sink.payloads.compactMap { payload in
      guard case .message(let message) = payload else { return nil }
      let mark = message.compressed ? " compressed" : ""
      return "\(message.direction.rawValue) \(message.kind.rawValue)\(mark): \(trial.sink.text(message.content) ?? "")"
    }
  }

  @Test func theHandshakeIsThatOfTheStandard() throws {
    let trial = try GatewayTrial(scenario: Self.scenario)
    let client = GatewayTrial.connect(trial.open(80))
    defer { close(client) }
    GatewayTrial.send(Array(Self.upgrade.utf8), client)
    let answer = Self.read(client, until: "welcome")
    #expect(answer.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
    #expect(answer.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
    #expect(answer.contains("\r\nSec-WebSocket-Protocol: one\r\n"))
    #expect(answer.contains("\r\nConnection: Upgrade\r\n") && !answer.contains("Content-Length"))
    trial.session.close(within: 0.1)
    #expect(messages(trial) == ["sent text: welcome"])
    #expect(trial.sink.responses.map(\.status) == [101])
  }

  @Test func messagesAreRecordedAndAnswered() throws {
    let trial = try GatewayTrial(scenario: Self.scenario)
    let client = GatewayTrial.connect(trial.open(80))
    defer { close(client) }
    GatewayTrial.send(Array(Self.upgrade.utf8), client)
    _ = Self.read(client, until: "welcome")
    // RFC 7692, section 7.2.3.1: "Hello", compressed.
    GatewayTrial.send(Self.frame(1, [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], flags: 0xc0), client)
    GatewayTrial.send(Self.frame(1, Array("pi".utf8), flags: 0), client)
    GatewayTrial.send(Self.frame(9, [65]), client)
    GatewayTrial.send(Self.frame(0, Array("ng ghp_abcdefghijklmnopqrstuvwxyz0123456789".utf8)), client)
    _ = Self.read(client, until: "and more")
    GatewayTrial.send(Self.frame(2, [0, 1]) + Self.frame(8, [3, 232]), client)
    while !GatewayTrial.receive(client).isEmpty {}
    trial.session.close()
    let seen = messages(trial)
    #expect(seen.count == 10)
    #expect(
      Array(seen.prefix(4)) == [
        "sent text: welcome", "received text compressed: Hello", "received ping: A", "sent pong: A",
      ])
    #expect(seen[4].hasPrefix("received text: ping <redacted github-token length=40"))
    #expect(Array(seen[5...6]) == ["sent text: pong", "sent text: and more"])
    #expect(seen[7] == "received binary: \u{0}\u{1}")
    #expect(seen[8].hasPrefix("received close") && seen[9].hasPrefix("sent close"))
    #expect(trial.sink.gaps.isEmpty)
  }

  @Test(arguments: [
    (Self.frame(0, [1]), "WebSocket: a continuation continues nothing"),
    (Self.frame(1, [1, 2, 3], flags: 0xc0), "WebSocket: a message is not what its compression says"),
    (Self.frame(1, [1], flags: 0) + Self.frame(1, [1]), "WebSocket: a message begins within another"),
  ]) func whatIsNoMessageIsAGap(bytes: [UInt8], expected: String) throws {
    let trial = try GatewayTrial(scenario: Self.scenario)
    let client = GatewayTrial.connect(trial.open(80))
    defer { close(client) }
    GatewayTrial.send(Array(Self.upgrade.utf8) + bytes, client)
    while !GatewayTrial.receive(client).isEmpty {}
    trial.session.close()
    #expect(trial.sink.gaps.map(\.detail) == [expected])
  }

  @Test func aBombIsNotInflated() throws {
    var limits = SessionConfiguration.Limits()
    limits.raw = 1000
    let trial = try GatewayTrial(scenario: Self.scenario, limits: limits)
    let client = GatewayTrial.connect(trial.open(80))
    defer { close(client) }
    let bomb = try #require(
      Base64.decode(
        GatewayTrial.run(
          "python3", "-c",
          "import zlib,base64;c=zlib.compressobj(9,8,-15);d=c.compress(b'0'*100000)+c.flush(zlib.Z_SYNC_FLUSH);print(base64.b64encode(d[:-4]).decode(),end='')"
        ).output))
    GatewayTrial.send(Array(Self.upgrade.utf8) + Self.frame(1, bomb, flags: 0xc0), client)
    while !GatewayTrial.receive(client).isEmpty {}
    trial.session.close()
    #expect(trial.sink.gaps.map(\.detail) == ["WebSocket: a message is larger than 1000 bytes"])
  }

  @Test func afterARefusalPlainRequestsGoOn() throws {
    let trial = try GatewayTrial()
    let text = GatewayTrial.talk(
      trial.open(80),
      Array(
        (Self.upgrade.replacing("/socket", with: "/v1/responses")
          + "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").utf8))
    #expect(text.hasPrefix("HTTP/1.1 426 ") && text.contains("HTTP/1.1 404 "))
    trial.session.close()
    #expect(trial.sink.requests.map(\.target) == ["/v1/responses", "/next"])
  }

  @Test func framesOfAnyBytesAreSurvived() throws {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<2000 {
      var reader = WebSocketMessageReader(isCompressionAgreed: true, limit: 4096)
      for _ in 0..<3 {
        var data = ByteBuffer()
        data.writeBytes(
          (0..<Int.random(in: 0...40, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) })
        let opcode = WebSocketOpcode(encodedWebSocketOpcode: UInt8.random(in: 0...15, using: &generator))!
        var frame = WebSocketFrame(fin: Bool.random(using: &generator), opcode: opcode, data: data)
        frame.rsv1 = Bool.random(using: &generator)
        do { _ = try reader.receive(frame) } catch { break }
      }
    }
  }
}
