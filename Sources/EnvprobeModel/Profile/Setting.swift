import Yams

/// A factor and the level to give it, as `--set` has it.
///
/// `timezone=Asia/Shanghai`, `env.DEBUG=1`, `network={address: 10.1.2.3, public_address: 203.0.113.7, country: CN}`.
/// Nothing after the equals sign takes the factor away: `endpoint=`.
public struct Setting: Hashable, Sendable {
  public var factor: Factor
  /// `nil` takes the factor away.
  public var level: Level?

  public init(factor: Factor, level: Level?) {
    self.factor = factor
    self.level = level
  }

  public init(parsing text: String) throws(ProfileError) {
    guard let equals = text.firstIndex(of: "=") else {
      throw ProfileError([.init(source: "--set \(text)", text: "write factor=value, such as timezone=Asia/Shanghai")])
    }
    let factor = try Factor(parsing: String(text[..<equals]), option: "--set")
    self.init(factor: factor, level: try Level(of: factor, parsing: String(text[text.index(after: equals)...])))
  }
}

extension Factor {
  /// The factor with this name, or an error that suggests the nearest. `option` is where the name was given.
  public init(parsing name: String, option: String) throws(ProfileError) {
    guard let factor = Factor(name: name) else {
      let known = Factor.keyed.map(\.name) + [Factor.variablePrefix + "NAME"]
      throw ProfileError([.init(source: option, text: unknownName("factor", name, known: known))])
    }
    if case .variable(let variable) = factor, let complaint = ValueRule.variableName.complaint(variable) {
      throw ProfileError([.init(source: option, text: complaint)])
    }
    self = factor
  }
}

extension Level {
  /// The level that a text gives to a factor, `nil` where the text is empty and the factor thereby unset.
  ///
  /// The text is taken literally where the level is a text; it is YAML where the level is a map (for `locale` and
  /// `proxy`: where it begins with a brace). `""` sets an environment variable to nothing.
  public init?(of factor: Factor, parsing text: String) throws(ProfileError) {
    if text.isEmpty { return nil }
    var reader = LevelReader(source: "--set \(factor.name)", hasPlaces: false)
    let node: Node
    if factor.takesMap(text) {
      guard let root = try ProfileParser.compose(text, source: reader.source, hasPlaces: false), !root.isNothing else {
        return nil
      }
      node = root
    } else if case .variable = factor, text == "\"\"" || text == "''" {
      node = Node("", .implicit, .doubleQuoted)
    } else {
      node = Node(text, .implicit, .doubleQuoted)
    }
    guard let level = reader.level(of: factor, from: node) else { throw ProfileError(reader.problems) }
    guard reader.problems.isEmpty else { throw ProfileError(reader.problems) }
    self = level
  }
}

extension Factor {
  fileprivate func takesMap(_ text: String) -> Bool {
    switch self {
    case .resolver, .mirrors, .identity, .network: true
    case .locale, .proxy: text.hasPrefix("{")
    case .timezone, .hostname, .endpoint, .clock, .variable: false
    }
  }
}

extension Assignment {
  /// Gives the setting's factor its level, or takes it away.
  public mutating func apply(_ setting: Setting) { self[setting.factor] = setting.level }
}
