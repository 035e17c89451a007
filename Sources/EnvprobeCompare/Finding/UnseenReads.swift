import EnvprobeModel

extension Findings {
  /// What the absence of a read does not say, in sentences: the programs that could use any variable unseen, and those
  /// that were not followed. It is no lack of the evidence for anything else, and does not bear on the conclusion.
  public static func unseenReads(in runs: [RunObservations]) -> [String] {
    var reasons: [ProcessInstrumentation.Level: [String: String]] = [:]
    for run in runs {
      for (program, entry) in run.coverage { reasons[entry.level, default: [:]][program] = entry.reason }
    }
    let words: [(ProcessInstrumentation.Level, String)] = [
      (.bulkCopy, "Which variables these programs used is not known"),
      (.notInstrumented, "Reads of variables by these programs are not recorded, or not all"),
    ]
    return words.compactMap { level, sentence in
      guard let programs = reasons[level] else { return nil }
      let named = programs.sorted { $0.key < $1.key }.map { program, reason in
        "\(program.split(separator: "/").last.map(String.init) ?? program), as \(reason)"
      }
      let shown = named.count <= 4 ? named : named.prefix(3) + ["\(named.count - 3) more"]
      return "\(sentence): \(shown.joined(separator: "; "))."
    }
  }
}
