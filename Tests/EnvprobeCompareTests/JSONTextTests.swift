import Testing

@testable import EnvprobeCompare

@Suite struct JSONTextTests {
  static func parse(_ text: String) -> JSONText.Document? { JSONText.parse(Array(text.utf8)) }

  @Test func keepsOrderDuplicatesAndNumbers() throws {
    let document = try #require(Self.parse(#"{"b":1.50,"a":[true,null],"b":"x\ny"}"#))
    guard case .object(let members) = document.root else {
      Issue.record("no object")
      return
    }
    #expect(members.map(\.key) == ["b", "a", "b"])
    guard case .literal("1.50") = members[0].value, case .string("x\ny") = members[2].value else {
      Issue.record("\(members)")
      return
    }
    #expect(document.syntax == "compact")
  }

  @Test(arguments: [
    (#"{"a": 1}"#, "spaced ' '"), ("{\n  \"a\": 1\n}", "indented by 2, spaced ' '"),
    (#"{"a":"\/"}"#, #"escaped \/"#), (#"{"a":"\u2019"}"#, "escaped non-ASCII"),
    (#"{"a":"\u0061"}"#, #"escaped \u0061"#),
    ("\n{}\n", "compact"),
  ]) func tellsHowItIsWritten(_ text: String, _ syntax: String) {
    #expect(Self.parse(text)?.syntax == syntax)
  }

  @Test(arguments: [
    "", "{", "{}x", "{\"a\"}", "{\"a\":}", "[1,]", "nul", "01x", "\"\u{1}\"", #""\x""#, #""\u12"#, "[[", "{a:1}", "NaN",
  ]) func refusesWhatIsNot(_ text: String) { #expect(Self.parse(text) == nil) }

  @Test func depthIsLimited() { #expect(Self.parse(String(repeating: "[", count: 100_000)) == nil) }

  @Test func surrogates() {
    guard case .string("😀")? = Self.parse(#""\ud83d\ude00""#)?.root else {
      Issue.record("pair")
      return
    }
    guard case .string(#"\ud83dx"#)? = Self.parse(#""\ud83dx""#)?.root else {
      Issue.record("half")
      return
    }
  }

  @Test func neverCrashesOnForeignBytes() {
    var chance = SplitMix(seed: 5)
    let alphabet = Array(#"{}[]",:\u01aé "#.utf8) + [0xFF, 0xC3, 0x00]
    for _ in 0..<5000 {
      let bytes = (0..<Int.random(in: 0..<40, using: &chance)).map { _ in alphabet.randomElement(using: &chance)! }
      _ = JSONText.parse(bytes)
      _ = String(escapingInvalid: bytes)
    }
  }

  @Test func invalidBytesStayApart() {
    #expect(String(escapingInvalid: [0x61, 0xFF, 0x62] as [UInt8]) == "a\\xffb")
    #expect(String(escapingInvalid: [0x61, 0xFE, 0x62] as [UInt8]) == "a\\xfeb")
    #expect(String(escapingInvalid: [0xC3, 0xA9] as [UInt8]) == "é")
  }
}
