import EnvprobeModel
import Foundation
import Glibc
import Testing

@testable import EnvprobeWire

/// The gateway on real sockets, with this test as the client.
@Suite(.serialized) struct GatewaySessionTests {
  @Test func aRequestIsRecordedByteForByte() throws {
    let trial = try GatewayTrial()
    let head = "POST /v1/x?y=1 HTTP/1.1\r\nhost: api.example.com\r\nX-ODD:  a \r\nContent-Length: 3\r\n\r\n"
    let answer = GatewayTrial.talk(trial.open(80), Array((head + "abc").utf8))
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\nDate: "))
    #expect(answer.hasSuffix("\r\n\r\n{}"))
    trial.session.close()
    let request = try #require(trial.sink.requests.first)
    #expect(trial.sink.text(request.head) == head)
    #expect(trial.sink.text(request.body) == "abc")
    #expect(request.host == "api.example.com" && request.method == "POST" && !request.truncated)
    #expect(request.headers.map(\.name) == ["host", "X-ODD", "Content-Length"])
    #expect(trial.sink.responses.map(\.status) == [200])
    #expect(
      trial.sink.closings == [ConnectionClosed(connection: 1, received: head.utf8.count + 3, sent: answer.utf8.count)])
    #expect(trial.sink.gaps == [])
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() throws {
    let trial = try GatewayTrial()
    let answer = GatewayTrial.talk(
      trial.open(80),
      Array(
        "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /3 HTTP/1.1\r\nConnection: close\r\n\r\nGET /4 HTTP/1.1\r\n\r\n"
          .utf8))
    trial.session.close()
    #expect(trial.sink.requests.map(\.target) == ["/1", "/2", "/3"])
    #expect(answer.components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0.prefix(3) } == ["404", "200", "404"])
    #expect(answer.contains("Connection: close"))
  }

  @Test func chunksTrailersAndCodingsAreUndone() throws {
    let trial = try GatewayTrial()
    let coded = ContentCodingTests.gzip
    let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\nTrailer: X-T\r\n\r\n"
    var bytes = Array(head.utf8)
    for part in [coded.prefix(10), coded.dropFirst(10)] {
      bytes += Array((String(part.count, radix: 16) + "\r\n").utf8) + part + [13, 10]
    }
    bytes += Array("0\r\nX-T: v\r\n\r\n".utf8)
    _ = GatewayTrial.talk(trial.open(80), bytes)
    trial.session.close()
    let request = try #require(trial.sink.requests.first)
    #expect(trial.sink.bytes(request.body) == coded)
    #expect(trial.sink.bytes(request.decodedBody) == ContentCodingTests.text)
    #expect(request.trailers == [HTTPHeader(name: "X-T", value: "v")])
  }

  @Test(arguments: [
    ("gzip", "a body is not in its content coding 'gzip'"), ("snappy", "the content coding 'snappy' is not known"),
  ])
  func whatCannotBeDecodedIsAGap(coding: String, detail: String) throws {
    let trial = try GatewayTrial()
    let text = "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: \(coding)\r\nContent-Length: 3\r\n\r\nabc"
    _ = GatewayTrial.talk(trial.open(80), Array(text.utf8))
    trial.session.close()
    #expect(trial.sink.gaps == [Gap(kind: .wire, detail: detail, host: "h")])
    #expect(trial.sink.text(trial.sink.requests.first?.body) == "abc")
  }

  @Test func aRequestThatBreaksOffIsRecordedAsTruncated() throws {
    let trial = try GatewayTrial()
    let descriptor = GatewayTrial.connect(trial.open(80))
    GatewayTrial.send(Array("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc".utf8), descriptor)
    close(descriptor)
    trial.session.close()
    let request = try #require(trial.sink.requests.first)
    #expect(request.truncated)
    #expect(trial.sink.text(request.body) == "abc")
    #expect(trial.sink.responses == [])
  }

  @Test func whatIsSentAndForgottenIsRecordedBeforeTheEnd() throws {
    for _ in 0..<20 {
      let trial = try GatewayTrial()
      let port = trial.open(80)
      for number in 0..<5 {
        let descriptor = GatewayTrial.connect(port)
        GatewayTrial.send(Array("GET /\(number) HTTP/1.1\r\n\r\n".utf8), descriptor)
        close(descriptor)
      }
      trial.session.close()
      #expect(Set(trial.sink.requests.map(\.target)) == ["/0", "/1", "/2", "/3", "/4"])
      #expect(trial.sink.closings.count == 5)
    }
  }

  @Test func theEndDoesNotWaitForever() throws {
    let trial = try GatewayTrial()
    let descriptor = GatewayTrial.connect(trial.open(80))
    defer { close(descriptor) }
    GatewayTrial.send(Array("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc".utf8), descriptor)
    let start = ContinuousClock.now
    trial.session.close(within: 0.2)
    #expect(ContinuousClock.now - start < .seconds(2))
    #expect(trial.sink.requests.map(\.truncated) == [true])
    #expect(trial.sink.closings.count == 1)
  }

