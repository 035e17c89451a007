import Foundation
import Testing

/// The network inside: no way out, every address local, listeners on demand.
@Suite(.requiresRoot) struct SandboxNetworkTests {
  private let connect = """
    import socket, sys
    for host, port in [a.rsplit(':', 1) for a in sys.argv[1:]]:
      try:
        s = socket.create_connection((host, int(port)), 2)
        print(s.getsockname()[0], s.recv(200).decode().strip())
      except OSError as e:
        print(host, type(e).__name__)
    """

  @Test(arguments: Caller.allCases) func everyAddressIsAnswered(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let outcome = try trial.run(
      [
        "--listen", "tcp:443",
        "--set", "network={address: 10.32.4.17, public_address: 203.0.113.7, country: CN}",
      ],
      ["/usr/bin/python3", "-c", connect, "203.0.113.9:443", "2001:db8::5:443", "127.0.0.1:443", "203.0.113.9:80"])
    #expect(outcome.report?.listeners == ["ok"])
    #expect(
      outcome.lines == [
        "10.32.4.17 to ::ffff:203.0.113.9 from ::ffff:10.32.4.17",
        "fd00::a20:411 to 2001:db8::5 from fd00::a20:411",
        "127.0.0.1 to ::ffff:127.0.0.1 from ::ffff:127.0.0.1",
        "203.0.113.9 ConnectionRefusedError",
      ])
  }

  @Test(arguments: Caller.allCases) func datagramsAreAnswered(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let script = """
      import socket
      s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(2)
      s.sendto(b'ping', ('10.0.2.3', 53)); print(s.recvfrom(99))
      """
    let outcome = try trial.run(["--listen", "udp:10.0.2.3:53"], ["/usr/bin/python3", "-c", script])
    #expect(outcome.lines == ["(b'ping', ('10.0.2.3', 53))"])
  }

  @Test(arguments: Caller.allCases) func listenersFailWithTheirErrno(_ caller: Caller) throws {
    let trial = try Trial(caller)
    let outcome = try trial.run(
      ["--listen", "tcp:8080", "--listen", "tcp:8080", "--listen", "udp:nowhere:53"], ["/usr/bin/true"])
    #expect(
      outcome.report?.listeners == [
        "ok", "cannot listen inside on tcp * port 8080: Address already in use (EADDRINUSE)",
        "cannot listen inside on udp nowhere port 53: Invalid argument (EINVAL)",
      ])
  }

  /// A server of the host's is out of reach, although it is in reach of the same program outside.
  @Test(arguments: Caller.allCases) func theHostIsOutOfReach(_ caller: Caller) throws {
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(server) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(server, $0, length)
        _ = listen(server, 8)
        _ = getsockname(server, $0, &length)
      }
    }
    let port = UInt16(bigEndian: address.sin_port)
    let trial = try Trial(caller)
    let test = "import socket; socket.create_connection(('127.0.0.1', \(port)), 2); print('connected')"
    let outside = try Trial.execute(caller.prefix + ["/usr/bin/python3", "-c", test])
    #expect(outside.output == "connected\n")
    let inside = try trial.run(["/usr/bin/python3", "-c", test])
    #expect(inside.output == "" && inside.errorOutput.contains("ConnectionRefusedError"))
  }
}

extension Trial {
  fileprivate func run(_ command: [String]) throws -> Outcome { try run([], command) }
}
