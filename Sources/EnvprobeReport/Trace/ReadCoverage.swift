import EnvprobeModel

/// How much of what processes asked of their environment is known: the last word on each program of each process.
struct ReadCoverage {
  private(set) var entries: [TraceListing.Coverage] = []
  private var latest: [Int: Int] = [:]

  /// A later word on the same program of a process replaces an earlier one.
  mutating func take(_ instrumentation: ProcessInstrumentation, pid: Int) {
    if let index = latest[pid], entries[index].instrumentation.executable == instrumentation.executable {
      // What is seen from outside of a runtime does not take back what a hook sees inside.
      if entries[index].instrumentation.level == .hooked, instrumentation.level == .bulkCopy { return }
      entries[index].instrumentation = instrumentation
    } else {
      latest[pid] = entries.count
      entries.append(.init(pid: pid, instrumentation: instrumentation))
    }
  }

  /// `2 processes precise, 1 bulk-copy`
  static func summary(_ entries: [TraceListing.Coverage]) -> String {
    let counts = ProcessInstrumentation.Level.allCases.map { level in
      (level, entries.count { $0.instrumentation.level == level })
    }.filter { $0.1 > 0 }
    return counts.enumerated().map { offset, entry in
      let number = offset == 0 ? Quantity.count(entry.1, "process", plural: "processes") : String(entry.1)
      return "\(number) \(entry.0.rawValue)"
    }.joined(separator: ", ")
  }

  /// The programs of which it is not known what they used, each once, by the level.
  static func unknown(_ entries: [TraceListing.Coverage], _ level: ProcessInstrumentation.Level) -> [String] {
    var names: [String] = []
    for entry in entries where entry.instrumentation.level == level {
      let path = entry.instrumentation.executable ?? "process \(entry.pid)"
      let name = path.split(separator: "/").last.map(String.init) ?? path
      if !names.contains(name) { names.append(name) }
    }
    return names
  }
}
