import EnvprobeModel

/// The conclusion in a word and a sentence.
struct VerdictText {
  var word: String
  var sentence: String

  init(_ report: Report) {
    let unexplained = report.openFindings.filter { $0.verdict == .unexplained }
    let deciding = unexplained.filter { report.decides($0) && $0.class != .presence }.count
    let presence = unexplained.filter { $0.class == .presence }
    let between = "between \(Self.presence(presence))"
    let accepted = report.acceptedFindings.count
    let acceptedWords = accepted == 0 ? nil : "\(accepted) accepted by the baseline"
    let asides = [presence.isEmpty ? nil : "\(presence.count) more \(between)", acceptedWords].compactMap { $0 }
    let aside = asides.isEmpty ? "" : " (\(asides.joined(separator: "; ")))"
    switch report.conclusion {
    case .different:
      word = "Different"
      sentence =
        deciding > 0
        ? "\(Quantity.count(deciding, "difference")) that only some places see\(aside)"
        : "\(Quantity.count(presence.count, "difference")) \(between)" + (acceptedWords.map { " (\($0))" } ?? "")
    case .same:
      word = "Same"
      sentence = "no difference between places that the profiles do not explain\(aside)"
    case .inconclusive:
      word = "Inconclusive"
      let incomplete = report.runs.filter { !$0.complete }.count
      let reason =
        incomplete > 0
        ? "\(incomplete) of \(Quantity.count(report.runs.count, "run")) left gaps in the evidence"
        : "the evidence does not decide"
      let open = report.openFindings.filter { $0.verdict == .inconclusive }.count
      let seen =
        deciding > 0
        ? "\(Quantity.count(deciding, "difference")) in what was seen"
        : open > 0
          ? Quantity.count(open, "difference is undecided", plural: "differences are undecided")
          : "no difference in what was seen"
      sentence = "\(reason); \(seen)"
    }
  }

  /// `a set and an unset endpoint`
  private static func presence(_ findings: [Finding]) -> String {
    let factors = Set(findings.flatMap { $0.causes.flatMap { $0 } }).sorted().map { VisibleText.escape($0.name) }
    return factors.isEmpty ? "set and unset values" : "a set and an unset \(Quantity.list(factors, "or"))"
  }
}
