import EnvprobeModel
import Testing

@testable import EnvprobeCompare

@Suite struct TextDifferenceTests {
  struct Example: CustomTestStringConvertible, Sendable {
    var before: String
    var after: String
    var kinds: [String]
    /// Of the first difference, `U+…` only.
    var codepoints: ([String], [String])
    var testDescription: String { "\(before.debugDescription) → \(after.debugDescription)" }

    init(_ before: String, _ after: String, _ kinds: String..., codes: ([String], [String])) {
      self.before = before
      self.after = after
      self.kinds = kinds
      codepoints = codes
    }
  }

  static let examples: [Example] = [
    .init("Today's date", "Today\u{2019}s date", "apostrophe", codes: (["U+0027"], ["U+2019"])),
    .init("Today's date", "Today\u{02BC}s date", "apostrophe", codes: (["U+0027"], ["U+02BC"])),
    .init("Today's date", "Today\u{02B9}s date", "apostrophe", codes: (["U+0027"], ["U+02B9"])),
    .init("a 'b' c", "a `b' c", "apostrophe", codes: (["U+0027"], ["U+0060"])),
    .init("say \"hi\"", "say \u{201C}hi\u{201D}", "quote", "quote", codes: (["U+0022"], ["U+201C"])),
    .init("on 2026-06-30.", "on 2026/06/30.", "date-separator", "date-separator", codes: (["U+002D"], ["U+002F"])),
    .init("30.06.2026", "30/06/2026", "date-separator", "date-separator", codes: (["U+002E"], ["U+002F"])),
    .init(
      "is <local-date:Y-m-d>.", "is <local-date:Y/m/d>.", "date-separator", "date-separator",
      codes: (["U+002D"], ["U+002F"])),
    .init("1-2", "1/2", "punctuation", codes: (["U+002D"], ["U+002F"])),
    .init("hello world", "hello\u{200B} world", "invisible", codes: ([], ["U+200B"])),
    .init("hello world", "hel\u{200D}lo world", "invisible", codes: ([], ["U+200D"])),
    .init("hello", "hello\u{FEFF}", "invisible", codes: ([], ["U+FEFF"])),
    .init("hello", "he\u{E0041}llo", "invisible", codes: ([], ["U+E0041"])),
    .init("hello", "hello\u{FE0F}", "invisible", codes: ([], ["U+FE0F"])),
    .init("abc", "a\u{202E}bc", "bidi-control", codes: ([], ["U+202E"])),
    .init("abc", "a\u{2066}bc", "bidi-control", codes: ([], ["U+2066"])),
    .init("line", "line ", "whitespace", codes: ([], ["U+0020"])),
    .init("a b", "a\u{A0}b", "whitespace", codes: (["U+0020"], ["U+00A0"])),
    .init("a b", "a  b", "whitespace", codes: ([], ["U+0020"])),
    .init("a b", "a\tb", "whitespace", codes: (["U+0020"], ["U+0009"])),
    .init("caf\u{E9}", "cafe\u{301}", "normalisation-NFC", codes: (["U+00E9"], ["U+0065", "U+0301"])),
    .init("and/or", "and\u{FF0F}or", "normalisation-NFKC", codes: (["U+002F"], ["U+FF0F"])),
    .init("file", "\u{FB01}le", "normalisation-NFKC", codes: (["U+0066", "U+0069"], ["U+FB01"])),
    .init("wait...", "wait\u{2026}", "normalisation-NFKC", codes: (["U+002E", "U+002E", "U+002E"], ["U+2026"])),
    .init("and/or", "and\u{2215}or", "confusable", codes: (["U+002F"], ["U+2215"])),
    .init("paypal", "p\u{430}ypal", "confusable", codes: (["U+0061"], ["U+0430"])),
    .init("Illinois", "lllinois", "confusable", codes: (["U+0049"], ["U+006C"])),
    .init("scope", "\u{455}cope", "confusable", codes: (["U+0073"], ["U+0455"])),
    .init("love", "l\u{3BF}ve", "confusable", codes: (["U+006F"], ["U+03BF"])),
    .init("no", "n\u{585}", "confusable", codes: (["U+006F"], ["U+0585"])),
    .init("no", "n\u{13A6}", "script-mix", codes: (["U+006E", "U+006F"], ["U+006E", "U+13A6"])),
    .init("5 km", "5 \u{339E}", "normalisation-NFKC", codes: (["U+006B", "U+006D"], ["U+339E"])),
    .init("x2", "x\u{B2}", "normalisation-NFKC", codes: (["U+0032"], ["U+00B2"])),
    .init("A", "\u{1D400}", "normalisation-NFKC", codes: (["U+0041"], ["U+1D400"])),
    .init("a - b", "a \u{2013} b", "dash", codes: (["U+002D"], ["U+2013"])),
    .init("a - b", "a \u{2212} b", "dash", codes: (["U+002D"], ["U+2212"])),
    .init("Content-Type: x", "content-type: x", "case", "case", codes: (["U+0043"], ["U+0063"])),
    .init("Hello, world", "Hello; world", "punctuation", codes: (["U+002C"], ["U+003B"])),
    .init("id 123", "id 124", "digits", codes: (["U+0031", "U+0032", "U+0033"], ["U+0031", "U+0032", "U+0034"])),
    .init(
      "red car", "blue car", "text", codes: (["U+0072", "U+0065", "U+0064"], ["U+0062", "U+006C", "U+0075", "U+0065"])),
    .init("", "x", "text", codes: ([], ["U+0078"])),
  ]

