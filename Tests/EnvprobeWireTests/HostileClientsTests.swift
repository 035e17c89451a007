import EnvprobeModel
import Foundation
import Glibc
import Testing

@testable import EnvprobeWire

/// Clients that would keep a careless server busy, or fill its memory.
@Suite(.serialized) struct HostileClientsTests {
  /// Bytes that this process holds in memory.
  private static var resident: Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return (Int(fields.dropFirst().first ?? "") ?? 0) * 4096
  }

  @Test func aHeadWithoutEndIsCutOff() throws {
    let trial = try GatewayTrial()
    let client = GatewayTrial.connect(trial.open(80))
    defer { close(client) }
    GatewayTrial.send(Array("GET / HTTP/1.1\r\nX: ".utf8), client)
    let before = Self.resident
    let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
    var sent = 0
    // A gigabyte, were it taken.
    while sent < 1 << 30 {
      let count = piece.withUnsafeBytes { Glibc.send(client, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      guard count > 0 else { break }
      sent += count
    }
    #expect(sent < 64 << 20)
    #expect(Self.resident - before < 64 << 20)
    trial.session.close()
    #expect(trial.sink.gaps.map(\.detail) == ["request head too large"])
    #expect(trial.sink.raw.map(\.content.size).reduce(0, +) < 4 << 20)
  }

  @Test func aSlowOneIsRecordedAndDoesNotHoldUpTheEnd() throws {
    let trial = try GatewayTrial()
    let clients = (0..<20).map { _ in GatewayTrial.connect(trial.open(80)) }
    defer { for client in clients { close(client) } }
    for letter in "GET /slow".utf8 {
      for client in clients { GatewayTrial.send([letter], client) }
      usleep(2000)
    }
    let began = ContinuousClock.now
    trial.session.close(within: 0.2)
    #expect(ContinuousClock.now - began < .seconds(2))
    #expect(trial.sink.raw.map { trial.sink.text($0.content) } == Array(repeating: "GET /slow", count: 20))
    #expect(trial.sink.closings.count == 20)
    #expect(
      trial.sink.payloads.contains {
        $0 == .diagnostic(Diagnostic("20 connections were still open at the end and were closed"))
      })
  }

  @Test func aHalfClosedOneGetsItsAnswer() throws {
    let trial = try GatewayTrial()
    let text = GatewayTrial.talk(
      trial.open(80), Array("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi".utf8))
    #expect(text.hasPrefix("HTTP/1.1 200 ") && text.hasSuffix("{}"))
    let cut = GatewayTrial.talk(
      trial.open(80), Array("POST /y HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhi".utf8))
    #expect(cut == "")
    trial.session.close()
    #expect(trial.sink.requests.map(\.truncated) == [false, true])
  }

  @Test(arguments: ["gzip", "deflate"]) func aBombIsNotUnpacked(coding: String) throws {
    let trial = try GatewayTrial()
    let program =
      coding == "gzip" ? "gzip.compress(bytes(1<<30), 9)" : "zlib.compress(bytes(1<<30), 9)"
    let file = NSTemporaryDirectory() + "bomb-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    _ = try GatewayTrial.run("python3", "-c", "import gzip, zlib; open('\(file)', 'wb').write(\(program))")
    let bomb = try Array(Data(contentsOf: URL(fileURLWithPath: file)))
    try #require(bomb.count < 4 << 20 && bomb.count > 1000)
    let before = Self.resident
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: \(coding)\r\nContent-Length: \(bomb.count)\r\n\r\n"
    #expect(GatewayTrial.talk(trial.open(80), Array(head.utf8) + bomb).hasPrefix("HTTP/1.1 200 "))
    #expect(Self.resident - before < 200 << 20)
    trial.session.close()
    #expect(trial.sink.gaps.map(\.detail) == ["a body is larger than 67108864 bytes without its content coding"])
    #expect(trial.sink.requests.first?.body?.size == bomb.count)
  }

  @Test(.requires("python3")) func fiveThousandConnectionsAtATime() throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = min(limit.rlim_max, 20000)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    try #require(limit.rlim_cur >= 6000, "so many descriptors are not allowed here")
    let trial = try GatewayTrial()
    let before = Self.resident
    let program = """
      import asyncio, resource, sys
      hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
      resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
      async def main():
          ends = []
          for i in range(5000):
              ends.append(await asyncio.open_connection('127.0.0.1', \(trial.open(80))))
          for i, (reader, writer) in enumerate(ends):
              writer.write(b'GET /%d HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n' % i)
          texts = await asyncio.gather(*(reader.read() for reader, writer in ends))
          print(sum(text.startswith(b'HTTP/1.1 404') for text in texts))
      asyncio.run(main())
      """
    #expect(try GatewayTrial.run("python3", "-c", program).output == "5000\n")
    #expect(Self.resident - before < 256 << 20)
    trial.session.close()
    #expect(trial.sink.requests.count == 5000)
    #expect(Set(trial.sink.requests.map(\.target)).count == 5000)
    #expect(trial.sink.closings.count == 5000)
    #expect(trial.sink.gaps.isEmpty)
  }

  // MARK: Time servers

  @Test func timeServersTellTheTimeInside() throws {
    let trial = try GatewayTrial()
    let client = GatewayTrial.connect(trial.open(123, .udp), .udp)
    defer { close(client) }
    let question: [UInt8] = [0x23] + [UInt8](repeating: 0, count: 39) + [1, 2, 3, 4, 5, 6, 7, 8]
    GatewayTrial.send(question, client)
    let answer = GatewayTrial.receive(client)
    try #require(answer.count == 48)
    #expect(answer[0] == 0x24 && answer[1] == 2)
    #expect(Array(answer[24..<32]) == [1, 2, 3, 4, 5, 6, 7, 8])
    let seconds = answer[40..<44].reduce(0) { $0 << 8 | Int($1) } - NTPMessage.epoch
    #expect(abs(seconds - Int(Date().timeIntervalSince1970)) < 5)
    GatewayTrial.send([1, 2, 3], client)
    usleep(50000)
    trial.session.close()
    #expect(trial.sink.raw.map(\.direction) == [.received, .sent, .received])
    #expect(trial.sink.closings.map(\.sent) == [48])
  }
}
