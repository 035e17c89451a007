/// Text in GitHub-flavoured Markdown.
///
/// What comes from the program under audit stands in code only: there a mention calls nobody, a link leads nowhere and
/// HTML is text. Code is closed by as many backticks as nothing inside has.
enum MarkdownText {
  /// A code span. In a cell of a table even there a bar has to be escaped.
  static func code(_ text: String, inTable: Bool = false) -> String {
    var shown = VisibleText.escape(text)
    if shown.isEmpty { return "*empty*" }
    if inTable { shown = shown.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") }
    let fence = String(repeating: "`", count: longestRun(of: "`", in: shown) + 1)
    // A space that stands at both ends is taken away again (CommonMark 0.31, section 6.1).
    let pad = shown.hasPrefix("`") || shown.hasSuffix("`") || (shown.hasPrefix(" ") && shown.hasSuffix(" ")) ? " " : ""
    return fence + pad + shown + pad + fence
  }

  /// A block of code. The lines are escaped here.
  static func block(_ lines: [String], language: String) -> String {
    let shown = lines.map(VisibleText.escape)
    let longest = shown.map { longestRun(of: "`", in: $0) }.max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return ([fence + language] + shown + [fence]).joined(separator: "\n")
  }

  /// A sentence. Words to which Markdown, HTML or GitHub could give a meaning become code; references would not do,
  /// because mentions are looked for after they are resolved.
  static func plain(_ text: String, inTable: Bool = false) -> String {
    VisibleText.escape(text).split(separator: " ", omittingEmptySubsequences: true)
      .map { word in
        if isOrdinary(word) { return String(word) }
        // A comma after the word is the sentence's.
        let end = word.last.map { ",.;:".contains($0) } == true ? 1 : 0
        return code(String(word.dropLast(end)), inTable: inTable) + word.suffix(end)
      }.joined(separator: " ")
  }

  private static func isOrdinary(_ word: Substring) -> Bool {
    let lowered = word.lowercased()
    if lowered.contains("://") || lowered.contains("www.") || lowered.hasPrefix("gh-") { return false }
    // A long hexadecimal number is taken for a commit.
    if word.count >= 7, word.allSatisfy(\.isHexDigit) { return false }
    return word.unicodeScalars.allSatisfy { scalar in
      !scalar.isASCII || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || ",.;:()/-'%".unicodeScalars.contains(scalar)
    } && !word.hasPrefix("-")
  }

  private static func longestRun(of character: Unicode.Scalar, in text: String) -> Int {
    var longest = 0
    var current = 0
    for scalar in text.unicodeScalars {
      current = scalar == character ? current + 1 : 0
      longest = max(longest, current)
    }
    return longest
  }
}
