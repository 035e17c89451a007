import EnvprobeModel

/// What one run did, on one screen, for the end of `envprobe run`.
public struct RunSummary: Sendable {
  private let listing: TraceListing
  private let bundle: String?

  /// - Parameter bundle: the folder in which the record is kept, as the user would name it; `nil` where it is not kept.
  public init(_ trace: Trace, bundle: String?) {
    listing = TraceListing(trace)
    self.bundle = bundle
  }

  /// At most about twenty lines: what there is more of is counted.
  public func text(options: TextOptions = TextOptions()) -> String {
    var page = TextPage(options)
    let manifest = listing.manifest
    let style: StyledText.Style = manifest.exit?.shellStatus == 0 ? .good : .caution
    let place = manifest.profile.map { ", profile \(VisibleText.escape($0))" } ?? ""
    page.paragraph(listing.end + place, first: StyledText("envprobe", style).padded(to: 13), style: .strong)
    if options.verbosity == .quiet { return page.text }
    writeHosts(on: &page)
    writeNames(on: &page)
    writePrograms(on: &page)
    writeVariables(on: &page)
    writeAsked(on: &page)
    writeChanges(on: &page)
    writeGaps(on: &page)
    writeNext(on: &page)
    return page.text
  }

  private func field(_ label: String, _ text: String, on page: inout TextPage, style: StyledText.Style = .plain) {
    page.field(label, text, indent: 2, labelWidth: 11, style: style)
  }

  private func writeHosts(on page: inout TextPage) {
    let hosts = listing.hosts
    if hosts.isEmpty { return field("hosts", "none contacted", on: &page) }
    let shown = hosts.count > 6 ? hosts.prefix(5) : hosts[...]
    let rows = shown.map(listing.row(of:))
    let widths = (0..<2).map { column in rows.map { DisplayWidth.of($0[column]) }.max() ?? 0 }
    for (offset, row) in rows.enumerated() {
      let columns = StyledText(row[0]).padded(to: widths[0] + 2) + StyledText(row[1]).padded(to: widths[1] + 2)
      page.line(
        "  " + StyledText(offset == 0 ? "hosts" : "", .faint).padded(to: 11) + columns + StyledText(row[2], .faint))
    }
    if shown.count < hosts.count { field("", "and \(hosts.count - shown.count) more", on: &page, style: .faint) }
    writeAnswers(on: &page)
  }

  /// Who answered, and what of the scenario came to nothing.
  private func writeAnswers(on page: inout TextPage) {
    let answers = listing.manifest.answers ?? AnswerSource(mode: .scripted)
    let isAnswered = listing.exchanges.contains { $0.response != nil }
    switch answers.mode {
    case .scripted where isAnswered:
      field("", "nothing left this machine: every answer was scripted", on: &page, style: .faint)
    case .replay where isAnswered:
      field("", "nothing left this machine: every answer was recorded before", on: &page, style: .faint)
    case .none: field("", "nothing left this machine, and nothing was answered", on: &page, style: .faint)
    case .live:
      let hosts = FindingText.cut((answers.allowedHosts ?? []).map(VisibleText.escape), to: 6).joined(separator: ", ")
      field("", "LIVE: requests went out to \(hosts)", on: &page, style: .caution)
    case .scripted, .replay: break
    }
    if let unused = answers.unusedRules, !unused.isEmpty {
      let names = FindingText.cut(unused.map(VisibleText.escape), to: 4).joined(separator: ", ")
      field("", "rules of the scenario that answered nothing: \(names)", on: &page, style: .caution)
    }
  }

  private func writeNames(on page: inout TextPage) {
    // A name that a connection was made to stands among the hosts.
    let contacted = Set(listing.hosts.map { $0.host.lowercased() })
    let others = listing.names.map(\.name).filter { !contacted.contains($0) }
    if others.isEmpty { return }
    field("names", FindingText.cut(others.map(VisibleText.escape), to: 6).joined(separator: ", "), on: &page)
  }

