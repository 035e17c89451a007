import EnvprobeModel

extension TraceReader {
  /// A variable that was asked for, at a place of its own: that one name comes and goes by chance, as where a helper is
  /// killed half-way, says nothing of the others. What is observed there is which programs asked.
  ///
  /// A count is none of it: how often a loop goes round depends on chance.
  mutating func environmentRead(_ read: EnvironmentRead, pid: Int?) {
    guard let name = read.name.value else { return }
    let text = String(escapingInvalid: name.bytes)
    if Self.isCatalogLookup(text, by: read.reader) { return }
    let program = pid.flatMap { programs[$0] } ?? "(unknown program)"
    run.add(program, at: Place(.env, "\(IdentifierMask.template(text)) asked for"), tier: .low, shape: .set)
  }

  /// Which program a process is, and that it took all variables at once.
  mutating func instrumented(_ instrumentation: ProcessInstrumentation, pid: Int?) {
    let program = instrumentation.executable.map { placeName($0) } ?? "(unknown program)"
    if let pid { programs[pid] = program }
    run.note(instrumentation, of: program)
    if instrumentation.level == .bulkCopy {
      run.add(program, at: Place(.env, "all variables copied"), tier: .low, shape: .set)
    }
  }

  /// Whether it is the C library that asks, once it has found the texts of a locale (glibc, `intl/dcigettext.c`). That
  /// the machine has texts for one locale and not for another follows from the locale, as ``CatalogFolders`` does.
  private static func isCatalogLookup(_ name: String, by reader: EnvironmentReader) -> Bool {
    guard name == "OUTPUT_CHARSET", let module = reader.module?.split(separator: "/").last else { return false }
    return module.hasPrefix("libc.so.") || module.hasPrefix("libintl.so.")
  }
}
