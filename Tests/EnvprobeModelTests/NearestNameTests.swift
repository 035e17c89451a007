import EnvprobeModel
import Testing

@Suite struct NearestNameTests {
  static let words: [(String, [String], String?)] = [
    ("timezne", ["timezone", "locale"], "timezone"),
    ("TIMEZONE", ["timezone"], "timezone"),
    ("zimetone", ["timezone"], "timezone"),
    ("itmezone", ["timezone"], "timezone"),
    ("cn-crop", ["cn", "cn-corp", "cn-proxy"], "cn-corp"),
    ("u", ["us", "cn"], "us"),
    ("", ["us"], nil),
    ("xy", ["us", "cn"], nil),
    ("us", [], nil),
    ("ab", ["ac", "aa"], "aa"),
  ]

  @Test(arguments: words.indices) func suggests(index: Int) {
    let (word, candidates, expected) = Self.words[index]
    #expect(nearestName(to: word, among: candidates) == expected)
  }
}
