import EnvprobeModel

/// Which levels of one factor give which value, as a sentence: what a sweep is made for.
///
/// "The date separator is `/` for Asia/Shanghai, Asia/Urumqi and 9 more (11 levels of timezone), `-` for the other 587."
struct LevelPredicate {
  /// A partition of fewer levels says it all by itself.
  static let fewLevels = 8
  /// So many levels of a group are named.
  static let named = 16

  let text: String

  /// `nil` where a finding depends on more than one factor, or few levels were tried.
  init?(factors: [Factor], outcomes: [Attribution.Outcome], main: Aspect) {
    guard factors.count == 1, let factor = factors.first else { return nil }
    // With other factors at other levels the same level may behave otherwise: the outcomes of one context only.
    var contexts: [Assignment: [(level: Level?, group: Int?)]] = [:]
    for outcome in outcomes {
      var rest = outcome.assignment
      rest[factor] = nil
      contexts[rest, default: []].append((outcome.assignment[factor], outcome.group))
    }
    guard let context = contexts.values.max(by: { $0.count < $1.count }), context.count > Self.fewLevels else {
      return nil
    }
    var groups: [Int: [String]] = [:]
    var undecided: [String] = []
    for (level, group) in context {
      let name = level?.description ?? "unset"
      if let group { groups[group, default: []].append(name) } else { undecided.append(name) }
    }
    let ordered = groups.sorted { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
    guard ordered.count > 1 else { return nil }
    let symbols = Self.symbols(of: main, groups: ordered.map(\.key))
    var clauses = ordered.dropLast().prefix(12).map { group, levels in
      "\(symbols[group]!) for \(Self.list(levels.sorted()))"
        + (levels.count > Self.named ? " (\(levels.count) levels of \(factor))" : "")
    }
    let hidden = ordered.count - 1 - clauses.count
    if hidden > 0 { clauses.append("\(hidden) further values for a few levels each") }
    let rest = ordered.last!
    clauses.append("\(symbols[rest.key]!) for the other \(rest.value.count)")
    var text = "\(Self.subject(of: main)) is \(clauses.joined(separator: ", "))"
    if !undecided.isEmpty {
      text += "; undecided for \(Self.list(undecided.sorted()))"
    }
    self.text = text
  }

  private static func list(_ names: [String]) -> String {
    if names.count <= named { return names.joined(separator: ", ") }
    return names.prefix(named).joined(separator: ", ") + " and \(names.count - named) more"
  }

  /// What each group shows, as short as it can be said: the characters that differ where they stand in one stretch.
  private static func symbols(of main: Aspect, groups: [Int]) -> [Int: String] {
    var result: [Int: String] = [:]
    let differences = Dictionary(
      uniqueKeysWithValues: groups.filter { $0 != 0 }.map { ($0, main.differences(from: 0, to: $0)) })
    let before = Set(differences.values.flatMap { $0.map(\.before) })
    for group in groups {
      if let stretches = differences[group], before.count == 1, Set(stretches.map(\.after)).count == 1 {
        result[group] = quoted(stretches[0].after)
      } else if group == 0, before.count == 1 {
        result[group] = quoted(before.first!)
      } else {
        result[group] = main.values[group].map { quoted(String($0.prefix(60))) } ?? "absent"
      }
    }
    // Two groups that look alike in short need their whole value.
    if Set(result.values).count < groups.count {
      for group in groups { result[group] = main.values[group].map { quoted(String($0.prefix(60))) } ?? "absent" }
    }
    return result
  }

  private static func quoted(_ text: String) -> String { text.isEmpty ? "nothing" : "`\(text)`" }

  private static func subject(of main: Aspect) -> String {
    let kinds = Set(main.values.indices.dropFirst().flatMap { main.differences(from: 0, to: $0).map(\.kind) })
    guard kinds.count == 1, let kind = kinds.first, kind != "text" else { return "the value" }
    return "the \(kind.replacing("-", with: " "))"
  }
}
