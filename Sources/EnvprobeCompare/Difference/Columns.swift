/// The stretches in which the variants of a line differ, each lined up over all of them: a line in which two things vary
/// for two reasons is two differences.
struct Columns: Sendable {
  /// Less in common than this, and lining up says nothing.
  static let leastSimilarity = 0.3

  let reference: Text
  private let referenceTokens: Tokens
  /// In tokens of the reference, in order, apart from each other. An empty one is a place where others have more.
  let ranges: [Range<Int>]
  private let aligned: [Text: (tokens: Tokens, changes: [Alignment.Change])]

  /// `nil` where some variant has too little in common with the reference.
  init?(reference: Text, variants: Set<Text>) {
    let tokens = Tokens(reference.string, keepingPlaceholders: true)
    var aligned: [Text: (tokens: Tokens, changes: [Alignment.Change])] = [:]
    var ranges: [Range<Int>] = []
    for variant in variants where variant != reference {
      let other = Tokens(variant.string, keepingPlaceholders: true)
      guard tokens.similarity(to: other) >= Self.leastSimilarity else { return nil }
      let changes = Alignment(tokens.tokens, other.tokens).changes
      aligned[variant] = (other, changes)
      ranges += changes.map(\.before)
    }
    aligned[reference] = (tokens, [])
    ranges.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    var merged: [Range<Int>] = []
    for range in ranges {
      if let last = merged.last,
        range.lowerBound < last.upperBound || range == last
          || (range.lowerBound == last.upperBound && (range.isEmpty || last.isEmpty))
      {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    self.reference = reference
    referenceTokens = tokens
    self.ranges = merged
    self.aligned = aligned
  }

  /// What a variant has in a column.
  func text(of variant: Text, column: Int) -> String {
    let (tokens, changes) = aligned[variant]!
    return Self.extract(ranges[column], tokens, changes) ?? ""
  }

  /// What a line that was not among the variants has in a column; `nil` where it cannot be lined up there.
  func text(ofOther line: Text, column: Int) -> String? {
    if aligned[line] != nil { return text(of: line, column: column) }
    let tokens = Tokens(line.string, keepingPlaceholders: true)
    guard referenceTokens.similarity(to: tokens) >= Self.leastSimilarity else { return nil }
    return Self.extract(ranges[column], tokens, Alignment(referenceTokens.tokens, tokens.tokens).changes)
  }

  /// The reference with what the variant has in some of the columns: one difference apart from all others.
  func rendered(_ variant: Text, columns: [Int]) -> String {
    var result = ""
    var position = 0
    for column in columns {
      result += referenceTokens.text(position..<ranges[column].lowerBound)
      result += text(of: variant, column: column)
      position = ranges[column].upperBound
    }
    return result + referenceTokens.text(position..<referenceTokens.tokens.count)
  }

  private static func extract(_ range: Range<Int>, _ tokens: Tokens, _ changes: [Alignment.Change]) -> String? {
    var shiftBefore = 0
    var shiftThrough = 0
    for change in changes {
      let growth = change.after.count - change.before.count
      let crosses =
        (change.before.lowerBound < range.lowerBound && change.before.upperBound > range.lowerBound)
        || (change.before.lowerBound < range.upperBound && change.before.upperBound > range.upperBound)
      if crosses { return nil }
      let isBefore =
        change.before.upperBound <= range.lowerBound
        && !(change.before.isEmpty && change.before.lowerBound == range.lowerBound)
      if isBefore { shiftBefore += growth }
      if change.before.upperBound <= range.upperBound { shiftThrough += growth }
    }
    let start = range.lowerBound + shiftBefore
    let end = range.upperBound + shiftThrough
    guard start <= end, end <= tokens.tokens.count else { return nil }
    return tokens.text(start..<end)
  }
}
