import EnvprobeModel

/// Which program a process was at a time.
struct ProgramHistory {
  private var executed: [Int: [(time: Double, path: String)]] = [:]
  private var parents: [Int: (parent: Int, since: Double)] = [:]

  init(_ events: some Sequence<Event>) { for event in events { take(event) } }

  private mutating func take(_ event: Event) {
    guard let pid = event.pid else { return }
    switch event.payload {
    case .process(let process):
      parents[pid] = (process.parent, event.time)
      if let path = process.executable { executed[pid, default: []].append((event.time, path)) }
    case .exec(let call) where call.exists != false:
      guard case .complete(let path) = call.path else { return }
      executed[pid, default: []].append((event.time, path.displayText))
    default: break
    }
  }

  /// The file that a process executed last; that of its parent where it has not executed any.
  func program(of pid: Int, at time: Double) -> String? {
    var (pid, time) = (pid, time)
    for _ in 0..<64 {
      if let found = executed[pid]?.last(where: { $0.time <= time }) ?? executed[pid]?.first { return found.path }
      guard let origin = parents[pid], origin.parent != pid else { return nil }
      (pid, time) = (origin.parent, origin.since)
    }
    return nil
  }

  /// `curl (3)`; the number alone where the program is not known.
  func label(of pid: Int, at time: Double) -> String {
    let name = program(of: pid, at: time)?.split(separator: "/").last
    return name.map { "\($0) (\(pid))" } ?? "process \(pid)"
  }
}
