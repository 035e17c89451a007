import EnvprobeModel

/// What a matrix means to do, for a person and as data.
public struct PlanReport: Sendable {
  private let plan: MatrixPlan

  public init(_ plan: MatrixPlan) { self.plan = plan }

  /// Schema `envprobe.plan/1`.
  public func json() throws -> String { try StableJSON.encode(plan) }

  public func text(options: TextOptions) -> String {
    var page = TextPage(options)
    let design = plan.design
    let factors = Quantity.list(design.factors.map { VisibleText.escape($0.name) })
    let assignments = Quantity.count(plan.profiles.count + design.assignments.count, "assignment")
    field(
      "plan",
      "\(VisibleText.escape(design.kind)): \(assignments)\(factors.isEmpty ? "" : " over \(factors)"), "
        + "\(Quantity.count(plan.runs.count, "run")) in mixed order, seed \(design.seed)", on: &page)
    if plan.further.quiet > 0 {
      field(
        "first",
        "\(plan.baseline) against itself until \(Quantity.count(plan.further.quiet, "run")) in a row bring nothing new: "
          + "\(plan.further.quiet + 1) to \(plan.further.settling) runs", on: &page)
    }
    field(
      "then",
      "where something differs, repeats of it and up to \(plan.further.assignments) further assignments for its cause",
      on: &page)
    field("time", time, on: &page)
    field("finds", design.detects, on: &page)
    field(
      "",
      "Seen with \(Int(design.power.confidence * 100)) % in an assignment: what shows in "
        + "\(Quantity.percent(design.power.fraction)) of its runs or more.", on: &page)
    field("misses", design.misses, on: &page)
    for (index, cut) in plan.cuts.enumerated() { field(index == 0 ? "cut" : "", VisibleText.escape(cut), on: &page) }
    if options.verbosity == .verbose {
      page.heading("ASSIGNMENTS", "what each changes against \(VisibleText.escape(plan.baseline))")
      guard let baseline = plan.profiles.first(where: { $0.name == plan.baseline }) else { return page.text }
      let all = plan.profiles + design.assignments
      let width = all.map(\.name.count).max()! + 2
      for assignment in all {
        let changed =
          assignment == baseline
          ? baseline.factors.factors : assignment.factors.differingFactors(from: baseline.factors)
        let levels = changed.map { "\($0.name) \(assignment.factors[$0]?.description ?? FindingText.unset)" }
        page.field(
          VisibleText.escape(assignment.name), VisibleText.escape(levels.joined(separator: " · ")), indent: 2,
          labelWidth: width)
      }
    }
    return page.text
  }

  private var time: String {
    guard let estimate = plan.estimate else {
      return "unknown: no run of this program with these arguments has been timed yet"
    }
    let basis =
      switch estimate.basis {
      case .stored: "as in earlier runs of it"
      case .probe: "as one run made just now"
      }
    let budget = plan.budget.map { ", within a budget of \(Quantity.seconds($0))" } ?? ""
    return "about \(Quantity.seconds(estimate.total)), \(plan.jobs) at a time, \(Quantity.seconds(estimate.run)) a run "
      + "\(basis)\(budget)"
  }

  private func field(_ label: String, _ text: String, on page: inout TextPage) {
    page.field(label, text, indent: 0, labelWidth: 8)
  }
}
