import EnvprobeModel
import Testing

@testable import EnvprobeReport

@Suite struct MarkedTextTests {
  static func difference(_ prefix: String, _ before: String, _ after: String, _ suffix: String) -> Finding.Difference {
    func names(_ text: String) -> [String] { text.unicodeScalars.map(VisibleText.codePoint) }
    return .init(
      kind: "text", before: before, after: after, prefix: prefix, suffix: suffix,
      codepoints: .init(before: names(before), after: names(after)))
  }

  static func shown(_ lines: [MarkedText], width: Int = 60) -> [String] {
    lines.flatMap { line in
      [line.before, line.after].map { $0.styled(width: width, style: .plain, color: false).plain }
    }
  }

  @Test func findsTheWholeTextAgain() {
    let lines = MarkedText.lines(
      [Self.difference("s ", "x", "yy", " e")], before: "this is x end", after: "this is yy end", room: 40)
    #expect(Self.shown(lines) == ["this is ⟦x⟧ end", "this is ⟦yy⟧ end"])
  }

  @Test func joinsWhatStandsCloseTogether() {
    let differences = [Self.difference("Y", "-", "/", "m-d"), Self.difference("Y-m", "-", "/", "d")]
    let lines = MarkedText.lines(differences, before: "on Y-m-d.", after: "on Y/m/d.", room: 40)
    #expect(Self.shown(lines) == ["on Y⟦-⟧m⟦-⟧d.", "on Y⟦/⟧m⟦/⟧d."])
    #expect(lines.map(\.names.before) == [["U+002D"]])
  }

  @Test func keepsApartWhatStandsFarApart() {
    let gap = String(repeating: "-", count: 50)
    let differences = [Self.difference("", "a", "b", "-"), Self.difference("-", "a", "b", "")]
    let lines = MarkedText.lines(differences, before: "a\(gap)a", after: "b\(gap)b", room: 40)
    #expect(Self.shown(lines, width: 12) == ["⟦a⟧--------…", "⟦b⟧--------…", "…--------⟦a⟧", "…--------⟦b⟧"])
  }

  /// The context of a difference need not be in the values: then it stands for itself.
  @Test(arguments: [(nil, nil), ("p", "q"), ("1x2", "1z2"), ("", "")] as [(String?, String?)])
  func showsADifferenceAloneOtherwise(before: String?, after: String?) {
    let lines = MarkedText.lines([Self.difference("1", "x", "y", "2")], before: before, after: after, room: 40)
    #expect(Self.shown(lines) == ["1⟦x⟧2", "1⟦y⟧2"])
  }

  @Test func namesWhatIsNoPlainLetter() {
    func names(_ before: String, _ after: String) -> [[String]] {
      let line = MarkedText(Self.difference("", before, after, ""))
      return [line.names.before, line.names.after]
    }
    #expect(names("en", "ja") == [[], []])
    #expect(names("a", "\u{430}") == [["U+0061"], ["U+0430"]])
    #expect(names("", "\u{200B}") == [["(nothing)"], ["U+200B"]])
    #expect(names("abcdé", "") == [[], []])
  }

  @Test func showsALineOfALongBody() {
    let noise = String(repeating: "x’", count: 50_000)
    let elapsed = ContinuousClock().measure {
      let lines = MarkedText.lines(
        [Self.difference("<", "a", "b", ">")], before: noise + "<a>" + noise, after: noise + "<b>" + noise, room: 40)
      let side = lines[0].before.styled(width: 20, style: .plain, color: false)
      #expect(side.width <= 20)
      #expect(side.plain.contains("<⟦a⟧>"))
    }
    #expect(elapsed < .seconds(20))
  }

  @Test func namesASpaceThatComesAlone() {
    func names(_ before: String, _ after: String) -> [[String]] {
      let line = MarkedText(Self.difference("a", before, after, "b"))
      return [line.names.before, line.names.after]
    }
    #expect(names("", " ") == [["(nothing)"], ["U+0020"]])
    #expect(names("  ", "") == [["U+0020"], ["(nothing)"]])
    #expect(names("a a", "aa") == [[], []], "among words it needs no name")
  }
}
