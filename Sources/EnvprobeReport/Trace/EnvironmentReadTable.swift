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
  /// What the program was started with.
  private let given: [String: EnvironmentVariable]

  init(_ surroundings: Surroundings) {
    given = Dictionary(surroundings.environment.map { ($0.name, $0) }) { first, _ in first }
  }

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
        modules: Set(reads.compactMap(\.key.reader.module)).sorted(), readers: Self.readers(reads.map(\.value)),
        stack: reads.map(\.value).filter { $0.stack != nil }.min { $0.firstTime < $1.firstTime }?.stack,
        pids: Set(reads.map(\.key.pid)).sorted(), source: states == [false] ? nil : source(of: name),
        interest: Self.interest(of: name)?.rawValue)
    }
    func rank(_ variable: TraceListing.AskedVariable) -> Int {
      variable.interest.flatMap(PathInterest.Kind.init).map { $0 == .secret ? 0 : 1 } ?? 2
    }
    return variables.sorted { (rank($0), $0.name) < (rank($1), $1.name) }
  }

  /// Where a value comes from: a factor, a constant of every run, or the program that passed it on.
  private func source(of name: String) -> TraceListing.ValueSource {
    guard let variable = given[name] else { return .program }
    return variable.factor.map { .factor($0) } ?? .constant
  }

  /// The most frequent first.
  private static func readers(_ reads: [EnvironmentRead]) -> [TraceListing.VariableReader] {
    struct Place: Hashable {
      var module: String?
      var symbol: String?
    }
    var counts: [Place: Int] = [:]
    for read in reads {
      counts[Place(module: read.reader.module, symbol: read.reader.symbol), default: 0] += read.count
    }
    return counts.map { .init(module: $0.key.module, symbol: $0.key.symbol, count: $0.value) }
      .sorted { ($1.count, $0.module ?? "", $0.symbol ?? "") < ($0.count, $1.module ?? "", $1.symbol ?? "") }
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
