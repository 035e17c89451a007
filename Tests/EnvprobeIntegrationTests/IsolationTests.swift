import EnvprobeTestSupport
import Foundation
import Glibc
import Testing

/// What a program cannot reach through `envprobe run`, each shown in three ways: the probe's step works where it may, is
/// refused where it may not, and the control outside shows that it would have worked without the sandbox.
@Suite(.asRoot) struct IsolationTests {
  /// One step of the probe.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var steps: @Sendable (TestFolder) throws -> [String]
    /// What it prints inside and outside, with the folder's path for `{}`.
    var inside: String
    var outside: String
  }

  private static let cases: [Case] = [
    Case(
      testDescription: "another home", steps: { ["open", try $0.write("key", to: $0.path + "/home/.ssh/id_ed25519")] },
      inside: "open {}/home/.ssh/id_ed25519 ENOENT", outside: "open {}/home/.ssh/id_ed25519 ok"),
    Case(
      testDescription: "a file that only root may read",
      steps: { ["open", try $0.write("x", to: $0.path + "/closed", mode: 0o600)] },
      inside: "open {}/closed EACCES", outside: "open {}/closed ok"),
    Case(
      testDescription: "a file that everybody may read", steps: { ["open", try $0.write("x", to: "open")] },
      inside: "open {}/work/open ok", outside: "open {}/work/open ok"),
    Case(
      testDescription: "a folder of the host", steps: { ["create", $0.path + "/made"] },
      inside: "create {}/made EROFS", outside: "create {}/made ok"),
    Case(
      testDescription: "a variable of the host", steps: { _ in ["variable", "SECRET_TOKEN"] },
      inside: "variable SECRET_TOKEN unset", outside: "variable SECRET_TOKEN hunter2"),
    Case(
      testDescription: "a process of the host", steps: { _ in ["signal", "\(getpid())"] },
      inside: "signal ESRCH", outside: "signal ok"),
    Case(
      testDescription: "a process of its own", steps: { _ in ["run", "/usr/bin/true"] },
      inside: "run /usr/bin/true ok", outside: "run /usr/bin/true ok"),
    Case(
      testDescription: "privileges", steps: { _ in ["ids"] }, inside: "ids 1000 1000", outside: "ids 0 0"),
  ]

  @Test(arguments: cases) func isShownInThreeWays(_ one: Case) async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let command = [try Probe.path.get()] + (try one.steps(folder))
      let secret = ["SECRET_TOKEN": "hunter2"]
      let inside = try folder.envprobe(
        ["run", "--quiet", "--out", folder.path + "/r", "--"] + command, environment: secret)
      #expect(inside.lines == [one.inside.replacing("{}", with: folder.path)])
      #expect(inside.status == 0 && inside.errorOutput == "")
      let outside = try folder.execute(command, environment: secret)
      #expect(outside.lines == [one.outside.replacing("{}", with: folder.path)])
    }
  }

  /// The mount of the control is made in a namespace of its own.
  @Test func mountsAreDenied() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let probe = try Probe.path.get()
      let inside = try folder.envprobe(["run", "--quiet", "--out", folder.path + "/r", "--", probe, "mount"])
      #expect(inside.lines == ["mount EPERM"])
      #expect(try folder.execute(["/usr/bin/unshare", "--mount", probe, "mount"]).lines == ["mount ok"])
    }
  }

  /// A listener on the host's loopback is reached outside and not inside, where the gateway answers on all other
  /// addresses.
  @Test func theHostIsOutOfReach() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let probe = try Probe.path.get()
      let listener = try LoopbackListener()
      let port = "\(listener.port)"
      let outside = try folder.execute([probe, "connect", "127.0.0.1", port])
      #expect(outside.lines == ["answer host", "connect 127.0.0.1 \(port) ok"])
      let inside = try folder.envprobe(
        [
          "run", "--quiet", "--out", folder.path + "/r", "--", probe, "connect", "127.0.0.1", port, "connect",
          "198.51.100.7",
          port,
        ])
      #expect(
        inside.lines == [
          "connect 127.0.0.1 \(port) ECONNREFUSED", "answer HTTP/1.1 404 Not Found", "connect 198.51.100.7 \(port) ok",
        ])
      #expect(listener.accepted == 1)
    }
  }

  @Test func anUnprivilegedUserCanRun() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder(.stranger)
      let closed = folder.path + "/closed"
      try "root's".write(toFile: closed, atomically: false, encoding: .utf8)
      chmod(closed, 0o600)
      let result = try folder.envprobe(
        [
          "run", "--profile", "jp", "--quiet", "--out", folder.work + "/r", "--", try Probe.path.get(), "ids", "open",
          closed,
          "create", "note", "exit", "6",
        ])
      #expect(result.lines == ["ids 1000 1000", "open \(closed) EACCES", "create note ok"])
      #expect(result.status == 6, "\(result.errorOutput)")
      #expect(try folder.envprobe(["show", "r"]).output.contains("exit status 6"))
    }
  }
}

/// Accepts connections on the host's loopback and answers `host`.
private final class LoopbackListener: @unchecked Sendable {
  // `count` is behind `lock`; the rest does not change.
  private let descriptor: Int32
  let port: UInt16
  private let lock = NSLock()
  private var count = 0

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, length)
        listen(descriptor, 8)
        getsockname(descriptor, $0, &length)
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [weak self] in
      while true {
        let peer = accept(descriptor, nil, nil)
        if peer < 0 { return }
        self?.note()
        _ = send(peer, "host\n", 5, Int32(MSG_NOSIGNAL))
        close(peer)
      }
    }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  private func note() { lock.withLock { count += 1 } }
  var accepted: Int { lock.withLock { count } }
}
