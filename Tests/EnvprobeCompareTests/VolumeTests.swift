import EnvprobeModel
import Testing

@testable import EnvprobeCompare

/// As much as real agents leave behind: bodies of 200 KB, nested telemetry, thousands of events.
@Suite struct VolumeTests {
  static func behave(_ run: inout SyntheticTrace) {
    let isChina = run.assignment.timezone == "Asia/Shanghai"
    let isCustom = run.assignment.endpoint != nil
    var prompt = (0..<900).map { index in
      "Line \(index): the quick brown fox of \(index % 37) jumps over the lazy dog; see section \(index * 7) for more."
    }
    prompt[400] = "Today\(isChina ? "\u{2019}" : "'")s date is \(run.date(isChina && isCustom ? "/" : "-"))."
    prompt[500] = "Session \(run.uuid()) in \(run.place.home)/work"
    let tools = (0..<(isCustom ? 30 : 24)).map { index in
      let text = (0..<40).map { "Tool \(index) does \($0) things for \(isCustom ? "them" : "you"). " }.joined(
        separator: "\\n")
      return #"{"name":"tool\#(index)","description":"\#(text)","schema":{"type":"object","required":["a","b"]}}"#
    }
    run.request(
      "POST", run.endpoint + "/v1/messages",
      headers: [("Content-Type", "application/json"), ("X-Request-Id", run.uuid())],
      body: #"{"model":"m","system":[{"type":"text","text":\#(ComparisonTests.json(prompt.joined(separator: "\n")))}],"#
        + #""tools":[\#(tools.joined(separator: ","))],"metadata":{"user_id":"\#(run.hex(64))"}}"#)
    let events = (0..<400).map { index in
      let inner =
        #"{"rss":\#(run.chance.next() % 99_999_999),"cpu":\#(run.chance.next() % 1000),"session":"\#(run.uuid())"}"#
      return #"{"event_type":"x","event_data":{"event_name":"event_\#(index % 60)","time":"\#(run.start + index)","#
        + #""metadata":"\#(Base64.encode(Array(inner.utf8)))","id":"\#(run.uuid())"}}"#
    }
    run.request("POST", "https://telemetry.example.org/batch", body: #"{"events":[\#(events.joined(separator: ","))]}"#)
    for index in 0..<5000 {
      run.events.append(
        .syscall(
          .init(
            name: ["openat", "newfstatat", "readlink", "access", "statx"][index % 5],
            arguments: [.path(.complete(ByteString("/usr/lib/x/\(index % 700)/\(run.hex(1)).so".utf8)))])))
    }
  }

  static let places: [SyntheticPlace] = [.us, .usGateway, .de, .sg, .sgGateway, .cn, .cnGateway]

  @Test func findsTheOneByte() throws {
    let comparison = Comparison(arms(Self.places, repeats: 2, Self.behave))
    let trusted = comparison.candidates.filter { $0.tier == .trusted }
    #expect(trusted.map(\.classes).contains([0, 0, 0, 0, 0, 1, 1]))
    #expect(trusted.map(\.classes).contains([0, 0, 0, 0, 0, 0, 1]))
    #expect(trusted.map(\.classes).contains([0, 1, 0, 0, 1, 0, 1]))
    #expect(trusted.count == 3, "\(trusted.map { ($0.classes, $0.main.place.location, $0.main.values) })")
    #expect(trusted[0].main.differences(from: 0, to: 1).first?.kind == "apostrophe")
  }
}
