import EnvprobeModel

/// Reads of environment variables, added up by name.
struct EnvironmentReadTable {
  private struct Key: Hashable {
    var pid: Int
    var name: String
    var reader: EnvironmentReader
    var firstTime: Double
  }

  private var reads: [Key: EnvironmentRead] = [:]

  /// An event with the place and the time of an earlier one replaces it: it tells the whole count.
  mutating func take(_ read: EnvironmentRead, pid: Int) {
    let name = read.name.value?.displayText ?? "?"
    reads[Key(pid: pid, name: name, reader: read.reader, firstTime: read.firstTime)] = read
  }

  /// Secrets first, then what tells the place, then the rest by name.
  var variables: [TraceListing.AskedVariable] {
    let byName = Dictionary(grouping: reads, by: \.key.name)
    let variables = byName.map { name, reads in
      let states = Set(reads.map(\.value.isSet))
      return TraceListing.AskedVariable(
        name: name, isSet: states.count == 1 ? states.first! : nil, count: reads.reduce(0) { $0 + $1.value.count },
        modules: Set(reads.compactMap(\.key.reader.module)).sorted(), pids: Set(reads.map(\.key.pid)).sorted(),
        interest: Self.interest(of: name)?.rawValue)
    }
    func rank(_ variable: TraceListing.AskedVariable) -> Int {
      variable.interest.flatMap(PathInterest.Kind.init).map { $0 == .secret ? 0 : 1 } ?? 2
    }
    return variables.sorted { (rank($0), $0.name) < (rank($1), $1.name) }
  }

  /// Names that by custom hold a secret, and those through which a profile makes a place.
  static func interest(of name: String) -> PathInterest.Kind? {
    let upper = name.uppercased()
    let words = upper.split(separator: "_")
    let secretWords: Set<Substring> = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIALS", "PAT", "APIKEY"]
    if upper.hasSuffix("_KEY") || upper.hasSuffix("_KEY_ID") || upper == "SSH_AUTH_SOCK"
      || words.contains(where: secretWords.contains)
    {
      return .secret
    }
    return Factor.owning(variable: name) == nil ? nil : .place
  }
}
