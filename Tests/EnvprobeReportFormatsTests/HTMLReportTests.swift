import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeReport

@Suite struct HTMLReportTests {
  static let page = HTMLReport(Samples.agent, traces: SampleTraces.all).text

  @Test func fetchesNothing() {
    let page = Self.page
    #expect(page.contains("default-src 'none'"))
    for attribute in ["src=", "href=\"http", "url(", "@import", "<link", "<base", "<iframe", "<form"] {
      #expect(!page.contains(attribute), "\(attribute)")
    }
    // Its only elements that could run are the ones whose hash the policy has.
    #expect(page.components(separatedBy: "<script>").count == 2)
    #expect(page.components(separatedBy: "<style>").count == 2)
    #expect(!page.contains(" style="))
  }

  @Test func leavesNothingOfTheProgramAsMarkup() throws {
    let page = HTMLReport(HostileSamples.report, traces: [HostileSamples.trace]).text
    #expect(page.components(separatedBy: "<script>").count == 2)
    let markupEnd = try #require(page.firstRange(of: "<script type=\"application/json\""))
    let shown = page[..<markupEnd.lowerBound]
    for markup in ["<img", "<svg onload", "</style><style", "<x xmlns", "<\u{338}", "\"\u{301}"] {
      // Not as characters: that is how the escape by characters was fooled.
      #expect(shown.utf8.firstRange(of: markup.utf8) == nil, "\(markup)")
    }
    #expect(page.contains("&lt;/script&gt;&lt;script&gt;"))
    #expect(page.contains("{{word}}{{{sha256}}}"), "braces of the program are no template")
  }

  @Test(arguments: [2_000_000, 400_000, 120_000])
  func keepsToItsSize(_ limit: Int) {
    let page = HTMLReport(
      LargeSample.report, traces: Array(LargeSample.traces.prefix(8)), options: .init(sizeLimit: limit)
    ).text
    // What is always there is the page itself and its findings.
    #expect(page.utf8.count <= max(limit, 600_000), "\(page.utf8.count)")
    if limit < 1_000_000 { #expect(page.contains("did not fit") || page.contains("are on this page")) }
  }

  @Test func bearsAThousandRunsAndTenThousandPlaces() {
    let page = HTMLReport(LargeSample.report, traces: LargeSample.traces).text
    #expect(page.utf8.count <= 10_000_000)
    #expect(page.contains("1,000"))
  }

  @Test func cutsABodyBetweenCharacters() {
    let block = BodyBlock(sha256: "0", bytes: Array("aé".utf8), limit: 2)
    #expect(block.text == "a")
    #expect(block.cut)
    #expect(BodyBlock(sha256: "0", bytes: [0xFF, 0x00], limit: 2).hex == "ff00")
  }

  @Test func marksEveryDifferenceInTheWholeValue() throws {
    let lines = SideBySide.lines(Samples.separator, context: 100)
    let sides = try #require(lines.first)
    #expect(lines.count == 1)
    #expect(sides.before.components(separatedBy: "<mark>").count == 3)
    #expect(sides.after.contains("SOLIDUS"))
    #expect(!sides.after.contains("HYPHEN-MINUS"))
    #expect(SideBySide.lines(Samples.invisible, context: 100).count == 2, "each alone, where the values are not known")
  }

  @Test func cutsWhatIsFarFromADifference() throws {
    let far = String(repeating: "\u{4E2D}", count: 500)
    var finding = Samples.apostrophe
    finding.locations[0].before = far + "Today's date is <local-date:Y-" + far
    finding.locations[0].after = far + "Today\u{2019}s date is <local-date:Y-" + far
    let sides = try #require(SideBySide.lines(finding, context: 40).first)
    for side in [sides.before, sides.after] {
      #expect(side.components(separatedBy: "…").count == 3)
      #expect(!side.contains("\u{FFFD}"))
      #expect(side.count < 500)
    }
  }

  @Test(arguments: [
    (UInt32(0x200B), "ZWSP"), (0xA0, "NBSP"), (0x1B, "␛"), (0x09, "⇥"), (0x202E, "RLO"), (0xFE0F, "VS16"),
    (0xE0041, "TAG A"), (0x2063, "U+2063"),
  ])
  func showsWhatIsNotSeen(_ value: UInt32, _ glyph: String) throws {
    let scalar = try #require(Unicode.Scalar(value))
    #expect(Glyph.standIn(for: scalar) == glyph)
  }

  @Test func carriesCombiningMarks() {
    var text = MarkedHTML()
    text.append(marked: "\u{301}")
    #expect(text.html.contains("\u{25CC}\u{301}"))
    #expect(text.html.contains("U+0301 COMBINING ACUTE ACCENT"))
  }

  @Test func placesAssignmentsByWhatTheyShow() {
    let heatmap = Heatmap(Samples.agent, findings: Samples.agent.numberedFindings)
    let letters = Dictionary(uniqueKeysWithValues: heatmap.rows.map { ($0.name, $0.behaviours.map(\.letter).joined()) })
    #expect(
      letters == [
        "us": "AAA", "us-gateway": "AAB", "sg-gateway": "AAB", "cn": "AAA", "cn-gateway": "BAB", "cn-corp": "BBB",
        "x01": "ABB",
      ])
    #expect(heatmap.rows.first?.isBaseline == true)
    #expect(heatmap.factors == ["timezone", "locale", "hostname", "endpoint", "resolver"])
    #expect(heatmap.remarks == ["The same in every row: clock 2026-06-30T04:00:00Z."])
  }

  @Test func choosesTheClosestPairOfProfiles() {
    let card = FindingCard(Samples.apostrophe, number: 1, in: Samples.agent, excerpt: 100)
    #expect(card.left == "cn-gateway")
    #expect(card.right == "cn-corp")
  }
}
