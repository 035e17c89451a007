import EnvprobeModel
import EnvprobeTestSupport
import Foundation
import Testing

/// What people's usual tools send over HTTPS is seen as it is, certificate and all.
@Suite(.asRoot) struct PlainClientsTests {
  struct Client: Sendable, CustomTestStringConvertible {
    var name: String
    /// Commands of which all must be there.
    var needs: [String]
    /// A shell's command.
    var command: String
    var host: String
    var path: String
    var version = "HTTP/1.1"

    var testDescription: String { name }

    /// Whether the commands, and the module of Python where one is named, are there.
    var isThere: Bool {
      needs.allSatisfy { need in
        let words =
          need.hasPrefix("import ") ? ["/usr/bin/python3", "-c", need] : ["/bin/sh", "-c", "command -v \(need)"]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
      }
    }
  }

  private static func python(_ code: String) -> String { "/usr/bin/python3 -c '\(code)'" }

  static let clients: [Client] = [
    Client(
      name: "curl", needs: ["curl"], command: "curl -s --http1.1 https://files.example.com/a",
      host: "files.example.com", path: "/a"),
    Client(
      name: "curl, HTTP/2", needs: ["curl"], command: "curl -s --http2 https://files.example.com/a",
      host: "files.example.com", path: "/a", version: "HTTP/2"),
    Client(
      name: "wget", needs: ["wget"], command: "wget -q -O- https://files.example.com/a", host: "files.example.com",
      path: "/a"),
    Client(
      name: "git", needs: ["git"], command: "git ls-remote https://git.example.com/x.git", host: "git.example.com",
      path: "/x.git/info/refs?service=git-upload-pack", version: "HTTP/2"),
    Client(
      name: "pip", needs: ["/usr/bin/python3", "import pip"],
      command:
        "/usr/bin/python3 -m pip download -q --retries 0 --no-deps --index-url https://index.example.com/simple nothing-of-the-kind",
      host: "index.example.com", path: "/simple/nothing-of-the-kind/"),
    Client(
      name: "npm", needs: ["npm"], command: "npm view --registry https://registry.example.com nothing-of-the-kind",
      host: "registry.example.com", path: "/nothing-of-the-kind"),
    Client(
      name: "node's fetch", needs: ["node"], command: "node -e 'fetch(\"https://files.example.com/a\")'",
      host: "files.example.com", path: "/a"),
    Client(
      name: "urllib", needs: ["/usr/bin/python3"],
      command: python("import urllib.request; urllib.request.urlopen(\"https://files.example.com/a\")"),
      host: "files.example.com", path: "/a"),
    Client(
      name: "requests", needs: ["import requests"],
      command: python("import requests; requests.get(\"https://files.example.com/a\")"), host: "files.example.com",
      path: "/a"),
    Client(
      name: "httpx", needs: ["import httpx"],
      command: python("import httpx; httpx.get(\"https://files.example.com/a\")"),
      host: "files.example.com", path: "/a"),
    Client(
      name: "aiohttp", needs: ["import aiohttp"],
      command: python(
        "import asyncio, aiohttp\nasync def main():\n  async with aiohttp.ClientSession() as s:\n    await s.get(\"https://files.example.com/a\")\nasyncio.run(main())"
      ), host: "files.example.com", path: "/a"),
  ]

