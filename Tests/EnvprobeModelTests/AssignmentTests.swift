import EnvprobeModel
import Foundation
import Testing

@Suite struct AssignmentTests {
  @Test(arguments: ProfileTests.awkward) func writtenAndReadBackIsTheSame(assignment: Assignment) throws {
    #expect(try JSONDecoder().decode(Assignment.self, from: JSONEncoder().encode(assignment)) == assignment)
  }

  @Test func isAnObjectFromFactorNamesToLevels() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let assignment = Assignment([
      .timezone: .timezone("UTC"), .proxy: .proxy(.init(url: "http://p.example:1")), .variable("X"): .variable("1"),
      .network: .network(.init(address: "10.0.0.1", publicAddress: "1.2.3.4", country: "CN")),
    ])
    #expect(
      String(decoding: try encoder.encode(assignment), as: UTF8.self) == """
        {"env.X":"1","network":{"address":"10.0.0.1","country":"CN","public_address":"1.2.3.4"},\
        "proxy":"http://p.example:1","timezone":"UTC"}
        """)
  }

  @Test func refusesAnUnknownFactor() {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Assignment.self, from: Data(#"{"timezne":"UTC"}"#.utf8))
    }
  }

  @Test func tellsInWhatItDiffers() {
    let a = Assignment([.timezone: .timezone("UTC"), .clock: .clock("x"), .variable("B"): .variable("1")])
    let b = Assignment([.timezone: .timezone("UTC"), .endpoint: .endpoint("x"), .variable("B"): .variable("2")])
    #expect(a.differingFactors(from: b) == [.endpoint, .clock, .variable("B")])
    #expect(b.differingFactors(from: a) == [.endpoint, .clock, .variable("B")])
    #expect(a.differingFactors(from: a).isEmpty)
    let mixed = a.taking([.endpoint, .clock], from: b)
    #expect(mixed.factors == [.timezone, .endpoint, .variable("B")])
    #expect(mixed.variables == ["B": "1"])
    #expect(a.taking(a.differingFactors(from: b), from: b) == b)
  }

  static let descriptions: [(Level, String)] = [
    (.timezone("UTC"), "UTC"),
    (.locale(.init(lang: "C", overrides: ["LC_TIME": "x", "LANGUAGE": "y"])), "C LANGUAGE=y LC_TIME=x"),
    (.proxy(.init(url: "http://p:1")), "http://p:1"),
    (.proxy(.init()), ""),
    (.proxy(.init(https: "http://p:1", noProxy: ["a", "b"])), "https_proxy=http://p:1 no_proxy=a,b"),
    (.resolver(.init(nameservers: ["1.1.1.1"], search: ["a.example"])), "1.1.1.1 a.example"),
    (.mirrors(["pip": "b", "npm": "a"]), "npm=a pip=b"),
    (.identity(.init(user: "wei", name: "Wei Lin", email: "w@x")), "wei (Wei Lin <w@x>)"),
    (.network(.init(address: "a", publicAddress: "b", country: "CN")), "a b CN"),
  ]

  @Test(arguments: descriptions.indices) func describesALevelInOneLine(index: Int) {
    #expect(Self.descriptions[index].0.description == Self.descriptions[index].1)
  }
}
