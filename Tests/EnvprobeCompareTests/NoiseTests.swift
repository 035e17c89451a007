import EnvprobeModel
import Testing

@testable import EnvprobeCompare

/// Honest behaviour that differs from run to run or from place to place, and must not be taken for a difference.
@Suite struct NoiseTests {
  struct Example: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var behave: @Sendable (inout SyntheticTrace) -> Void
    init(_ name: String, _ behave: @escaping @Sendable (inout SyntheticTrace) -> Void) {
      testDescription = name
      self.behave = behave
    }
  }

  static func post(_ run: inout SyntheticTrace, _ body: String, headers: [(String, String)] = []) {
    run.request("POST", run.endpoint + "/v1/messages", headers: headers, body: body)
  }

  static let examples: [Example] = [
    .init("uuid in a body") { post(&$0, #"{"id":"\#($0.uuid())"}"#) },
    .init("hex within a line of text") {
      post(&$0, #"{"t":"first\nsession \#($0.hex(16)) of \#($0.place.user)\nlast"}"#)
    },
    .init("number that grows") { post(&$0, #"{"ms":\#($0.chance.next() % 100_000)}"#) },
    .init("memory with a fraction") { post(&$0, #"{"mb":\#(Double($0.chance.next() % 100_000) / 7)}"#) },
    .init("base64 nonce") { run in
      let bytes = (0..<24).map { _ in UInt8(truncatingIfNeeded: run.chance.next()) }
      post(&run, #"{"nonce":"\#(Base64.encode(bytes))"}"#)
    },
    .init("random word in a line") { run in
      let tips = ["press tab", "use /help", "try the docs", "ask again", "read on", "take a break"]
      run.print("Welcome\nTip: \(tips.randomElement(using: &run.chance)!)\nBye\n")
    },
    .init("random word as a value") { run in
      post(&run, #"{"tip":"\#(["red", "green", "blue", "cyan"].randomElement(using: &run.chance)!)"}"#)
    },
    .init("key that comes and goes") { run in
      post(&run, run.chance.next() % 2 == 0 ? #"{"a":1}"# : #"{"a":1,"cpu":2}"#)
    },
    .init("order of requests") { run in
      let paths = ["/a", "/b", "/c", "/d"].shuffled(using: &run.chance)
      for path in paths { run.request("GET", "https://api.example.org" + path) }
    },
    .init("retries") { run in
      for _ in 0..<(1 + run.chance.next() % 3) { post(&run, #"{"a":"b"}"#) }
    },
    .init("telemetry batches") { run in
      for _ in 0..<(1 + run.chance.next() % 3) {
        let events = (0..<(2 + run.chance.next() % 4)).map { _ in
          #"{"event_name":"e\#(run.chance.next() % 3)","at":\#(run.start),"rss":\#(run.chance.next() % 99_999_999)}"#
        }
        run.request("POST", "https://t.example.org/v1/log", body: #"{"events":[\#(events.joined(separator: ","))]}"#)
      }
    },
    .init("ids in paths") { $0.request("GET", "https://api.example.org/sessions/\($0.uuid())/items/\($0.hex(12))") },
    .init("ids in file names") { $0.write(".cache/\($0.uuid())/\($0.start * 1000)-log.txt", "x") },
    .init("process ids in output") { $0.print("pid \(1000 + $0.chance.next() % 9000) done\n") },
    .init("order of keys") { run in
      let keys = [#""a":1"#, #""b":2"#, #""c":3"#, #""d":4"#].shuffled(using: &run.chance)
      post(&run, "{\(keys.joined(separator: ","))}")
    },
    .init("JA4") { run in
      run.events.append(
        .tls(
          .init(
            connection: 1, serverName: "example.org", alpn: [], versions: [],
            ja4: ["t13d1", "t13d2"].randomElement(using: &run.chance)!)))
    },
    .init("local time in the usual format") { $0.print("\($0.date()) \($0.localTime) \($0.place.abbreviation)\n") },
    .init("local date as C has it") { run in
      let names = LocaleCalendar.posix.weekdays[run.localDate.weekday]
      let month = LocaleCalendar.posix.months[run.localDate.month - 1]
      run.print(
        "\(names.prefix(3)) \(month.prefix(3)) "
          + "\(run.localDate.day) \(run.localTime) \(run.place.abbreviation) \(run.localDate.year)\n")
    },
    .init("offset from UTC") { run in
      let minutes = abs(run.place.utcOffset) / 60
      let sign = run.place.utcOffset < 0 ? "-" : "+"
      run.print("\(sign)\(run.two(minutes / 60)):\(run.two(minutes % 60))\n")
      post(&run, #"{"offset":\#(-run.place.utcOffset / 60)}"#)
    },
    .init("language asked for") { run in
      let name = run.assignment.locale!.lang.prefix(5).replacing("_", with: "-")
      post(&run, "{}", headers: [("Accept-Language", "\(name),\(name.prefix(2));q=0.9")])
    },
    .init("country") {
      post(&$0, #"{"country":"\#($0.place.country)","language":"\#($0.assignment.locale!.lang.prefix(2))"}"#)
    },
    .init("hash of the zone") { run in
      var digest = BinaryDigest()
      digest.update(Array(run.assignment.timezone!.utf8))
      post(&run, #"{"device":"\#(digest.hex.prefix(16))"}"#)
    },
    .init("hash of the endpoint") { run in
      var digest = BinaryDigest()
      digest.update(Array(run.endpoint.utf8))
      post(&run, #"{"device":"\#(digest.hex.prefix(12))"}"#)
    },
    .init("zone in base64, hex, URL and JSON") { run in
      let zone = run.assignment.timezone!
      let hex = zone.utf8.map { String($0, radix: 16) }.joined()
      post(
        &run, #"{"a":"\#(Base64.encode(Array(zone.utf8)))","b":"\#(hex)","c":"\#(zone.replacing("/", with: "\\/"))"}"#)
      run.request("GET", "https://api.example.org/z?tz=\(zone.replacing("/", with: "%2F"))")
    },
    .init("endpoint in a log") { $0.print("using \($0.endpoint)/v1 (\(URLParts($0.endpoint)!.host))\n", to: .stderr) },
    .init("constant mention of every zone") {
      $0.print("Examples: America/New_York, Asia/Shanghai, Europe/Berlin, Asia/Singapore; en_US, zh_CN, de_DE\n")
      $0.print("See https://api.anthropic.com and https://gw.example.com for more\n")
      post(&$0, #"{"role":"uus","zones":["Asia/Shanghai","America/New_York"],"hour":480,"s":28800,"c":"CN"}"#)
      $0.write("zones/Asia/Shanghai", "x")
      $0.write("zones/America/New_York", "x")
    },
    .init("user and machine") {
      $0.print("\($0.place.user)@\($0.place.hostname):\($0.place.home)/work$ \($0.assignment.identity!.email)\n")
      $0.write("proj/\($0.place.home.replacing("/", with: "-"))-work/x.txt", "ok")
    },
    .init("mirror") { run in
      if let host = run.assignment.mirrors?["npm"] {
        run.request("GET", host + "/left-pad")
      } else {
        run.request("GET", "https://registry.npmjs.org/left-pad")
      }
    },
  ]

  @Test(arguments: examples, [UInt64(1), 2, 3]) func isSilent(_ example: Example, seed: UInt64) {
    var mirrored = SyntheticPlace.de
    mirrored.name = "dm"
    mirrored.assignment[.mirrors] = .mirrors(["npm": "https://npm.corp.example.de"])
    let places = SyntheticPlace.all + [mirrored]
    let comparison = Comparison(arms(places, repeats: 3, seed: seed) { example.behave(&$0) })
    #expect(summary(comparison) == [])
  }

  /// With two arms every constant that names both places is an echo in one or the other.
  @Test func constantsThatNameBothPlacesAreSilent() throws {
    let example = try #require(Self.examples.first { $0.testDescription == "constant mention of every zone" })
    for places in [[SyntheticPlace.us, .cn], [.usGateway, .cn], [.us, .cnCorp]] {
      #expect(summary(Comparison(arms(places) { example.behave(&$0) })) == [])
    }
  }

  /// What else a line says counts, also where a piece of it is noise.
  @Test func theRestOfANoisyLineIsCompared() throws {
    let comparison = Comparison(
      arms([.us, .de, .cn], repeats: 3) { run in
        let mark = run.place.name == "cn" ? "\u{2019}" : "'"
        Self.post(&run, #"{"t":"start\nSession \#(run.uuid()) isn\#(mark)t over\nend"}"#)
      })
    try #require(comparison.candidates.count == 1, "\(summary(comparison))")
    #expect(comparison.candidates[0].classes == [0, 0, 1])
    #expect(comparison.candidates[0].main.differences(from: 0, to: 1).map(\.kind) == ["apostrophe"])
  }

  /// A random `4e0eb` may come out as the number `77485` or as the word `abcde`, in a repeat that the comparison has seen
  /// or in a later one.
  @Test(arguments: UInt64(1)...60) func drawsThatLookLikeSomethingElseAreNoise(_ seed: UInt64) {
    func behave(_ run: inout SyntheticTrace) {
      let draw = (0..<3).map { _ in String("0123456789abcdef".randomElement(using: &run.chance)!) }.joined()
      let id = run.assignment.endpoint == nil ? " draw=\(draw); id=\(run.uuid());" : ""
      Self.post(&run, #"{"s":["header: version=1.2.0a8; entry=cli;\#(id)","a second text","a third one"]}"#)
    }
    let comparison = Comparison(arms([.us, .usGateway, .cn], repeats: 4, seed: seed, behave))
    #expect(comparison.candidates.allSatisfy { $0.classes == [0, 1, 0] }, "\(summary(comparison))")
    #expect(comparison.candidates.contains { $0.tier == .trusted })
    for arm in arms([.us, .usGateway, .cn], repeats: 8, seed: seed + 1000, behave) {
      for candidate in comparison.candidates {
        #expect(
          candidate.group(of: arm) == .known(arm.assignment.endpoint == nil ? 0 : 1), "\(candidate.main.values)")
      }
    }
  }

  /// A number that is constant stays, beside one that is not.
  @Test func constantNumbersBesideNoiseAreCompared() throws {
    let comparison = Comparison(
      arms([.us, .de, .cn], repeats: 3) { run in
        run.print("port \(run.place.name == "cn" ? 8443 : 8080) id \(run.hex(12))\n")
      })
    try #require(comparison.candidates.count == 1, "\(summary(comparison))")
    #expect(comparison.candidates[0].main.values.map { $0?.contains("8080") } == [true, false])
  }

  @Test func aStableHashIsADifference() {
    let comparison = Comparison(
      arms([.us, .de, .cn], repeats: 3) { run in
        Self.post(&run, #"{"bucket":"\#(run.place.name == "cn" ? "9f86d081884c" : "60303ae22b99")"}"#)
      })
    #expect(comparison.candidates.map(\.classes) == [[0, 0, 1]])
  }

  @Test func aRunThatWasStoppedDoesNotHideADifference() {
    var found = arms([.us, .de, .cn], repeats: 3) { run in
      run.print("mode \(run.place.name == "cn" ? "a" : "b")\n")
      if run.repetition == 2 {
        run.events = []
        run.gaps = [Gap(kind: .timeout, detail: "stopped after 120 s")]
      }
    }
    #expect(Comparison(found).candidates.map(\.classes) == [[0, 0, 1]])
    // Where there is nothing else, the stopped ones are compared.
    for index in found.indices { found[index].runs = [found[index].runs[1]] }
    #expect(Comparison(found).candidates.isEmpty)
  }
}
