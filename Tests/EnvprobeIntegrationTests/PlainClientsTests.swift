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
    var command = ""
    /// What Python executes, where that is the client: the one with libraries, where a test's machine has it.
    var python: String?
    var host: String
    var path: String
    var version = "HTTP/1.1"

    var testDescription: String { name }

    /// Whether the commands, and the module of Python where one is named, are there.
    var isThere: Bool {
      needs.allSatisfy { need in
        let words =
          need.hasPrefix("import ")
          ? [PlainClientsTests.interpreter, "-c", need] : ["/bin/sh", "-c", "command -v \(need)"]
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

  /// Python with the libraries that `scripts/fetch-program clients` brings, else the system's.
  fileprivate static let interpreter = ProcessInfo.processInfo.environment["ENVPROBE_CLIENTS"] ?? "/usr/bin/python3"

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
      name: "pip", needs: ["/usr/bin/python3 -m pip --version"],
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
      python: #"import urllib.request; urllib.request.urlopen("https://files.example.com/a")"#,
      host: "files.example.com", path: "/a"),
    Client(
      name: "requests", needs: ["import requests"],
      python: #"import requests; requests.get("https://files.example.com/a")"#, host: "files.example.com", path: "/a"),
    Client(
      name: "httpx", needs: ["import httpx"], python: #"import httpx; httpx.get("https://files.example.com/a")"#,
      host: "files.example.com", path: "/a"),
    Client(
      name: "httpx, HTTP/2", needs: ["import httpx, h2"],
      python: #"import httpx; httpx.Client(http2=True).get("https://files.example.com/a")"#,
      host: "files.example.com", path: "/a", version: "HTTP/2"),
    Client(
      name: "aiohttp", needs: ["import aiohttp"],
      python: """
        import asyncio, aiohttp
        async def main():
          async with aiohttp.ClientSession() as s:
            await s.get("https://files.example.com/a")
        asyncio.run(main())
        """, host: "files.example.com", path: "/a"),
    Client(
      name: "Chromium", needs: ["chromium"],
      command: "chromium --headless --no-sandbox --disable-gpu --dump-dom https://files.example.com/a",
      host: "files.example.com", path: "/a", version: "HTTP/2"),
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
        ["run", "--timeout", "60", "--out", folder.path + "/r", "--"]
          + (client.python.map { [Self.interpreter, "-c", $0] } ?? ["sh", "-c", client.command]))
      let requests = try folder.requests(of: folder.path + "/r")
      let request = try #require(
        requests.first { $0.host == client.host && $0.target == client.path }, "\(requests.map(\.target))")
      #expect(request.scheme == "https" && request.method == "GET" && request.version == client.version)
      #expect(!request.truncated)
    }
  }

  /// Every Java that is installed looks for certificates in a file of its own format.
  @Test func javaAndItsOwnStore() async throws {
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/jvm")) ?? []
    let javas = folders.sorted().map { "/usr/lib/jvm/\($0)/bin/java" }.filter {
      FileManager.default.isExecutableFile(atPath: $0)
    }
    guard !javas.isEmpty || ProcessInfo.processInfo.environment["CI"] != nil else { return }
    try #require(!javas.isEmpty)
    var seen: Set<String> = []
    for java in javas where seen.insert(URL(fileURLWithPath: java).resolvingSymlinksInPath().path).inserted {
      try await Turns.shared.run {
        let folder = try TestFolder()
        try folder.write(
          """
          import java.net.URI;
          import java.net.http.*;
          public class Client {
            public static void main(String[] arguments) throws Exception {
              var request = HttpRequest.newBuilder(URI.create("https://files.example.com/a")).build();
              var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
              System.out.println(answer.statusCode());
            }
          }
          """, to: "Client.java")
        let run = try folder.envprobe(
          ["run", "--timeout", "120", "--out", folder.path + "/r", "--", java, "Client.java"])
        #expect(run.status == 0 && run.output == "404\n", "\(java): \(run.errorOutput)")
        let requests = try folder.requests(of: folder.path + "/r")
        #expect(requests.map { "\($0.version) \($0.host)\($0.target)" } == ["HTTP/2 files.example.com/a"])
      }
    }
  }

  /// A call with a compressed message is recorded as sent and without compression, and refused as one says it there.
  @Test func aRemoteProcedureIsCalled() async throws {
    let client = Client(name: "gRPC", needs: ["import grpc"], host: "", path: "")
    guard client.isThere || ProcessInfo.processInfo.environment["CI"] != nil else { return }
    try await Turns.shared.run {
      let folder = try TestFolder()
      let code = """
        import grpc
        channel = grpc.secure_channel("rpc.example.com:443", grpc.ssl_channel_credentials())
        call = channel.unary_unary("/a.Service/Call")
        try: call(b"\\x08\\x96\\x01" + b"\\x12\\x40" + b"a" * 64, timeout=30, compression=grpc.Compression.Gzip)
        except grpc.RpcError as error: print(error.code().name)
        """
      let run = try folder.envprobe(
        ["run", "--timeout", "60", "--out", folder.path + "/r", "--", Self.interpreter, "-c", code])
      #expect(run.output == "UNIMPLEMENTED\n", "\(run.errorOutput)")
      let request = try #require(try folder.requests(of: folder.path + "/r").first)
      #expect(request.host == "rpc.example.com" && request.target == "/a.Service/Call" && request.version == "HTTP/2")
      let sent = try folder.blob(request.body, of: folder.path + "/r")
      let decoded = try folder.blob(request.decodedBody, of: folder.path + "/r")
      #expect(sent.first == 1)
      #expect(decoded == [0, 0, 0, 0, 69, 0x08, 0x96, 0x01, 0x12, 0x40] + [UInt8](repeating: 0x61, count: 64))
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

  fileprivate func blob(_ blob: Blob?, of bundle: String) throws -> [UInt8] {
    try blob.map { Array(try Data(contentsOf: URL(fileURLWithPath: "\(bundle)/blobs/\($0.sha256)"))) } ?? []
  }

  /// The requests that a run recorded.
  fileprivate func requests(of bundle: String) throws -> [HTTPRequest] {
    try events(of: bundle).compactMap { if case .request(let request) = $0.payload { request } else { nil } }
  }
}

/// Captures that hold TLS and the means to take it off.
@Suite(.asRoot) struct CaptureTests {
  @Test(
    .enabled("needs tshark, which would decrypt the capture") {
      FileManager.default.isExecutableFile(atPath: "/usr/bin/tshark")
    })
  func tsharkDecryptsWhatWasRecordedWithKeys() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let script = """
        curl -s --http2 https://a.example.com/two
        curl -s --http1.1 --tls-max 1.2 -d token=1 https://b.example.com/one
        curl -s -g -6 'http://[2001:db8::7]/six'
        bash -c 'printf x > /dev/udp/203.0.113.9/9999'
        """
      let run = try folder.envprobe(
        ["run", "--tls-keys", "--timeout", "60", "--out", folder.path + "/r", "--", "sh", "-c", script])
      #expect(run.output == "{}{}{}", "\(run.errorOutput)")
      let file = folder.path + "/r.pcapng"
      let export = try folder.envprobe(["export", folder.path + "/r", "--as", "pcapng", "-o", file])
      #expect(export.status == 0)
      func tshark(_ filter: String, _ fields: [String]) throws -> [String] {
        let result = try folder.execute(
          [
            "/usr/bin/tshark", "-r", file, "-Y", filter, "-T", "fields", "-E", "separator=|", "-o",
            "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
          ] + fields.flatMap { ["-e", $0] })
        return result.output.split(separator: "\n").map(String.init)
      }
      #expect(
        try tshark("http2.headers.path", ["http2.headers.path", "http2.headers.authority"]) == ["/two|a.example.com"])
      #expect(
        try tshark("http.request", ["http.request.uri", "ip.src", "ipv6.dst", "urlencoded-form.value"])
          == ["/one|10.0.2.15||1", "/six||2001:db8::7|"])
      // Every checksum is good, and no stream has a gap.
      #expect(try tshark("tcp.checksum.status != 1 || ip.checksum.status == 0", ["frame.number"]).isEmpty)
      #expect(try tshark("tcp.analysis.flags", ["frame.number"]).isEmpty)
      #expect(try tshark("frame.comment contains \"curl (\"", ["frame.number"]).isEmpty == false)
      // Without the flag nothing of this is kept.
      _ = try folder.envprobe(
        ["run", "--out", folder.path + "/n", "--", "curl", "-s", "https://a.example.com/two"])
      let kinds = Set(try folder.events(of: folder.path + "/n").map(\.payload.kind))
      #expect(kinds.contains("http.request") && kinds.isDisjoint(with: ["tls.secret", "wire.segment"]))
    }
  }
}
