import EnvprobeModel

/// Gaps in words, those of one kind together.
enum GapSummary {
  /// What the gaps of several runs mean for what was seen, one sentence for each kind and host.
  static func summarize(_ runs: [Report.Run]) -> [String] {
    var total: [Key: (count: Int, runs: Set<String>)] = [:]
    for run in runs {
      // That a run was stopped is said of the run.
      for gap in run.gaps where gap.kind != .timeout || run.exit?.timedOut != true {
        total[Key(gap), default: (0, [])].count += gap.count
        total[Key(gap)]?.runs.insert(run.id)
      }
    }
    return total.sorted { $0.key < $1.key }.map { key, entry in
      let times = entry.count > entry.runs.count ? "\(Quantity.count(entry.count, "time")) " : ""
      return "\(key.text), \(times)in \(Quantity.count(entry.runs.count, "run"))"
    }
  }

  /// The same for one run.
  static func summarize(_ gaps: [Gap]) -> [String] {
    let total = gaps.reduce(into: [Key: Int]()) { $0[Key($1), default: 0] += $1.count }
    return total.sorted { $0.key < $1.key }.map { key, count in
      count == 1 ? key.text : "\(key.text), \(Quantity.count(count, "time"))"
    }
  }

  private struct Key: Hashable, Comparable {
    var kind: Gap.Kind
    var host: String
    var detail: String

    init(_ gap: Gap) {
      kind = gap.kind
      host = gap.host ?? ""
      detail = gap.detail
    }

    var text: String {
      let subject = host.isEmpty ? "" : " (\(VisibleText.escape(host)))"
      return kind.meaning + subject + (detail.isEmpty ? "" : ": \(VisibleText.escape(detail))")
    }

    static func < (a: Key, b: Key) -> Bool {
      (Gap.Kind.allCases.firstIndex(of: a.kind)!, a.host, a.detail)
        < (Gap.Kind.allCases.firstIndex(of: b.kind)!, b.host, b.detail)
    }
  }
}

extension Gap.Kind {
  /// What a gap of this kind hides, for people.
  var meaning: String {
    switch self {
    case .lostEvents: "system calls that were not recorded"
    case .unreadableMemory: "arguments of system calls that could not be read"
    case .untrustedGateway: "a client that did not accept the gateway's certificate, so that its requests are not known"
    case .wire: "network traffic that was not understood or not kept"
    case .unanswered: "requests that got no answer of their own"
    case .files: "files that could not be read after the run"
    case .timeout: "a run that did not end by itself"
    case .bundle: "a record that could not be written to its end"
    case .profile: "a part of the profile that could not be made true inside"
    case .environmentReads: "reads of environment variables that were not recorded"
    }
  }
}
