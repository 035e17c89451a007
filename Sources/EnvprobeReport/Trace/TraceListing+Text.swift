import EnvprobeModel

extension TraceListing {
  /// The listing for a person at a terminal.
  ///
  /// - Parameter sections: those that are wanted, whole; without any, an overview in which long lists are counted.
  public func text(_ sections: [Section] = [], options: TextOptions = TextOptions()) -> String {
    var options = options
    let isOverview = sections.isEmpty
    if !isOverview, options.verbosity == .normal { options.verbosity = .verbose }
    let sections = isOverview ? Section.overview : sections
    var page = TextPage(options)
    writeHead(on: &page)
    for section in Section.allCases where sections.contains(section) {
      switch section {
      case .processes: writeProcesses(on: &page)
      case .programs: writePrograms(on: &page)
      case .environment: writeEnvironment(on: &page)
      case .ambient: writeAmbient(on: &page)
      case .files: writeFiles(on: &page)
      case .network: writeNetwork(on: &page)
      case .requests: writeRequests(on: &page)
      case .output: writeOutput(on: &page)
      case .gaps: writeGaps(on: &page)
      case .syscalls: writeSyscalls(on: &page)
      case .timeline: writeTimeline(on: &page)
      }
    }
    return page.text
  }

  private func writeHead(on page: inout TextPage) {
    page.command(manifest.subject.argv, label: "program", indent: 0, labelWidth: 10)
    let place = manifest.profile.map { "profile \($0)" } ?? "an assignment of its own"
    page.field(
      "run", VisibleText.escape("\(id), \(place), repeat \(manifest.repetition), \(manifest.started)"), indent: 0,
      labelWidth: 10)
    let levels = manifest.assignment.factors.map { "\($0.name) \(manifest.assignment[$0]!)" }
    page.field(
      "levels", levels.isEmpty ? "none set" : VisibleText.escape(levels.joined(separator: " · ")), indent: 0,
      labelWidth: 10, style: .faint)
    page.field("end", end, indent: 0, labelWidth: 10)
    for text in diagnostics { page.field("note", VisibleText.escape(text), indent: 0, labelWidth: 10, style: .faint) }
  }

  /// `exit status 0 after 1.21 s (0.90 s of processor time, 212 MB)`
  var end: String {
    guard let exit = manifest.exit else { return "ended unseen: the record stops before the run does" }
    let how =
      exit.timedOut
      ? "stopped because it took longer than allowed"
      : exit.signal.map { "ended by signal \($0)" } ?? "exit status \(exit.status ?? 0)"
    var text = "\(how) after \(Quantity.seconds(exit.wall))"
    let processor = exit.userTime + exit.systemTime
    if processor > 0 { text += ", \(Quantity.seconds(processor)) of processor time" }
    if exit.peakMemory > 0 { text += ", \(Quantity.bytes(exit.peakMemory)) of memory" }
    return text
  }

  // MARK: - Processes

  private func writeProcesses(on page: inout TextPage) {
    page.heading("PROCESSES", Quantity.count(processes.count, "process", plural: "processes"))
    let children = Dictionary(grouping: processes, by: \.parent)
    let known = Set(processes.map(\.pid))
    // A parent may be outside the sandbox, or be its own child in a damaged record.
    let roots = processes.filter { !known.contains($0.parent) || $0.parent == $0.pid }
    var written: Set<Int> = []
    for root in roots { write(root, indent: "", branch: "", children: children, written: &written, on: &page) }
    for orphan in processes where !written.contains(orphan.pid) {
      write(orphan, indent: "", branch: "", children: children, written: &written, on: &page)
    }
  }

  private func write(
    _ process: Process, indent: String, branch: String, children: [Int: [Process]], written: inout Set<Int>,
    on page: inout TextPage
  ) {
    guard written.insert(process.pid).inserted else { return }
    let pid = String(process.pid)
    let lead = StyledText("  ") + StyledText(indent + branch, .faint) + StyledText(pid + "  ", .faint)
    let continued = branch == "├─ " ? "│  " : branch == "└─ " ? "   " : ""
    if process.programs.isEmpty {
      let what = process.executable.map { "a copy of \(VisibleText.escape($0))" } ?? "no program of its own"
      page.paragraph("(\(what))", first: lead, style: .faint)
    }
    for (offset, program) in process.programs.enumerated() {
      let blank = StyledText("  ") + StyledText(indent + continued, .faint)
      let first = offset == 0 ? lead : blank + StyledText(String(repeating: " ", count: pid.count) + "  ", .faint)
      let text = program.arguments.isEmpty ? ShellWord.quote(program.path) : ShellWord.join(program.arguments)
      let shown = VisibleText.escape(text)
      let room = page.options.width - first.width
      page.line(first + StyledText(page.options.verbosity == .verbose ? shown : DisplayWidth.truncate(shown, to: room)))
    }
    let members = (children[process.pid] ?? []).filter { $0.pid != process.pid }
    for (offset, child) in members.enumerated() {
      write(
        child, indent: indent + continued, branch: offset == members.count - 1 ? "└─ " : "├─ ", children: children,
        written: &written, on: &page)
    }
  }

  // MARK: - Files

  /// A path with `~` for HOME.
  func short(_ path: String) -> String {
    let home = manifest.surroundings.home
    if path == home { return "~" }
    return VisibleText.escape(path.hasPrefix(home + "/") ? "~" + path.dropFirst(home.count) : path)
  }

  /// A change's path as the program sees it.
  func path(of change: FileChange) -> String {
    short(Self.folder(of: change.root, manifest.surroundings) + "/" + change.path.displayText)
  }