  @Test func bodiesBeyondTheLimitAreCutAndSaid() throws {
    var limits = SessionConfiguration.Limits()
    limits.body = 1000
    let trial = try GatewayTrial(limits: limits)
    let body = [UInt8](repeating: 0x61, count: 1_000_000)
    let answer = GatewayTrial.talk(
      trial.open(80), Array("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n".utf8) + body)
    trial.session.close()
    #expect(answer.hasPrefix("HTTP/1.1 200"))
    let request = try #require(trial.sink.requests.first)
    #expect(request.truncated && request.body?.size == 1000)
    #expect(
      trial.sink.gaps == [Gap(kind: .wire, detail: "the last 999000 bytes of a request body were not kept", host: "h")])
  }

  @Test func otherProtocolsAreRecordedAndMetWithSilence() throws {
    let trial = try GatewayTrial()
    #expect(GatewayTrial.talk(trial.open(6379), Array("*1\r\n$4\r\nPING\r\n".utf8)) == "")
    trial.session.close()
    #expect(trial.sink.raw.map(\.direction) == [.received])
    #expect(trial.sink.text(trial.sink.raw.first?.content) == "*1\r\n$4\r\nPING\r\n")
  }

  @Test(arguments: [("nonsense / HTTP/9\r\n\r\n", ""), ("GET / HTTP/1.1\r\nbad\r\n\r\n", "HTTP/1.1 400")])
  func malformedRequestsAreRecordedAsTheyAre(text: String, answer: String) throws {
    let trial = try GatewayTrial()
    #expect(GatewayTrial.talk(trial.open(80), Array(text.utf8)).hasPrefix(answer))
    trial.session.close()
    #expect(trial.sink.text(trial.sink.raw.first?.content) == text)
  }

  @Test func credentialsAreNotRecorded() throws {
    let trial = try GatewayTrial()
    _ = GatewayTrial.talk(
      trial.open(80), Array("GET /?key=topsecret HTTP/1.1\r\nAuthorization: Bearer topsecret\r\n\r\n".utf8))
    trial.session.close()
    let recorded = try JSONEncoder().encode(trial.sink.requests)
    #expect(!String(decoding: recorded, as: UTF8.self).contains("topsecret"))
    #expect(trial.sink.text(trial.sink.requests.first?.head)?.contains("topsecret") == false)
  }

  @Test func namesAreAnsweredOverUDPAndTCP() throws {
    let trial = try GatewayTrial()
    let question = DNSMessageTests.question
    let datagram = GatewayTrial.connect(trial.open(53, .udp), .udp)
    GatewayTrial.send(question, datagram)
    let answer = try #require(DNSMessage(GatewayTrial.receive(datagram)))
    close(datagram)
    let stream = GatewayTrial.connect(trial.open(53))
    GatewayTrial.send([0, UInt8(question.count)] + question, stream)
    let framed = GatewayTrial.receive(stream)
    close(stream)
    #expect(DNSMessage(Array(framed.dropFirst(2))) == answer)
    trial.session.close()
    #expect(answer.answers.count == 1)
    #expect(trial.sink.queries.map(\.transport) == [.udp, .tcp])
    #expect(trial.sink.queries.allSatisfy { $0.name == "api.example.com" && $0.status == "NOERROR" })
  }

  @Test func otherDatagramsAreRecordedAndMetWithSilence() throws {
    let trial = try GatewayTrial()
    let descriptor = GatewayTrial.connect(trial.open(123, .udp), .udp)
    GatewayTrial.send([1, 2, 3], descriptor)
    GatewayTrial.send([4], descriptor)
    close(descriptor)
    trial.session.close()
    #expect(trial.sink.connections.map(\.transport) == [.udp])
    #expect(trial.sink.connections.first?.address == "203.0.113.1")
    #expect(trial.sink.raw.compactMap { trial.sink.bytes($0.content) } == [[1, 2, 3], [4]])
    #expect(trial.sink.closings == [ConnectionClosed(connection: 1, received: 4, sent: 0)])
  }

  @Test func fiveThousandRequestsOnOneConnection() throws {
    let trial = try GatewayTrial()
    let count = 5000
    let request = Array(
      "POST /event HTTP/1.1\r\nHost: t.example.com\r\nContent-Length: 13\r\n\r\n{\"a\":\"hello\"}".utf8)
    let start = ContinuousClock.now
    let port = trial.open(80)
    let descriptor = GatewayTrial.connect(port)
    let writer = Thread { for _ in 0..<count { GatewayTrial.send(request, descriptor) } }
    writer.start()
    var answers = 0
    var tail: [UInt8] = []
    while answers < count, case let part = GatewayTrial.receive(descriptor), !part.isEmpty {
      tail += part
      let text = String(decoding: tail, as: UTF8.self)
      let pieces = text.components(separatedBy: "\r\n\r\n{}")
      answers += pieces.count - 1
      tail = Array(pieces.last!.utf8)
    }
    close(descriptor)
    trial.session.close()
    #expect(answers == count)
    #expect(trial.sink.requests.count == count)
    // A sanity bound for a debug build on a busy machine; the benchmark holds the real one.
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  // MARK: Sockets

  @Test func socketsAreMadeOncePerDestination() throws {
    let trial = try GatewayTrial()
    for _ in 0..<10 { _ = trial.open(80) }
    #expect(trial.socketCount == 1)
    _ = trial.open(80, .udp)
    _ = trial.open(81)
    #expect(trial.socketCount == 3)
    trial.session.close()
    _ = trial.open(82)
    #expect(trial.socketCount == 3)
  }

  @Test(arguments: [
    ("127.0.0.1", 8080), ("::1", 8080), ("0.0.0.0", 80), ("::", 80), ("224.0.0.251", 5353), ("255.255.255.255", 67),
    ("10.32.4.17", 80), ("203.0.113.1", 0), ("::ffff:127.0.0.1", 80),
  ])
  func whatIsTheProgramsOwnIsLeftAlone(address: String, port: Int) throws {
    let trial = try GatewayTrial()
    trial.session.prepare(for: SocketAddress(family: "inet", address: address, port: port), by: SocketUse())
    trial.session.prepare(for: SocketAddress(family: "unix", address: "/run/x"), by: SocketUse(isStream: true))
    #expect(trial.socketCount == 0)
  }

  @Test func aSocketThatCannotBeMadeIsAGapOnce() throws {
    let trial = try GatewayTrial(failing: EMFILE)
    _ = trial.open(80)
    _ = trial.open(80)
    #expect(
      trial.sink.gaps == [
        Gap(
          kind: .wire, detail: "cannot make a socket for 203.0.113.1 port 80: Too many open files", host: "203.0.113.1")
      ])
  }

  @Test func aPortThatTheProgramHoldsIsNone() throws {
    let trial = try GatewayTrial(failing: EADDRINUSE)
    _ = trial.open(80)
    #expect(trial.sink.gaps == [])
  }

  @Test func aSessionWithoutNetworkEndsAtOnce() throws {
    let trial = try GatewayTrial()
    let start = ContinuousClock.now
    trial.session.close()
    #expect(ContinuousClock.now - start < .milliseconds(50))
    #expect(trial.sink.payloads == [])
  }

  @Test func anAssignmentSaysWhatThereIs() {
    let assignment = Assignment([
      .endpoint: .endpoint("https://llm.corp.example.cn/v1"),
      .proxy: .proxy(
        ProxySetting(http: "http://u:p@127.0.0.1:7890", https: "http://proxy.corp.example.cn:8080", noProxy: ["a.b"])),
      .mirrors: .mirrors(["npm": "https://npm.example.cn"]),
      .resolver: .resolver(ResolverSetting(nameservers: ["127.0.0.53"], search: ["corp.example.cn"])),
      .variable("X"): .variable("a=db.example.cn:5432,plain http://localhost:9000/x"),
      .hostname: .hostname("dev.corp.example.cn"),
    ])
    let configuration = SessionConfiguration(assignment: assignment, sink: MemorySink()) {
      _, _, _ throws(GatewayError) in
      throw GatewayError(.makeSocket, subject: "")
    }
    #expect(
      configuration.knownHosts == [
        "127.0.0.1", "db.example.cn", "llm.corp.example.cn", "localhost", "npm.example.cn", "proxy.corp.example.cn",
      ])
    #expect(configuration.loopbackPorts == [7890, 9000])
    #expect(configuration.searchDomains == ["corp.example.cn"])
    #expect(configuration.nameservers == ["127.0.0.53"])
  }
}

