import EnvprobeModel

/// The names that a program holds as levels for a design: zones, locales, and hosts as endpoints.
public struct MinedLevels {
  /// So many of a factor, the most telling first, where nothing else is said.
  public static let usual = 6

  /// One level each, in the order of how telling their names are.
  public let settings: [Setting]

  /// - Parameters:
  ///   - names: as ``Mine`` ranks them.
  ///   - profiles: whose levels need not be added.
  ///   - count: so many of each factor at most.
  public init(_ names: [MinedName], besides profiles: [Design.Arm], atMost count: Int = usual) {
    self.init(
      names, besides: profiles, atMost: count, zones: (try? SystemCatalogue.zones()).map(Set.init),
      locales: (try? SystemCatalogue.locales()).map(Set.init))
  }

  /// - Parameters:
  ///   - zones: those that the system has; `nil` where it does not tell.
  ///   - locales: those that can be built.
  init(
    _ names: [MinedName], besides profiles: [Design.Arm], atMost count: Int, zones: Set<String>?, locales: Set<String>?
  ) {
    var chosen: [Factor: [Level]] = [:]
    var settings: [Setting] = []
    for name in names {
      guard let (factor, text) = Self.setting(of: name) else { continue }
      if factor == .timezone, let zones, !zones.contains(text) { continue }
      if factor == .locale, let locales, !locales.contains(text) { continue }
      guard let level = try? Level(of: factor, parsing: text), chosen[factor, default: []].count < count,
        !chosen[factor, default: []].contains(level), !profiles.contains(where: { $0.assignment[factor] == level })
      else { continue }
      chosen[factor, default: []].append(level)
      settings.append(Setting(factor: factor, level: level))
    }
    self.settings = settings
  }

  private static func setting(of name: MinedName) -> (Factor, String)? {
    switch name.kind {
    case .zone: (.timezone, name.text)
    case .locale: (.locale, name.text.prefix { $0 != "." }.replacing("-", with: "_") + ".UTF-8")
    case .host: (.endpoint, "https://\(name.text)")
    case .territory, .currency, .variable: nil
    }
  }
}
