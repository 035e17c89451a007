import EnvprobeModel
import EnvprobeTestSupport
import Foundation
import Testing

@testable import EnvprobeReport

@Suite struct ExportTests {
  /// A POST that is answered, a GET over HTTP/2 that is not, and bytes of another protocol.
  private static let trace: Trace = {
    func blob(_ name: String, _ bytes: [UInt8]) -> Blob { Blob(sha256: name, size: bytes.count) }
    let head = Array(
      "POST /v1/it's?a=1&b HTTP/1.1\r\nHost: api.example.com:8443\r\nContent-Type: application/json\r\nX-Empty:\r\nTransfer-Encoding: chunked\r\n\r\n"
        .utf8)
    let body = Array(#"{"text":"it’s"}"#.utf8)
    let answer: [UInt8] = [0xff, 0, 1]
    let manifest = RunManifest(
      tool: "envprobe 1.2", subject: Subject(argv: ["x"], executable: .init(path: "/x", sha256: "")), profile: nil,
      assignment: Assignment(), repetition: 1, started: "2026-03-01T10:00:00Z",
      surroundings: Surroundings(
        environment: [], home: "/", workingDirectory: "/", user: "u", hostname: "h", utcOffset: 0,
        zoneAbbreviation: "UTC"))
    let payloads: [Event.Payload] = [
      .connection(.init(id: 1, transport: .tcp, address: "198.18.0.1", port: 8443, name: "api.example.com")),
      .request(
        HTTPRequest(
          exchange: 1, connection: 1, scheme: "https", host: "api.example.com", port: 8443, via: ["tls"],
          method: "POST", target: "/v1/it's?a=1&b", version: "HTTP/1.1",
          headers: [
            HTTPHeader(name: "Host", value: "api.example.com:8443"),
            HTTPHeader(name: "Content-Type", value: "application/json"), HTTPHeader(name: "X-Empty", value: ""),
            HTTPHeader(name: "Transfer-Encoding", value: "chunked"),
          ], head: blob("h", head), body: blob("b", body))),
      .response(
        HTTPResponse(
          exchange: 1, status: 200, headers: [HTTPHeader(name: "Content-Length", value: "3")], body: blob("a", answer),
          source: "rule")),
      .connection(.init(id: 2, transport: .tcp, address: "2001:db8::1", port: 443)),
      .request(
        HTTPRequest(
          exchange: 2, connection: 2, scheme: "https", host: "h2.example.com", port: 443, via: ["tls"], method: "GET",
          target: "/x", version: "HTTP/2",
          headers: [
            HTTPHeader(name: ":authority", value: "h2.example.com"), HTTPHeader(name: "accept", value: "*/*"),
          ])),
      .message(.init(exchange: 2, direction: .received, kind: .text, content: blob("b", body))),
      .connection(.init(id: 3, transport: .udp, address: "192.0.2.1", port: 9999)),
      .raw(RawBytes(connection: 3, direction: .received, content: blob("a", answer))),
    ]
    return Trace(
      id: "r", manifest: manifest,
      events: payloads.enumerated().map { Event(sequence: $0 + 1, time: Double($0) / 4, payload: $1) },
      blobs: ["h": head, "b": body, "a": answer])
  }()

  // MARK: HAR

  /// Every member that the specification asks for.
  @Test func anArchiveIsWhole() throws {
    let text = try HARExport.encode(Self.trace)
    let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let log = try #require(root["log"] as? [String: Any])
    #expect(log["version"] as? String == "1.2")
    #expect(log["creator"] as? [String: String] == ["name": "envprobe", "version": "1.2"])
    let entries = try #require(log["entries"] as? [[String: Any]])
    #expect(entries.count == 2)
    for entry in entries {
      for name in ["startedDateTime", "time", "request", "response", "cache", "timings"] {
        #expect(entry[name] != nil, "\(name)")
      }
      let request = try #require(entry["request"] as? [String: Any])
      for name in [
        "method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize",
      ] { #expect(request[name] != nil, "\(name)") }
      let response = try #require(entry["response"] as? [String: Any])
      for name in [
        "status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize",
        "bodySize",
      ] { #expect(response[name] != nil, "\(name)") }
      let timings = try #require(entry["timings"] as? [String: Any])
      #expect(Set(timings.keys) == ["send", "wait", "receive"])
    }
    #expect(entries[0]["startedDateTime"] as? String == "2026-03-01T10:00:00.250Z")
    #expect(entries[0]["time"] as? Double == 250)
    #expect(entries[0]["serverIPAddress"] as? String == "198.18.0.1")
    let first = try #require(entries[0]["request"] as? [String: Any])
    #expect(first["url"] as? String == "https://api.example.com:8443/v1/it's?a=1&b")
    #expect((first["queryString"] as? [[String: String]])?.map { $0["name"] } == ["a", "b"])
    #expect((first["postData"] as? [String: Any])?["text"] as? String == #"{"text":"it’s"}"#)
    let content = (entries[0]["response"] as? [String: Any])?["content"] as? [String: Any]
    #expect(content?["encoding"] as? String == "base64" && content?["text"] as? String == "/wAB")
    #expect((entries[1]["response"] as? [String: Any])?["status"] as? Int == 0)
    #expect((entries[1]["_webSocketMessages"] as? [[String: Any]])?.first?["type"] as? String == "send")
  }

  // MARK: curl

  @Test func commandsAreOnesThatAShellReads() {
    let text = CurlExport.text(Self.trace, bundle: "DIR")
    #expect(
      text == #"""
        # 1  after 250 ms, answered 200 (rule)
        curl --http1.1 --request POST 'https://api.example.com:8443/v1/it'\''s?a=1&b' \
          --header 'Content-Type: application/json' \
          --header 'X-Empty;' \
          --data-raw '{"text":"it’s"}'

        # 2  after 1000 ms, not answered
        curl --http2 https://h2.example.com/x \
          --header 'accept: */*'

        """#)
  }

  // MARK: pcapng

  @Test(
    .enabled("needs tshark, which would read the file") {
      FileManager.default.isExecutableFile(atPath: "/usr/bin/tshark")
    })
  func aCaptureIsReadByTshark() throws {
    let file = NSTemporaryDirectory() + "export-\(UUID().uuidString).pcapng"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Data(PcapngExport.encode(Self.trace)).write(to: URL(fileURLWithPath: file))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/tshark")
    process.arguments =
      ["-r", file, "-T", "fields", "-E", "separator=|"]
      + [
        "frame.time_epoch", "http.request.method", "http.request.uri", "http.host", "http.response.code",
        "json.value.string", "exported_pdu.ipv4_dst", "exported_pdu.dst_port",
      ]
      .flatMap { ["-e", $0] }
    let output = try FinishedProcess(running: process).output
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    try #require(lines.count == 4, "\(lines)")
    #expect(lines[0] == "1772359200.250000000|POST|/v1/it's?a=1&b|api.example.com:8443||it’s|198.18.0.1|8443")
    #expect(lines[1].hasPrefix("1772359200.500000000||") && lines[1].contains("|200|"))
    #expect(lines[2].contains("|GET|/x|h2.example.com|"))
    #expect(lines[3].hasSuffix("|192.0.2.1|9999"))
  }
}