/// Whose a connection is.
@Suite struct ConnectionOwnersTests {
  private static let here = GatewaySession.Destination(
    transport: .tcp, address: IPAddress("198.51.100.1")!, port: 443)

  @Test func aLoneCallerNeedsNoLookUp() {
    var owners = ConnectionOwners()
    #expect(owners.owner(of: Self.here) == .unknown)
    for _ in 0..<2 { owners.note(SocketUse(pid: 3), heading: Self.here) }
    #expect(owners.owner(of: Self.here) == .process(3))
  }

  @Test func ofSeveralTheSocketTells() {
    var owners = ConnectionOwners()
    owners.note(SocketUse(pid: 3, cookie: 30), heading: Self.here)
    owners.note(SocketUse(pid: 4, cookie: 40), heading: Self.here)
    #expect(owners.owner(of: Self.here) == .ask)
    #expect(owners.owner(of: 40) == 4 && owners.owner(of: 30) == 3 && owners.owner(of: 50) == nil)
  }

  @Test func whoeverIsUnknownLeavesTheDestinationOpen() {
    var owners = ConnectionOwners()
    owners.note(SocketUse(), heading: Self.here)
    owners.note(SocketUse(pid: 4, cookie: 40), heading: Self.here)
    #expect(owners.owner(of: Self.here) == .ask)
  }
}
