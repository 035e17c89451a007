import EnvprobeModel

/// What kind of dependence a finding shows, and which further profile would settle it where that is open.
struct FindingClass: Sendable {
  var `class`: Finding.Class
  var note: String?

  /// The class is that of the factor that weighs most: a difference that needs a custom endpoint *and* a certain zone
  /// depends on the zone.
  init(factors: [Factor], outcomes: [Attribution.Outcome]) {
    let classes = factors.map { Self.of($0, among: factors, outcomes) }
    let decisive = classes.min { $0.class < $1.class } ?? FindingClass(class: .undetermined, note: nil)
    self = decisive
  }

  private init(class: Finding.Class, note: String?) {
    self.class = `class`
    self.note = note
  }

  private static func of(
    _ factor: Factor, among factors: [Factor], _ outcomes: [Attribution.Outcome]
  ) -> FindingClass {
    let others = factors.filter { $0 != factor }
    var contexts: [[Level?]: [Level?: (group: Int, offset: Int)]] = [:]
    for outcome in outcomes {
      guard let group = outcome.group else { continue }
      contexts[others.map { outcome.assignment[$0] }, default: [:]][outcome.assignment[factor]] = (
        group, outcome.utcOffset
      )
    }
    let seen = contexts.values.map { FindingClass.of(factor, levels: $0) }
    return seen.compactMap { $0 }.min { $0.class < $1.class } ?? unsettled(factor)
  }

  /// The class that the levels of one factor show, all else being equal; `nil` where they do not differ.
  private static func of(_ factor: Factor, levels: [Level?: (group: Int, offset: Int)]) -> FindingClass? {
    guard Set(levels.values.map(\.group)).count > 1 else { return nil }
    let set = levels.filter { $0.key != nil }
    if !factor.isAlwaysPresent {
      if Set(set.values.map(\.group)).count > 1 { return FindingClass(class: .geographic, note: nil) }
      // All set levels behave alike, and unlike the absent one. Is that because something is set, or because of what?
      return set.count > 1 || set.keys.contains { isNeutral($0!) }
        ? FindingClass(class: .presence, note: nil) : unsettled(factor)
    }
    guard factor == .timezone else {
      // A third level sides with one of the two, or differs from both: either way it is not one odd machine.
      return levels.count > 2 ? FindingClass(class: .geographic, note: nil) : unsettled(factor)
    }
    // Equal offsets show the same local time: what differs between them cannot follow from the time.
    let byOffset = Dictionary(grouping: levels.values, by: \.offset)
    if byOffset.values.contains(where: { Set($0.map(\.group)).count > 1 }) {
      return FindingClass(class: .geographic, note: nil)
    }
    if byOffset.values.contains(where: { $0.count > 1 }), byOffset.count > 1 {
      return FindingClass(
        class: .geographic,
        note: "zones with the same offset from UTC behave alike: the offset, or the local time, may be what decides")
    }
    return unsettled(factor)
  }

  /// Whether a level is one that nobody singles out: a host in a domain that is reserved for examples (RFC 2606).
  private static func isNeutral(_ level: Level) -> Bool {
    let urls: [String] =
      switch level {
      case .endpoint(let url): [url]
      case .proxy(let proxy): [proxy.http, proxy.https, proxy.all].compactMap { $0 }
      case .mirrors(let mirrors): Array(mirrors.values)
      default: []
      }
    let hosts = urls.compactMap { URLParts($0)?.host }
    return !hosts.isEmpty
      && hosts.allSatisfy { host in
        ["example.com", "example.org", "example.net", "example", "test", "invalid"].contains { domain in
          host == domain || host.hasSuffix("." + domain)
        }
      }
  }

  private static func unsettled(_ factor: Factor) -> FindingClass {
    let wanted =
      switch factor {
      case .endpoint: "a profile with a neutral custom endpoint, such as us-gateway,"
      case .proxy: "a profile with a neutral proxy, such as us-proxy,"
      case .timezone: "a profile in another zone with the same offset from UTC, such as sg-gateway for UTC+8,"
      case .locale: "a profile with a further language, such as de,"
      case .mirrors: "a profile with another mirror"
      case .hostname, .resolver, .identity, .network: "a profile with a third \(factor.name), such as de,"
      case .clock: "a profile with a third instant"
      case .variable: "a profile with another value of \(factor.name)"
      }
    return FindingClass(
      class: .undetermined, note: "\(wanted) would tell whether the value of \(factor.name) decides or its presence")
  }
}
