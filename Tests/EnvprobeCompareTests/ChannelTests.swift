import EnvprobeModel
import Testing

@testable import EnvprobeCompare

/// One hidden dependency in one channel, beside everything an honest program does.
@Suite struct ChannelTests {
  struct Example: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var channel: Channel
    var location: String
    var kind: Finding.Kind
    /// The classes of the character differences, where there are any.
    var differences: [String] = []
    var behave: @Sendable (inout SyntheticTrace, Bool) -> Void
  }

  static let path = "/v1/messages"
  static let label = "POST <endpoint-host>/v1/messages"

  static func body(_ content: String) -> String { #"{"model":"m","messages":[{"role":"user","content":\#(content)}]}"# }

  static let examples: [Example] = [
    .init(
      testDescription: "header value", channel: .http, location: "\(label) header.x-app", kind: .changed,
      differences: ["text"]
    ) { $0.request("POST", $0.endpoint + path, headers: [("X-App", $1 ? "cli" : "sdk")], body: body(#""hi""#)) },
    .init(
      testDescription: "header case", channel: .http, location: "\(label) header.x-app", kind: .changed,
      differences: ["case", "case"]
    ) { $0.request("POST", $0.endpoint + path, headers: [($1 ? "x-app" : "X-App", "cli")], body: body(#""hi""#)) },
    .init(
      testDescription: "header order", channel: .http, location: "\(label) header order", kind: .changed
    ) { run, hidden in
      let headers = [("A", "1"), ("B", "2"), ("C", "3")]
      run.request("POST", run.endpoint + path, headers: hidden ? headers.reversed() : headers, body: body(#""hi""#))
    },
    .init(testDescription: "extra header", channel: .http, location: "\(label) header.x-extra", kind: .appears) {
      $0.request(
        "POST", $0.endpoint + path, headers: [("X-App", "cli")] + ($1 ? [("X-Extra", "1")] : []), body: body(#""hi""#))
    },
    .init(
      testDescription: "header twice", channel: .http, location: "\(label) header.x-app", kind: .changed
    ) {
      $0.request(
        "POST", $0.endpoint + path, headers: [("X-App", "cli")] + ($1 ? [("X-App", "cli")] : []), body: body(#""hi""#))
    },
    .init(
      testDescription: "key order", channel: .http, location: "\(label) body key order", kind: .changed
    ) { $0.request("POST", $0.endpoint + path, body: $1 ? #"{"a":1,"b":2}"# : #"{"b":2,"a":1}"#) },
    .init(
      testDescription: "spaces in JSON", channel: .http, location: "\(label) body syntax", kind: .changed
    ) { $0.request("POST", $0.endpoint + path, body: $1 ? #"{"a": 1}"# : #"{"a":1}"#) },
    .init(
      testDescription: "needless escape", channel: .http, location: "\(label) body syntax", kind: .changed
    ) { $0.request("POST", $0.endpoint + path, body: $1 ? #"{"a":"\/"}"# : #"{"a":"/"}"#) },
    .init(
      testDescription: "number as written", channel: .http, location: "\(label) body.t", kind: .changed,
      differences: ["text"]
    ) { $0.request("POST", $0.endpoint + path, body: $1 ? #"{"t":1.0}"# : #"{"t":1}"#) },
    .init(
      testDescription: "zero-width character", channel: .http, location: "\(label) body.messages[user].content",
      kind: .changed, differences: ["invisible"]
    ) { $0.request("POST", $0.endpoint + path, body: body($1 ? "\"a\u{200B} b\"" : #""a b""#)) },
    .init(
      testDescription: "trailing space in one line", channel: .http,
      location: "\(label) body.messages[user].content", kind: .changed, differences: ["whitespace"]
    ) {
      $0.request(
        "POST", $0.endpoint + path,
        body: body($1 ? #""one line\nand another \nend""# : #""one line\nand another\nend""#))
    },
    .init(
      testDescription: "composed or not", channel: .http, location: "\(label) body.messages[user].content",
      kind: .changed, differences: ["normalisation-NFC"]
    ) { $0.request("POST", $0.endpoint + path, body: body($1 ? "\"cafe\u{301}\"" : "\"caf\u{E9}\"")) },
    .init(
      testDescription: "order of lines", channel: .http,
      location: "\(label) body.messages[user].content line order", kind: .changed
    ) { $0.request("POST", $0.endpoint + path, body: body($1 ? #""x\none\ntwo""# : #""x\ntwo\none""#)) },
    .init(
      testDescription: "nested JSON", channel: .http, location: "\(label) body.a(json).b", kind: .changed,
      differences: ["apostrophe"]
    ) {
      $0.request("POST", $0.endpoint + path, body: $1 ? #"{"a":"{\"b\":\"it’s\"}"}"# : #"{"a":"{\"b\":\"it's\"}"}"#)
    },
    .init(
      testDescription: "base64 JSON", channel: .http, location: "\(label) body.a(base64 json).b", kind: .changed,
      differences: ["apostrophe"]
    ) { run, hidden in
      let inner = Base64.encode(Array((hidden ? #"{"b":"it’s"}"# : #"{"b":"it's"}"#).utf8))
      run.request("POST", run.endpoint + path, body: #"{"a":"\#(inner)"}"#)
    },
    .init(
      testDescription: "query", channel: .http, location: "\(label) query.beta", kind: .changed, differences: ["text"]
    ) { $0.request("POST", $0.endpoint + path + "?beta=\($1 ? "true" : "false")", body: body(#""hi""#)) },
    .init(
      testDescription: "form", channel: .http, location: "\(label) body.q", kind: .changed, differences: ["text"]
    ) {
      $0.request(
        "POST", $0.endpoint + path, headers: [("Content-Type", "application/x-www-form-urlencoded")],
        body: "p=1&q=\($1 ? "yes" : "no")")
    },
    .init(
      testDescription: "multipart", channel: .http, location: "\(label) body.q", kind: .changed, differences: ["text"]
    ) {
      $0.request(
        "POST", $0.endpoint + path, headers: [("Content-Type", "multipart/form-data; boundary=xyz")],
        body: "--xyz\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\n\($1 ? "yes" : "no")\r\n--xyz--\r\n")
    },
    .init(
      testDescription: "binary body", channel: .http, location: "\(label) body", kind: .changed
    ) { $0.request("POST", $0.endpoint + path, bytes: [0, 1, $1 ? 2 : 3, 0xFF]) },
    .init(testDescription: "extra request", channel: .http, location: "GET example.org/beacon", kind: .appears) {
      if $1 { $0.request("GET", "https://example.org/beacon") }
    },
    .init(
      testDescription: "redirected request", channel: .http, location: "\(label) destination", kind: .changed
    ) { run, hidden in
      // To the official host in spite of the endpoint.
      run.request("POST", (hidden ? "https://api.anthropic.com" : run.endpoint) + path, body: body(#""hi""#))
    },
    .init(testDescription: "name resolved", channel: .dns, location: "name", kind: .appears) {
      if $1 {
        $0.events.append(
          .dns(.init(name: "geo.example.org", type: "A", transport: .udp, server: "x", answers: [], status: "NOERROR")))
      }
    },
    .init(testDescription: "connection", channel: .connect, location: "target", kind: .appears) {
      if $1 { $0.events.append(.connection(.init(id: 99, transport: .tcp, address: "192.0.2.1", port: 4444))) }
    },
    .init(testDescription: "datagram", channel: .udp, location: "target", kind: .appears) {
      if $1 { $0.events.append(.connection(.init(id: 99, transport: .udp, address: "192.0.2.1", port: 123))) }
    },
    .init(
      testDescription: "raw bytes", channel: .tcp, location: "sent to 192.0.2.1:4444", kind: .changed,
      differences: ["text"]
    ) { run, hidden in
      run.events.append(.connection(.init(id: 99, transport: .tcp, address: "192.0.2.1", port: 4444)))
      let blob = run.store(Array("HELO \(hidden ? "a" : "b")".utf8))
      run.events.append(.raw(.init(connection: 99, direction: .received, content: blob)))
    },
    .init(
      testDescription: "TLS protocols", channel: .tls, location: "client hello to example.org alpn", kind: .changed
    ) {
      $0.events.append(
        .tls(.init(connection: 1, serverName: "example.org", alpn: $1 ? ["h2"] : ["http/1.1"], versions: ["TLS 1.3"])))
    },
    .init(
      testDescription: "arguments", channel: .exec, location: "/usr/bin/tool arguments", kind: .changed
    ) { $0.execute(["/usr/bin/tool", $1 ? "--quiet" : "--loud"]) },
    .init(testDescription: "program", channel: .exec, location: "program", kind: .appears) {
      if $1 { $0.execute(["/usr/bin/locale"]) }
    },
    .init(
      testDescription: "environment passed on", channel: .env, location: "/usr/bin/tool MODE", kind: .changed
    ) { $0.execute(["/usr/bin/tool"], environment: ["MODE=\($1 ? 1 : 2)"]) },
    .init(testDescription: "variable asked for", channel: .env, location: "TZ asked for", kind: .appears) {
      if $1 { $0.askForVariable("TZ", module: "/usr/bin/tool") }
    },
    .init(
      testDescription: "variable asked for by another program", channel: .env, location: "TZ asked for", kind: .changed
    ) { $0.askForVariable("TZ", program: $1 ? "/usr/bin/tool" : "/usr/bin/aid") },
    .init(testDescription: "variables copied", channel: .env, location: "all variables copied", kind: .appears) {
      $0.events.append(
        .instrumentation(.init(level: $1 ? .bulkCopy : .precise, reason: "", executable: "/usr/bin/tool")))
    },
    .init(
      testDescription: "file content", channel: .file, location: "~/.agent/notes.txt", kind: .changed,
      differences: ["dash"]
    ) { $0.write(".agent/notes.txt", "first line\nan agent \($1 ? "\u{2013}" : "-") here\n") },
    .init(
      testDescription: "file JSON", channel: .file, location: "~/.agent/x.json.mode", kind: .changed,
      differences: ["text"]
    ) { $0.write(".agent/x.json", #"{"mode":"\#($1 ? "strict" : "lax")"}"#) },
    .init(testDescription: "file created", channel: .file, location: "/tmp/marker", kind: .appears) {
      if $1 { $0.write("marker", "", root: .tmp) }
    },
    .init(testDescription: "path asked for", channel: .file, location: "path asked for", kind: .appears) {
      if $1 {
        $0.events.append(.syscall(.init(name: "access", arguments: [.path(.complete("/usr/share/zoneinfo/zone.tab"))])))
      } else {
        $0.events.append(.syscall(.init(name: "access", arguments: [])))
      }
    },
    .init(testDescription: "system call", channel: .syscall, location: "name", kind: .appears) {
      if $1 { $0.events.append(.syscall(.init(name: "sysinfo", arguments: []))) }
    },
    .init(
      testDescription: "output", channel: .stdout, location: "stdout", kind: .changed, differences: ["apostrophe"]
    ) { $0.print($1 ? "That’s it\n" : "That's it\n") },
    .init(
      testDescription: "output without its end of line", channel: .stdout, location: "stdout", kind: .disappears
    ) { $0.print($1 ? "Done" : "Done\n") },
    .init(
      testDescription: "error output", channel: .stderr, location: "stderr", kind: .appears
    ) { $0.print($1 ? "warning: x\n" : "", to: .stderr) },
    .init(
      testDescription: "exit status", channel: .exit, location: "status", kind: .changed
    ) { $0.exit = Exit(status: $1 ? 3 : 0, wall: 1) },
    .init(
      testDescription: "UTC date where a local one was", channel: .stdout, location: "stdout", kind: .changed
    ) { $0.print("Built 2019-0\($1 ? 1 : 2)-01 by us") },
  ]

  /// On the zone: Shanghai and not Singapore.
  @Test(arguments: examples) func isFound(_ example: Example) throws {
    let places: [SyntheticPlace] = [.us, .de, .sg, .sgGateway, .cnGateway]
    let comparison = Comparison(
      arms(places) { run in
        let hidden = run.assignment.timezone == "Asia/Shanghai"
        if example.channel != .stdout { ComparisonTests.honest(&run) }
        example.behave(&run, hidden)
      })
    let candidate = try #require(
      comparison.candidates.first { candidate in
        candidate.aspects.contains {
          $0.place == Place(example.channel, example.location) && $0.kind(from: 0, to: 1) == example.kind
        }
      }, "\(summary(comparison))")
    #expect(candidate.classes == [0, 0, 0, 0, 1] || example.testDescription == "redirected request")
    let aspect = try #require(candidate.aspects.first { $0.place == Place(example.channel, example.location) })
    if !example.differences.isEmpty {
      #expect(aspect.differences(from: 0, to: 1).map(\.kind) == example.differences)
    }
    #expect(comparison.candidates.count == 1, "\(summary(comparison))")
  }

  /// What the C library asks for when it has found the texts of a locale follows from the locale.
  @Test(arguments: ["/lib/x86_64-linux-gnu/libc.so.6", "/usr/bin/tool"])
  func aLookupOfTextsIsTheLibrarys(module: String) {
    let comparison = Comparison(
      arms([.us, .de, .cnGateway]) { run in
        ComparisonTests.honest(&run)
        if run.assignment.timezone == "Asia/Shanghai" { run.askForVariable("OUTPUT_CHARSET", module: module) }
      })
    #expect(comparison.candidates.isEmpty == module.hasSuffix("libc.so.6"))
  }
}

@Suite struct UnseenReadsTests {
  @Test func namesWhoCouldLook() {
    let runs = arms([.us, .de]) { run in
      for (level, program) in [
        (ProcessInstrumentation.Level.precise, "/usr/bin/tool"), (.bulkCopy, "/usr/bin/bun"),
        (.notInstrumented, "/x/old"),
      ] {
        run.events.append(.instrumentation(.init(level: level, reason: "it does so", executable: program)))
      }
    }.flatMap(\.runs)
    #expect(
      Findings.unseenReads(in: runs) == [
        "Which variables these programs used is not known: bun, as it does so.",
        "Reads of variables by these programs are not recorded, or not all: old, as it does so.",
      ])
    #expect(Findings.limits(of: runs).isEmpty, "it is no gap")
  }
}