  private func writePrograms(on page: inout TextPage) {
    // The first program is the one under audit itself.
    let programs = listing.processes.flatMap(\.programs).sorted { $0.time < $1.time }.dropFirst()
    if programs.isEmpty { return }
    var counts: [String: Int] = [:]
    var order: [String] = []
    for program in programs {
      if counts[program.name, default: 0] == 0 { order.append(program.name) }
      counts[program.name, default: 0] += 1
    }
    let texts = order.map { VisibleText.escape($0) + (counts[$0]! > 1 ? " × \(counts[$0]!)" : "") }
    field("programs", FindingText.cut(texts, to: 10).joined(separator: ", "), on: &page)
  }

  private func writeVariables(on page: inout TextPage) {
    let secrets = listing.variables.filter { $0.interest == PathInterest.Kind.secret.rawValue }
    let place = listing.variables.filter { $0.interest == PathInterest.Kind.place.rawValue }
    if !secrets.isEmpty {
      let names = FindingText.cut(secrets.map { VisibleText.escape($0.name) }, to: 6)
      field("variables", names.joined(separator: ", "), on: &page, style: .caution)
    }
    let others = listing.variables.count - secrets.count - place.count
    var rest = FindingText.cut(place.map { VisibleText.escape($0.name) }, to: 8)
    if others > 0 { rest.append(Quantity.count(others, "other name")) }
    if !rest.isEmpty { field(secrets.isEmpty ? "variables" : "", rest.joined(separator: ", "), on: &page) }
    for (level, words) in [
      (ProcessInstrumentation.Level.bulkCopy, "could use any variable unseen"), (.notInstrumented, "not followed"),
    ] {
      let names = ReadCoverage.unknown(listing.coverage, level)
      if names.isEmpty { continue }
      let shown = FindingText.cut(names.map(VisibleText.escape), to: 5).joined(separator: ", ")
      field("", "\(words): \(shown)", on: &page, style: .faint)
    }
  }

  /// What was read of the place, by any way; and secrets, with their paths.
  private func writeAsked(on page: inout TextPage) {
    let secrets = listing.groups(listing.asked.filter { $0.interest == PathInterest.Kind.secret.rawValue })
    if !secrets.isEmpty {
      let texts = secrets.map { group in
        "\(group.meaning!) (\(FindingText.cut(listing.collapsed(group.paths), to: 2).joined(separator: ", ")))"
      }
      field("secrets", texts.joined(separator: ", "), on: &page, style: .caution)
    }
    if !listing.ambient.isEmpty {
      field("asked", listing.ambient.map(\.subject).joined(separator: ", "), on: &page)
    }
  }

  private func writeChanges(on page: inout TextPage) {
    let files = listing.changes.filter { $0.kind != .directory }
    if files.isEmpty { return field("changed", "no file", on: &page) }
    let roots = Dictionary(grouping: files, by: \.root).sorted { $0.key.rawValue < $1.key.rawValue }
    for (offset, (_, changes)) in roots.enumerated() {
      let names = FindingText.cut(changes.map(listing.path(of:)), to: 4).joined(separator: ", ")
      field(offset == 0 ? "changed" : "", "\(Quantity.count(changes.count, "file")): \(names)", on: &page)
    }
  }

  private func writeGaps(on page: inout TextPage) {
    var gaps = GapSummary.summarize(listing.gaps)
    if gaps.isEmpty, !listing.manifest.complete { gaps = ["the record was not brought to its end"] }
    for (offset, gap) in gaps.prefix(3).enumerated() {
      field(offset == 0 ? "not seen" : "", gap, on: &page, style: .caution)
    }
    if gaps.count > 3 { field("", "and \(gaps.count - 3) more", on: &page, style: .caution) }
  }

  private func writeNext(on page: inout TextPage) {
    if let bundle {
      page.command(["envprobe", "show", bundle], label: "more", indent: 2, labelWidth: 11)
    } else {
      page.command(["envprobe", "run", "--out", "DIR", "--"] + argv, label: "keep it", indent: 2, labelWidth: 11)
    }
    page.command(["envprobe", "matrix", "--"] + argv, label: "compare", indent: 2, labelWidth: 11)
  }

  /// The command, unless its arguments would fill the screen.
  private var argv: [String] {
    let argv = listing.manifest.subject.argv
    return argv.joined().utf8.count <= 200 ? argv : [argv[0], "…"]
  }
}
