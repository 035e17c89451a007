import Crypto
import EnvprobeModel
import EnvprobeTestSupport
import Foundation
import Glibc
import Synchronization
import Testing

@testable import EnvprobeWire

/// Keeps what a session records.
final class MemorySink: EventSink {
  private struct State {
    var payloads: [Event.Payload] = []
    var blobs: [String: [UInt8]] = [:]
  }
  private let state = Mutex(State())

  func record(_ payload: Event.Payload, pid: Int?) { state.withLock { $0.payloads.append(payload) } }

  func store(_ bytes: [UInt8]) -> Blob {
    let name = Hexadecimal.encode(SHA256.hash(data: bytes))
    state.withLock { $0.blobs[name] = bytes }
    return Blob(sha256: name, size: bytes.count)
  }

  var payloads: [Event.Payload] { state.withLock { $0.payloads } }
  var requests: [HTTPRequest] { payloads.compactMap { if case .request(let value) = $0 { value } else { nil } } }
  var responses: [HTTPResponse] { payloads.compactMap { if case .response(let value) = $0 { value } else { nil } } }
  var handshakes: [TLSHandshake] { payloads.compactMap { if case .tls(let value) = $0 { value } else { nil } } }
  var tunnels: [ProxyTunnel] { payloads.compactMap { if case .tunnel(let value) = $0 { value } else { nil } } }
  var queries: [DNSQuery] { payloads.compactMap { if case .dns(let value) = $0 { value } else { nil } } }
  var gaps: [Gap] { payloads.compactMap { if case .gap(let value) = $0 { value } else { nil } } }
  var connections: [Connection] { payloads.compactMap { if case .connection(let value) = $0 { value } else { nil } } }
  var closings: [ConnectionClosed] {
    payloads.compactMap { if case .connectionClosed(let value) = $0 { value } else { nil } }
  }
  var raw: [RawBytes] { payloads.compactMap { if case .raw(let value) = $0 { value } else { nil } } }

  /// What was recorded, as a run's.
  var trace: Trace {
    let manifest = RunManifest(
      tool: "test", subject: Subject(argv: ["x"], executable: .init(path: "/x", sha256: "")), profile: nil,
      assignment: Assignment(), repetition: 1, started: "2026-01-01T00:00:00Z",
      surroundings: Surroundings(
        environment: [], home: "/", workingDirectory: "/", user: "u", hostname: "h", utcOffset: 0,
        zoneAbbreviation: "UTC"))
    let events = payloads.enumerated().map { Event(sequence: $0.offset + 1, time: 0, payload: $0.element) }
    return Trace(id: "t", manifest: manifest, events: events, blobs: state.withLock { $0.blobs })
  }

  func bytes(_ blob: Blob?) -> [UInt8]? { blob.flatMap { blob in state.withLock { $0.blobs[blob.sha256] } } }
  func text(_ blob: Blob?) -> String? { bytes(blob).map { String(decoding: $0, as: UTF8.self) } }
}

/// A session whose sockets are on loopback, where programs of this machine reach it.
final class GatewayTrial: Sendable {
  let sink = MemorySink()
  let session: GatewaySession
  /// A file with the authority's certificate.
  let certificateFile: String
  private let gateway: Gateway

  private static let authority = try! CertificateAuthority()

  init(
    scenario: Scenario? = nil, origin: AnswerOrigin = .scenario, secrets: [String: String] = [:],
    limits: SessionConfiguration.Limits = .init(), failing errno: CInt? = nil
  ) throws {
    gateway = Gateway(authority: Self.authority, redactionKey: [UInt8](repeating: 1, count: 32))
    certificateFile = NSTemporaryDirectory() + "authority-\(UUID().uuidString).pem"
    try Self.authority.pem.write(toFile: certificateFile, atomically: false, encoding: .utf8)
    let shared = Shared()
    self.shared = shared
    session = gateway.openSession(
      SessionConfiguration(
        sink: sink, scenario: scenario, origin: origin, secrets: secrets,
        network: NetworkSetting(address: "10.32.4.17", publicAddress: "203.0.113.7", country: "CN"), limits: limits
      ) { transport, address, port throws(GatewayError) in
        shared.count.withLock { $0 += 1 }
        if let errno { throw GatewayError(.makeSocket, subject: "\(address) port \(port)", errno: errno) }
        let (descriptor, bound) = Self.bind(transport)
        shared.ports.withLock { $0[port] = bound }
        return descriptor
      })
  }

  private final class Shared: Sendable {
    let ports = Mutex<[Int: Int]>([:])
    let count = Mutex(0)
  }
  private let shared: Shared

  var socketCount: Int { shared.count.withLock { $0 } }

  deinit {
    try? FileManager.default.removeItem(atPath: certificateFile)
    gateway.shutdown()
  }

  /// The port on 127.0.0.1 that stands for a port anywhere.
  func open(_ port: Int, _ transport: Connection.Transport = .tcp) -> Int {
    session.prepare(
      for: SocketAddress(family: "inet", address: "203.0.113.1", port: port), by: SocketUse(isStream: transport == .tcp)
    )
    return shared.ports.withLock { $0[port] } ?? 0
  }

  private static func bind(_ transport: Connection.Transport) -> (descriptor: CInt, port: Int) {
    let kind = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
    let descriptor = socket(AF_INET, CInt(kind.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    var address = loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = Glibc.bind(descriptor, $0, length)
        getsockname(descriptor, $0, &length)
      }
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  /// A listening socket of the test's own on loopback.
  static func listen() -> (descriptor: CInt, port: Int) {
    let (descriptor, port) = bind(.tcp)
    _ = Glibc.listen(descriptor, 16)
    return (descriptor, port)
  }

  private static func loopback(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    return address
  }

  /// A connected socket of the test's own.
  static func connect(_ port: Int, _ transport: Connection.Transport = .tcp) -> CInt {
    let kind = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
    let descriptor = socket(AF_INET, CInt(kind.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var address = loopback(port: port)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(result == 0)
    return descriptor
  }

  static func send(_ bytes: [UInt8], _ descriptor: CInt) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  static func receive(_ descriptor: CInt, atMost limit: Int = 65536) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: limit)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return Array(buffer.prefix(max(0, count)))
  }

  /// Sends bytes, says that no more come, and returns everything that is answered.
  static func talk(_ port: Int, _ bytes: [UInt8]) -> String {
    let descriptor = connect(port)
    defer { close(descriptor) }
    send(bytes, descriptor)
    shutdown(descriptor, CInt(SHUT_WR))
    var answer: [UInt8] = []
    while case let part = receive(descriptor), !part.isEmpty { answer += part }
    return String(decoding: answer, as: UTF8.self)
  }

  /// Runs a program of this machine; standard output and exit status.
  static func run(_ command: String..., environment: [String: String] = [:]) throws -> (output: String, status: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"].merging(environment)
    { $1 }
    let result = try FinishedProcess(running: process)
    return (result.text, result.status)
  }

  static func has(_ program: String) -> Bool {
    (try? run("sh", "-c", "command -v \(program)").status) == 0
  }
}

extension Trait where Self == ConditionTrait {
  static func requires(_ program: String) -> Self {
    .enabled("\(program) is not installed; with it, its requests would be checked") { GatewayTrial.has(program) }
  }
}
