import EnvprobeModel

extension TraceListing {
  func writeEnvironment(on page: inout TextPage) {
    let isWatched = !variables.isEmpty || !coverage.isEmpty
    let seen = coverage.isEmpty ? "" : "; \(ReadCoverage.summary(coverage))"
    page.heading("VARIABLES ASKED FOR", isWatched ? Quantity.count(variables.count, "name") + seen : "not recorded")
    for kind in PathInterest.Kind.allCases {
      let members = variables.filter { $0.interest == kind.rawValue }
      if members.isEmpty { continue }
      let style: StyledText.Style = kind == .secret ? .caution : .faint
      page.line("  " + StyledText(kind == .secret ? "secrets, by their names" : "of the place", style))
      for variable in members { write(variable, on: &page) }
    }
    let others = variables.filter { $0.interest == nil }
    if page.options.verbosity == .verbose {
      if others.count < variables.count, !others.isEmpty { page.line("  " + StyledText("others", .faint)) }
      for variable in others { write(variable, on: &page) }
    } else if !others.isEmpty {
      page.paragraph(
        "and \(Quantity.count(others.count, "other name")); --env lists them", first: "  ", style: .faint)
    }
    let isWhole = page.options.verbosity == .verbose
    for entry in coverage where isWhole || entry.instrumentation.level != .precise { write(entry, on: &page) }
  }

  private func write(_ entry: Coverage, on page: inout TextPage) {
    let instrumentation = entry.instrumentation
    let program = instrumentation.executable.map { " \(short($0))" } ?? ""
    page.paragraph(
      "process \(entry.pid)\(program): \(VisibleText.escape(instrumentation.reason))",
      first: "  "
        + StyledText(instrumentation.level.rawValue, instrumentation.level == .precise ? .faint : .caution) + "  ",
      indent: 4, style: .faint)
  }

  private func write(_ variable: AskedVariable, on page: inout TextPage) {
    var parts: [String] = []
    switch variable.isSet {
    case true: parts.append(variable.source.map(Self.words) ?? "set")
    case false: parts.append("unset")
    default: parts.append("set or not")
    }
    parts.append(variable.readers.map(\.text).joined(separator: " "))
    if variable.count > 1 { parts.append("× \(variable.count)") }
    let detail = VisibleText.escape(parts.filter { !$0.isEmpty }.joined(separator: ", "))
    let room = page.options.width / 2
    page.paragraph(
      VisibleText.escape(variable.name), first: "    ", indent: 6,
      right: StyledText(DisplayWidth.truncate(detail, to: room), .faint))
    if page.options.verbosity == .verbose, let place = variable.stack?.first {
      page.paragraph(VisibleText.escape("first in \(place)"), first: "      ", indent: 8, style: .faint)
    }
    // Who asks, whole where it was asked for.
    guard page.options.verbosity == .verbose, DisplayWidth.of(detail) > room else { return }
    for reader in variable.readers {
      page.paragraph(
        VisibleText.escape(reader.text) + (reader.count > 1 ? " × \(reader.count)" : ""), first: "      ", indent: 8,
        style: .faint)
    }
  }

  private static func words(_ source: ValueSource) -> String {
    switch source {
    case .factor(let factor): "set by \(factor.name)"
    case .constant: "set alike in every run"
    case .program: "set by a program"
    }
  }

  // MARK: - The place

  func writeAmbient(on page: inout TextPage) {
    page.heading("THE PLACE", ambient.isEmpty ? "nothing was asked" : "what was asked of it, and how often")
    let width = (ambient.map { DisplayWidth.of($0.subject) }.max() ?? 0) + 2
    for entry in ambient {
      let isWhole = page.options.verbosity == .verbose
      let texts = texts(of: entry)
      page.paragraph(
        (isWhole ? texts : FindingText.cut(texts, to: 6)).joined(separator: ", "),
        first: "  " + StyledText(entry.subject, entry.factor == nil ? .plain : .strong).padded(to: width),
        indent: width + 2)
    }
  }

  /// The ways by which something was learnt; files of one folder in one text where there are many.
  private func texts(of entry: Ambient) -> [String] {
    let paths = entry.reads.filter { $0.kind == .path }
    let keys = paths.map { Self.collapsingKey($0.name) }
    let members = Dictionary(grouping: zip(keys, paths), by: \.0)
    var written: Set<String> = []
    var result: [String] = []
    func add(_ text: String, _ count: Int) { result.append(count > 1 ? "\(text) × \(count)" : text) }
    for (key, path) in zip(keys, paths) {
      if members[key]!.count <= 6 {
        add(short(path.name), path.count)
      } else if written.insert(key).inserted {
        add(short(key), members[key]!.reduce(0) { $0 + $1.1.count })
      }
    }
    for read in entry.reads where read.kind == .variable { add("$\(VisibleText.escape(read.name))", read.count) }
    for read in entry.reads where read.kind == .function { add(VisibleText.escape(read.name), read.count) }
    for read in entry.reads where read.kind == .call {
      let words = read.name.split(separator: " ")
      add("\(words[0])(\(words.dropFirst().joined(separator: " ")))", read.count)
    }
    return result
  }

  // MARK: - Programs

  /// Every program that was executed, in order.
  var programs: [ProgramRun] {
    processes.flatMap { process in process.programs.map { ProgramRun(pid: process.pid, program: $0) } }
      .sorted { $0.program.time < $1.program.time }
  }

  struct ProgramRun: Encodable {
    var pid: Int
    var program: Program

    private enum CodingKeys: String, CodingKey { case pid }

    func encode(to encoder: any Encoder) throws {
      try program.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(pid, forKey: .pid)
    }
  }

  func writePrograms(on page: inout TextPage) {
    page.heading("PROGRAMS", Quantity.count(programs.count, "execution"))
    for run in programs {
      let program = run.program
      let lead = StyledText("  ") + StyledText("\(Self.clock(program.time))  \(run.pid)  ", .faint)
      page.paragraph(
        VisibleText.escape(ShellWord.join(program.arguments.isEmpty ? [program.path] : program.arguments)), first: lead,
        indent: lead.width)
      let indent = String(repeating: " ", count: lead.width)
      if program.arguments.first != program.path {
        page.paragraph(short(program.path), first: StyledText(indent), indent: lead.width, style: .faint)
      }
      for (names, what) in [(program.added, "with"), (program.changed, "changed"), (program.withheld, "without")]
      where !names.isEmpty {
        page.paragraph(
          "\(what) \(names.map(VisibleText.escape).joined(separator: " "))", first: StyledText(indent),
          indent: lead.width + 2, style: .faint)
      }
    }
  }
}
