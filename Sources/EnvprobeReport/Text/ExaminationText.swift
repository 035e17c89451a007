import EnvprobeModel

/// What a host can do for envprobe, for people: what works in a line each, what does not with its cost and its remedy,
/// and the verdict last, where the eye rests.
public struct ExaminationText: Sendable {
  private let examination: Examination

  public init(_ examination: Examination) { self.examination = examination }

  public func text(options: TextOptions = TextOptions()) -> String {
    var page = TextPage(options)
    page.paragraph(examination.host, first: StyledText(examination.tool, .strong) + "  ", style: .faint)
    let width = (examination.checks.map { DisplayWidth.of($0.title) }.max() ?? 0) + 2
    for area in Examination.Check.Area.allCases {
      let checks = shown(examination.checks.filter { $0.area == area }, options: options)
      if checks.isEmpty { continue }
      page.heading(area.title)
      for check in checks { write(check, width: width, on: &page) }
    }
    page.gap()
    writeVerdict(on: &page)
    return page.text
  }

  public func json() throws -> String { try StableJSON.encode(examination) }

  private func shown(_ checks: [Examination.Check], options: TextOptions) -> [Examination.Check] {
    switch options.verbosity {
    case .quiet: checks.filter { $0.status == .missing || $0.status == .limited }
    case .normal: checks.filter { $0.status != .unneeded || $0.area != .settings }
    case .verbose: checks
    }
  }

  private func write(_ check: Examination.Check, width: Int, on page: inout TextPage) {
    let mark: StyledText =
      switch check.status {
      case .works: StyledText("✓", .good)
      case .limited: StyledText("!", .caution)
      case .missing: check.isRequired ? StyledText("✗", .bad) : StyledText("!", .caution)
      case .unneeded: StyledText("–", .faint)
      }
    let isFine = check.status == .works || check.status == .unneeded
    let title = StyledText(check.title, isFine ? .plain : .strong)
    page.paragraph(
      check.evidence, first: "  " + mark + " " + title.padded(to: width), style: isFine ? .faint : .plain)
    if let cost = check.cost { page.field("costs", cost, indent: 6, labelWidth: 8) }
    if let remedy = check.remedy { page.field("enable", remedy, indent: 6, labelWidth: 8, style: .strong) }
  }

  private func writeVerdict(on page: inout TextPage) {
    let missing = examination.checks.filter(\.isBlocking)
    let lesser = examination.checks.filter { !$0.isBlocking && ($0.status == .missing || $0.status == .limited) }
    let remark = lesser.isEmpty ? "" : "; \(Quantity.list(lesser.map(\.title))) could be better"
    guard !missing.isEmpty else {
      return page.paragraph(
        "everything that the default level needs works here\(remark).", first: StyledText("Ready:", .good) + " ",
        indent: 0)
    }
    page.paragraph(
      "the default level needs \(Quantity.list(missing.map(\.title)))\(remark).",
      first: StyledText("Not ready:", .bad) + " ", indent: 0)
  }
}