  private func writeFiles(on page: inout TextPage) {
    page.heading("FILES CHANGED", changes.isEmpty ? "none" : "discarded after the run unless changes are kept")
    for change in changes {
      let detail = [
        change.kind == .file ? nil : change.kind.rawValue,
        change.linkTarget.map { "to \(VisibleText.escape($0.displayText))" },
        change.size.map(Quantity.bytes), change.content == nil && change.sha256 != nil ? "hash only" : nil,
      ].compactMap { $0 }.joined(separator: ", ")
      let sign: StyledText =
        switch change.change {
        case .created: StyledText("+ ", .added)
        case .modified: StyledText("~ ", .caution)
        case .removed: StyledText("- ", .removed)
        }
      page.paragraph(
        path(of: change), first: StyledText("  ") + sign, indent: 6, right: StyledText(detail, .faint))
    }
    page.heading("PATHS ASKED FOR", asked.isEmpty ? "none" : Self.presence(asked))
    let found = Dictionary(asked.map { ($0.path, $0) }) { first, _ in first }
    var rest = 0
    for group in groups(asked) {
      guard let meaning = group.meaning else {
        if page.options.verbosity < .verbose {
          rest = group.paths.count
          continue
        }
        for path in group.paths { write(found[path]!, indent: 2, on: &page) }
        continue
      }
      let style: StyledText.Style = group.interest == PathInterest.Kind.secret.rawValue ? .caution : .faint
      page.paragraph("", first: StyledText("  ") + StyledText(meaning, style))
      if page.options.verbosity == .verbose {
        for path in group.paths { write(found[path]!, indent: 4, on: &page) }
      } else {
        for path in collapsed(group.paths) { page.paragraph(path, first: "    ", indent: 6) }
      }
    }
    if rest > 0 {
      page.paragraph("and \(Quantity.count(rest, "other path")); --verbose lists them", first: "  ", style: .faint)
    }
  }

  /// `9 paths; 4 not there, as seen next to the calls`
  private static func presence(_ asked: [AskedPath]) -> String {
    let text = Quantity.count(asked.count, "path")
    let unknown = asked.count { $0.present + $0.missing == 0 }
    if unknown == asked.count { return text + "; whether they were there is not known" }
    let missing = asked.count { $0.missing > 0 && $0.present == 0 }
    let parts = [
      missing > 0 ? "\(missing) not there" : unknown == 0 ? "all there" : nil,
      unknown > 0 ? "\(unknown) not known" : nil,
    ].compactMap { $0 }
    return "\(text); \(parts.joined(separator: ", ")), as seen next to the calls"
  }

  private func write(_ asked: AskedPath, indent: Int, on page: inout TextPage) {
    let state = asked.missing == 0 ? "" : asked.present == 0 ? "not there" : "not always there"
    page.paragraph(
      short(asked.path) + (asked.resolved.map { " → \(short($0))" } ?? ""),
      first: StyledText(String(repeating: " ", count: indent)), indent: indent + 2, right: StyledText(state, .faint))
  }

  /// The same for paths that differ in their last part, or in a process id, only.
  static func collapsingKey(_ path: String) -> String {
    let parts = path.split(separator: "/")
    if parts.first == "proc", parts.count > 2, parts[1].allSatisfy(\.isNumber) {
      return "/proc/*/" + parts.dropFirst(2).joined(separator: "/")
    }
    return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/*"
  }

  /// Paths that differ in their last part or in a process id only, in one line where there are many.
  func collapsed(_ paths: [String]) -> [String] {
    let keys = paths.map(Self.collapsingKey)
    let counts = keys.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    var written: Set<String> = []
    return zip(paths, keys).compactMap { path, key in
      guard counts[key]! > 3 else { return short(path) }
      return written.insert(key).inserted ? "\(short(key)) × \(counts[key]!)" : nil
    }
  }

  /// Paths by what they hold, in the order in which they are shown.
  func groups(_ asked: [AskedPath]) -> [(interest: String?, meaning: String?, paths: [String])] {
    asked.reduce(into: []) { groups, path in
      if let last = groups.last, last.meaning == path.meaning {
        groups[groups.count - 1].paths.append(path.path)
      } else {
        groups.append((path.interest, path.meaning, [path.path]))
      }
    }
  }

  // MARK: - The rest

  private func writeOutput(on page: inout TextPage) {
    if output.isEmpty { page.heading("OUTPUT", "none") }
    for stream in output {
      page.heading(stream.stream.rawValue.uppercased(), Quantity.bytes(stream.bytes.bytes.count))
      writeLines(stream.bytes, indent: "  ", on: &page)
    }
  }

  private func writeGaps(on page: inout TextPage) {
    page.heading("NOT SEEN", gaps.isEmpty && manifest.complete ? "nothing is missing from the record" : "")
    for gap in GapSummary.summarize(gaps) { page.paragraph(gap, first: "  - ") }
    if gaps.isEmpty, !manifest.complete { page.paragraph("the record was not brought to its end", first: "  - ") }
  }

  private func writeSyscalls(on page: inout TextPage) {
    let total = syscalls.reduce(0) { $0 + $1.count }
    if syscalls.isEmpty { return page.heading("SYSTEM CALLS", "none recorded") }
    page.heading(
      "SYSTEM CALLS", "\(Quantity.grouped(total)), by name; frequent ones are recorded at the full level only")
    let cells = syscalls.map { call in
      "\(VisibleText.escape(call.name)) \(Quantity.grouped(call.count))"
        + (call.denied > 0 ? " (\(call.denied) denied)" : "")
    }
    page.columns(cells, indent: 2)
  }
}
