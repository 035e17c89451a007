import EnvprobeModel
import EnvprobeReport
import Foundation
import Testing

@Suite struct TraceListingTests {
  @Test(arguments: SampleTraces.all.indices) func isTheGoldenFile(index: Int) throws {
    let (name, trace) = SampleTraces.all[index]
    try Golden.expect(TraceListing(trace).text(), is: "listing-\(name)-80.txt")
    try Golden.expect(TraceListing(trace).json(), is: "listing-\(name).json")
  }

  @Test func pathsAreShownWithWhatWasThere() throws {
    var trace = SampleTraces.agent
    func call(_ name: String, _ path: String, _ target: PathTarget) -> Event.Payload {
      .syscall(SyscallCall(name: name, arguments: [.path(.complete(ByteString(path.utf8)))], observed: [target]))
    }
    trace.events = [
      call("openat", "/etc/localtime", .elsewhere("/usr/share/zoneinfo/Asia/Tokyo")), call("access", "/x", .missing),
      call("access", "/x", .present), call("access", "/y", .missing), call("access", "/z", .unknown),
    ].enumerated().map { Event(sequence: $0, time: 0, pid: 1, payload: $1) }
    let listing = TraceListing(trace)
    #expect(listing.asked.map(\.present) == [1, 1, 0, 0])
    #expect(listing.asked.map(\.missing) == [0, 1, 1, 0])
    #expect(listing.asked[0].resolved == "/usr/share/zoneinfo/Asia/Tokyo")
    let files = listing.text([.files])
    #expect(files.contains("4 paths; 1 not there, 1 not known, as seen next to the calls"))
    #expect(files.contains("/etc/localtime → /usr/share/zoneinfo/Asia/Tokyo"))
    #expect(files.split(separator: "\n").contains { $0.hasSuffix("not always there") })
    let lines = listing.text([.timeline]).split(separator: "\n")
    #expect(lines.contains { $0.hasSuffix("access(\"/y\")  (not there)") })
    #expect(lines.contains { $0.hasSuffix("openat(\"/etc/localtime\")  (→ /usr/share/zoneinfo/Asia/Tokyo)") })
  }

  @Test func bodiesAreShownOnDemand() throws {
    let listing = TraceListing(SampleTraces.agent, bodies: true)
    try Golden.expect(listing.text([.requests], options: .init(width: 100)), is: "listing-agent-bodies-100.txt")
    #expect(listing.exchanges[0].requestBody?.text?.contains("Today’s date") == true)
    #expect(listing.exchanges[2].requestBody == ByteString([0xFF, 0x00, 0x01]))
    #expect(TraceListing(SampleTraces.agent).exchanges[0].requestBody == nil)
  }

  @Test(arguments: TraceListing.Section.allCases) func aSectionIsFoundByItsName(section: TraceListing.Section) throws {
    #expect(TraceListing.Section(rawValue: section.rawValue) == section)
    let json = try TraceListing(SampleTraces.agent).json([section])
    let keys = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]).keys
    #expect(Set(keys) == ["schema", "id", "run", "diagnostics", section.rawValue])
    #expect(!section.summary.isEmpty)
  }

  @Test(arguments: SampleTraces.all.indices, [false, true]) func passesNoControlCharacterOn(index: Int, color: Bool) {
    for verbosity in TextOptions.Verbosity.allCases {
      let options = TextOptions(width: 90, color: color, verbosity: verbosity)
      let text = TraceListing(SampleTraces.all[index].trace, bodies: true).text(options: options)
      for scalar in Terminal.withoutColors(text).unicodeScalars where scalar != "\n" {
        #expect(![.control, .format, .lineSeparator].contains(scalar.properties.generalCategory), "\(scalar.value)")
      }
    }
  }

  @Test func sortsWhatWasAskedForBySensitivity() {
    let asked = TraceListing(SampleTraces.agent).asked
    #expect(asked.prefix(4).map(\.interest) == ["secret", "secret", "secret", "secret"])
    #expect(asked.first { $0.path == "/etc/localtime" }?.count == 3)
    #expect(asked.first { $0.path == "/etc/localtime" }?.calls == ["openat", "readlink"])
    #expect(asked.last?.interest == nil)
  }

  @Test func countsBytesByHost() {
    let hosts = TraceListing(SampleTraces.agent).hosts
    #expect(hosts.map(\.host) == ["gw.alibaba.com", "api.anthropic.com", "2001:db8::5", "proxy.example.com"])
    #expect(hosts[1].connections == 2)
    #expect(hosts[1].received == 517)
    #expect(hosts[1].failures == ["TLS: unknown_ca", "reset by peer"])
    #expect(hosts[3].tunnels == ["pinned.example.com:443"])
  }

  @Test func joinsPiecesOfOutput() {
    let output = TraceListing(SampleTraces.agent).output
    #expect(output.map(\.stream) == [.stdout, .stderr])
    #expect(output[0].bytes.text == "Hi! \u{1B}[32mHow can I help?\u{1B}[0m\n\n今日は\u{200B}\n")
  }

  /// Nothing is lost in a tree whose links make no sense.
  @Test func showsEveryProcess() {
    let listing = TraceListing(SampleTraces.killed)
    let text = listing.text([.processes])
    for path in ["/bin/a", "/bin/b", "/bin/c"] { #expect(text.split(separator: path).count == 2, "\(path)") }
  }

  @Test func isFastOnALongTrace() {
    let calls = (0..<20_000).map { (Optional(2), SampleTraces.open("/usr/lib/x/\($0 % 3000)")) }
    let trace = Trace(id: "long", manifest: SampleTraces.manifest, events: SampleTraces.events(calls))
    let elapsed = ContinuousClock().measure { _ = TraceListing(trace).text() }
    // Far above what it takes, far below what a quadratic algorithm would.
    #expect(elapsed < .seconds(20))
  }
}