  @Test(arguments: clients) func theRequestIsSeen(_ client: Client) async throws {
    guard client.isThere else {
      // scripts/setup installs the others.
      let isOptional = client.needs[0] == "npm" || client.needs[0].hasPrefix("import ")
      #expect(isOptional || ProcessInfo.processInfo.environment["CI"] == nil, "\(client.name) is not installed")
      return
    }
    try await Turns.shared.run {
      let folder = try TestFolder()
      _ = try folder.envprobe(
        ["run", "--timeout", "60", "--out", folder.path + "/r", "--", "sh", "-c", client.command])
      let requests = try folder.requests(of: folder.path + "/r")
      let request = try #require(
        requests.first { $0.host == client.host && $0.target == client.path }, "\(requests.map(\.target))")
      #expect(request.scheme == "https" && request.method == "GET" && request.version == client.version)
      #expect(!request.truncated)
    }
  }

  @Test func goAndItsOwnTLS() async throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/go") else { return }
    try await Turns.shared.run {
      let folder = try TestFolder()
      try folder.write(
        """
        package main
        import ("net/http"; "os")
        func main() { if _, err := http.Get("https://files.example.com/a"); err != nil { println(err.Error()); os.Exit(1) } }
        """, to: "client.go")
      let built = try folder.execute(
        ["/usr/bin/go", "build", "-o", "client", "client.go"], environment: ["GOCACHE": folder.path + "/cache"])
      try #require(built.status == 0, "\(built.errorOutput)")
      let run = try folder.envprobe(["run", "--timeout", "60", "--out", folder.path + "/r", "--", "./client"])
      #expect(run.status == 0, "\(run.errorOutput)")
      let requests = try folder.requests(of: folder.path + "/r")
      #expect(requests.map { "\($0.version) \($0.host)\($0.target)" } == ["HTTP/2 files.example.com/a"])
    }
  }
}

/// Which process asked for a name and sent a request, where several do at the same time and to the same places.
@Suite(.asRoot) struct CallerTests {
  @Test func eachProcessIsNamed() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let client = """
        import os, socket, sys, threading, urllib.request
        def ask(i):
          urllib.request.urlopen("http://shared.example.com/%d/%d" % (os.getpid(), i), b"x").read()
          socket.getaddrinfo("n%d-%d.example.com" % (os.getpid(), i), 80)
          u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
          u.sendto(b"%d" % os.getpid(), ("203.0.113.9", 9999))
        def all():
          ts = [threading.Thread(target=ask, args=(i,)) for i in range(3)]
          [t.start() for t in ts]; [t.join() for t in ts]
        for _ in range(4):
          if os.fork() == 0: all(); os._exit(0)
        all()
        while True:
          try: os.wait()
          except ChildProcessError: break
        """
      try folder.write(client, to: "client.py")
      _ = try folder.envprobe(
        ["run", "--timeout", "60", "--out", folder.path + "/r", "--", "/usr/bin/python3", "client.py"])
      let events = try folder.events(of: folder.path + "/r")
      var requests = 0
      var names = 0
      var datagrams = 0
      for event in events {
        switch event.payload {
        case .request(let request):
          requests += 1
          #expect(request.target.split(separator: "/").first == event.pid.map { "\($0)" } ?? "")
        case .dns(let query) where query.name.hasPrefix("n"):
          names += 1
          #expect(query.name.hasPrefix("n\(event.pid ?? 0)-"), "\(query.name) by \(event.pid ?? 0)")
        case .raw(let raw):
          datagrams += 1
          let text = try String(contentsOfFile: "\(folder.path)/r/blobs/\(raw.content.sha256)", encoding: .utf8)
          // Its socket may be closed by the time that the datagram is looked at: then nobody is named.
          if let pid = event.pid { #expect(text == "\(pid)") }
        default: break
        }
      }
      #expect(requests == 15 && names >= 15 && datagrams == 15)
      let listing = try folder.envprobe(["show", "--net", folder.path + "/r"])
      #expect(listing.output.contains("by python3"), "\(listing.output)")
    }
  }
}

extension TestFolder {
  /// What a run recorded.
  fileprivate func events(of bundle: String) throws -> [Event] {
    try String(contentsOfFile: bundle + "/events.ndjson", encoding: .utf8).split(separator: "\n").map { line in
      try JSONDecoder().decode(Event.self, from: Data(line.utf8))
    }
  }

  /// The requests that a run recorded.
  fileprivate func requests(of bundle: String) throws -> [HTTPRequest] {
    try events(of: bundle).compactMap { if case .request(let request) = $0.payload { request } else { nil } }
  }
}
