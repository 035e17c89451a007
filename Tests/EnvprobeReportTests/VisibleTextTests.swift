import Testing

@testable import EnvprobeReport

@Suite struct VisibleTextTests {
  static let texts: [(String, String)] = [
    ("plain ~ text\\n", "plain ~ text\\n"), ("", ""), ("’é中𝒳🙂", "’é中𝒳🙂"),
    ("a\nb\tc\r", "a⟨LF⟩b⟨TAB⟩c⟨CR⟩"), ("\u{1B}[31m", "⟨ESC⟩[31m"), ("\u{0}\u{7F}\u{85}", "⟨NUL⟩⟨DEL⟩⟨U+0085⟩"),
    ("\u{200B}\u{FEFF}\u{AD}", "⟨U+200B⟩⟨U+FEFF⟩⟨U+00AD⟩"), ("\u{202E}\u{2066}", "⟨U+202E⟩⟨U+2066⟩"),
    ("\u{A0}\u{3000}", "⟨U+00A0⟩⟨U+3000⟩"), ("e\u{301}", "e\u{301}"), ("\u{FE0F}\u{E0041}", "⟨U+FE0F⟩⟨U+E0041⟩"),
    ("\u{115F}\u{3164}", "⟨U+115F⟩⟨U+3164⟩"), ("\u{E000}", "⟨U+E000⟩"),
  ]

  @Test(arguments: texts.indices) func showsWhatIsHidden(index: Int) {
    #expect(VisibleText.escape(Self.texts[index].0) == Self.texts[index].1)
    #expect(VisibleText.escape(Self.texts[index].1) == Self.texts[index].1)
  }

  static let widths: [(String, Int)] = [
    ("", 0), ("abc", 3), ("中文", 4), ("e\u{301}", 1), ("⟨ESC⟩", 5), ("…", 1), ("ﾊ", 1), ("Ａ", 2),
  ]

  @Test(arguments: widths.indices) func countsCells(index: Int) {
    #expect(DisplayWidth.of(Self.widths[index].0) == Self.widths[index].1)
  }

  @Test(arguments: ["", "a", "hello world", "中文字符中文字符", "e\u{301}e\u{301}e\u{301}e\u{301}"], 2...12)
  func cutsToWidth(text: String, width: Int) {
    for cut in [DisplayWidth.truncate(text, to: width), DisplayWidth.truncateStart(text, to: width)] {
      #expect(DisplayWidth.of(cut) <= width)
      #expect((cut == text) == (DisplayWidth.of(text) <= width))
    }
  }
}

@Suite struct QuantityTests {
  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9949, "9.9 kB"), (9950, "10 kB"), (999_499, "999 kB"),
    (999_500, "1.0 MB"), (212_000_000, "212 MB"),
  ])
  func bytes(number: Int, text: String) { #expect(Quantity.bytes(number) == text) }

  @Test(arguments: [
    (0, "0 ms"), (0.0031, "3 ms"), (0.0994, "99 ms"), (0.1, "0.10 s"), (1.2134, "1.21 s"), (9.99, "9.99 s"),
    (12.4, "12 s"), (59.9, "1 min 0 s"), (125, "2 min 5 s"),
  ])
  func seconds(value: Double, text: String) { #expect(Quantity.seconds(value) == text) }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000")])
  func grouped(number: Int, text: String) { #expect(Quantity.grouped(number) == text) }

  @Test func lists() {
    #expect(Quantity.list([]) == "")
    #expect(Quantity.list(["a"]) == "a")
    #expect(Quantity.list(["a", "b"], "or") == "a or b")
    #expect(Quantity.list(["a", "b", "c"]) == "a, b and c")
    #expect(Quantity.count(1, "process", plural: "processes") == "1 process")
    #expect(Quantity.count(1200, "process", plural: "processes") == "1,200 processes")
  }
}
