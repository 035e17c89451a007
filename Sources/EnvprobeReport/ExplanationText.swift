import EnvprobeModel

/// The way to a finding, for a person at a terminal.
public struct ExplanationText: Sendable {
  private let explanation: FindingExplanation
  private let options: TextOptions

  public init(_ explanation: FindingExplanation, options: TextOptions = TextOptions()) {
    self.explanation = explanation
    self.options = options
  }

  public var text: String {
    var page = TextPage(options)
    page.paragraph(FindingText(explanation.finding).title, style: .strong)
    writeSides(on: &page)
    writeRules(on: &page)
    writeCauses(on: &page)
    for (index, command) in explanation.finding.reproduce.enumerated() {
      if index == 0 { page.heading("REPRODUCE") }
      page.command(command, label: index == 0 ? "before" : "after", indent: 2, labelWidth: 10)
    }
    if !explanation.remarks.isEmpty {
      page.heading("REMARKS")
      for remark in explanation.remarks { page.paragraph(VisibleText.escape(remark), first: "  ", indent: 2) }
    }
    return page.text
  }

  private func writeSides(on page: inout TextPage) {
    page.heading(
      "COMPARED",
      "\(Quantity.count(explanation.runs, "run")) under \(Quantity.count(explanation.assignments, "assignment")), "
        + "each \(Quantity.count(explanation.repeats, "time")) or more")
    for (label, side) in [("before", explanation.before), ("after", explanation.after)] where !side.runs.isEmpty {
      page.field(label, side.text.map(VisibleText.escape) ?? "nothing", indent: 2, labelWidth: 10)
      page.field(
        "", "in \(side.assignments.joined(separator: ", ")) (\(Self.list(side.runs)))", indent: 2, labelWidth: 10,
        style: .faint)
    }
    for difference in explanation.finding.differences {
      let points = { (points: [String]) in points.isEmpty ? "nothing" : points.joined(separator: " ") }
      page.field(
        "", "\(difference.kind): \(points(difference.codepoints.before)) became \(points(difference.codepoints.after))",
        indent: 2, labelWidth: 10)
    }
  }

  private func writeRules(on page: inout TextPage) {
    guard !explanation.rules.isEmpty else { return }
    page.heading("RULES TRIED", "none makes both sides the same")
    let width = (explanation.rules.map(\.rule.count).max() ?? 0) + 2
    for rule in explanation.rules {
      let outcome =
        switch rule.outcome {
        case .accounts: "makes both sides the same: \(rule.replaced.joined(separator: ", "))"
        case .notEnough: "replaces \(rule.replaced.joined(separator: ", ")), and the rest still differs"
        case .nothingFound: "neither side holds \(rule.summary)"
        case .comparesAllRuns: "weighed over all runs, it does not hold: \(rule.summary)"
        }
      page.field(rule.rule, VisibleText.escape(outcome), indent: 2, labelWidth: width)
    }
  }

  private func writeCauses(on page: inout TextPage) {
    for cause in explanation.causes {
      page.heading("CAUSE", cause.factors.map(\.name).joined(separator: " + "))
      for step in cause.steps {
        let factors = step.factors.isEmpty ? "nothing" : step.factors.map(\.name).joined(separator: ", ")
        let what =
          switch step.purpose {
          case .sufficient: "the other side's \(factors) alone"
          case .minimal: "only \(factors)"
          case .necessary: "the other side's \(factors)"
          }
        page.field(
          step.purpose.rawValue, "\(what): \(Self.words(step.shown)) (\(Self.list(step.runs)))", indent: 2,
          labelWidth: 12)
      }
    }
  }

  private static func words(_ shown: FindingExplanation.Step.Shown) -> String {
    switch shown {
    case .before: "as before"
    case .after: "the difference is there"
    case .another: "something else"
    case .unstable: "the runs disagree"
    case .nothing: "not tried"
    }
  }

  private static func list(_ runs: [String]) -> String {
    if runs.isEmpty { return "no runs" }
    return runs.count <= 6
      ? runs.joined(separator: ", ") : runs.prefix(5).joined(separator: ", ") + " and \(runs.count - 5) more"
  }
}

extension FindingExplanation {
  /// As JSON, schema `envprobe.explanation/1`, with its keys in alphabetical order.
  public func jsonText() throws -> String { try StableJSON.encode(self) }
}
