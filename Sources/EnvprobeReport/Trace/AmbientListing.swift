import EnvprobeModel

extension TraceListing {
  /// What the program learnt, or could have, about one part of its surroundings.
  public struct Ambient: Hashable, Sendable, Encodable {
    /// `time zone`
    public var subject: String
    /// The factor that decides what it found; `nil` where that is the same in every run, or the host's.
    public var factor: Factor?
    public var reads: [AmbientSource]
  }

  /// One way by which it learnt it.
  public struct AmbientSource: Hashable, Sendable, Encodable {
    public enum Kind: String, Hashable, Sendable, Encodable, CaseIterable { case path, variable, call, function }
    public var kind: Kind
    /// The path, the variable's name, or the call with the flag that matters.
    public var name: String
    public var count: Int
    public var pids: [Int]
  }
}

/// Finds the ambient reads among events, one at a time.
struct AmbientReadTable {
  private struct Key: Hashable {
    var row: Int
    var kind: TraceListing.AmbientSource.Kind
    var name: String
  }

  private let home: String
  private var sources: [Key: (count: Int, pids: Set<Int>)] = [:]
  /// The row of each path that was seen, as most are seen again and again.
  private var rows: [String: Int?] = [:]

  init(home: String) { self.home = home }

  mutating func take(path: String, pid: Int) {
    let row: Int?
    if let known = rows[path] {
      row = known
    } else {
      let home = home
      row = AmbientRead.all.firstIndex { $0.covers(path: path, home: home) }
      rows[path] = row
    }
    if let row { add(Key(row: row, kind: .path, name: path), 1, pid) }
  }

  mutating func take(_ call: SyscallCall, pid: Int) {
    guard Self.calls.contains(call.name) else { return }
    for (row, ambient) in AmbientRead.all.enumerated() {
      if let match = ambient.call(call) { add(Key(row: row, kind: .call, name: match.text), 1, pid) }
    }
  }

  private static let calls = Set(AmbientRead.all.flatMap(\.calls).map(\.name))

  mutating func take(_ function: RuntimeCall, pid: Int) {
    for (row, ambient) in AmbientRead.all.enumerated() where ambient.covers(function: function.name) {
      // An event with the whole count replaces the first one, which counted 1.
      let times = function.count > 1 ? function.count - 1 : 1
      add(Key(row: row, kind: .function, name: function.name), times, pid)
    }
  }

  mutating func take(_ variable: TraceListing.AskedVariable) {
    for (row, ambient) in AmbientRead.all.enumerated() where ambient.covers(variable: variable.name) {
      for (index, pid) in variable.pids.enumerated() {
        add(Key(row: row, kind: .variable, name: variable.name), index == 0 ? variable.count : 0, pid)
      }
    }
  }

  private mutating func add(_ key: Key, _ count: Int, _ pid: Int) {
    sources[key, default: (0, [])].count += count
    sources[key]!.pids.insert(pid)
  }

  /// In the order of the rows.
  var ambient: [TraceListing.Ambient] {
    let byRow = Dictionary(grouping: sources, by: \.key.row)
    return AmbientRead.all.enumerated().compactMap { row, ambient in
      guard let members = byRow[row] else { return nil }
      let kinds = TraceListing.AmbientSource.Kind.allCases
      let reads = members.map {
        TraceListing.AmbientSource(
          kind: $0.key.kind, name: $0.key.name, count: $0.value.count, pids: $0.value.pids.sorted())
      }.sorted { (kinds.firstIndex(of: $0.kind)!, $0.name) < (kinds.firstIndex(of: $1.kind)!, $1.name) }
      return .init(subject: ambient.subject, factor: ambient.factor, reads: reads)
    }
  }
}