  @Test(arguments: examples) func classifies(_ example: Example) throws {
    let found = TextDifference.differences(example.before, example.after)
    #expect(found.map(\.kind) == example.kinds)
    let first = try #require(found.first)
    func codes(_ names: [String]) -> [String] { names.map { String($0.prefix { $0 != " " }) } }
    #expect(codes(first.codepoints.before) == example.codepoints.0)
    #expect(codes(first.codepoints.after) == example.codepoints.1)
    // The other way round it is the same difference.
    #expect(TextDifference.differences(example.after, example.before).map(\.kind) == example.kinds)
  }

  @Test func namesAndContext() throws {
    let difference = try #require(
      TextDifference.differences("It is Today's date now", "It is Today\u{2019}s date now").first)
    #expect(difference.codepoints.after == ["U+2019 RIGHT SINGLE QUOTATION MARK"])
    #expect(difference.prefix == "It is Today")
    #expect(difference.suffix == "s date now")
    #expect(TextDifference.differences("a", "a\u{7}").first?.codepoints.after == ["U+0007 <control>"])
  }

  @Test func equalBytesDoNotDiffer() { #expect(TextDifference.differences("é", "é").isEmpty) }

  /// What is taken out of the one and put in from the other gives the other.
  @Test func differencesExplainTheWholeChange() {
    var chance = SplitMix(seed: 11)
    let alphabet = Array("ab'’- /\u{200B}é1".unicodeScalars)
    func text() -> String {
      var view = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0..<30, using: &chance) { view.append(alphabet.randomElement(using: &chance)!) }
      return String(view)
    }
    for _ in 0..<500 {
      let (a, b) = (Array(text().unicodeScalars), Array(text().unicodeScalars))
      let changes = Alignment(a, b).changes
      var rebuilt: [Unicode.Scalar] = []
      var position = 0
      for change in changes {
        rebuilt += a[position..<change.before.lowerBound]
        rebuilt += b[change.after]
        position = change.before.upperBound
      }
      rebuilt += a[position...]
      #expect(rebuilt == b)
    }
  }

  @Test func scriptsAreKnown() {
    #expect(UnicodeData.script(of: "a") == "Latn")
    #expect(UnicodeData.script(of: "\u{430}") == "Cyrl")
    #expect(UnicodeData.script(of: "7") == "Zyyy")
    #expect(UnicodeData.script(of: "\u{10FFFD}") == "Zzzz")
    #expect(UnicodeData.mixesScripts("p\u{436}al"))
    #expect(!UnicodeData.mixesScripts("\u{6F22}\u{5B57}\u{304B}\u{306A} and Latin"))
    #expect(UnicodeTable.version.hasPrefix("Unicode "))
  }
}
