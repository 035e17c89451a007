/// A level for each factor that is set: what one run is launched under.
public struct Assignment: Hashable, Sendable {
  public private(set) var levels: [Factor: Level]

  public init(_ levels: [Factor: Level] = [:]) { self.levels = levels }

  public subscript(factor: Factor) -> Level? {
    get { levels[factor] }
    set { levels[factor] = newValue }
  }

  /// The factors that are set, in their canonical order.
  public var factors: [Factor] { levels.keys.sorted() }

  /// The factors in which two assignments differ, in their canonical order.
  public func differingFactors(from other: Assignment) -> [Factor] {
    Set(levels.keys).union(other.levels.keys).filter { levels[$0] != other.levels[$0] }.sorted()
  }

  /// This assignment with the levels that `other` has for `factors`, unset ones included.
  public func taking(_ factors: some Sequence<Factor>, from other: Assignment) -> Assignment {
    var result = self
    for factor in factors { result[factor] = other[factor] }
    return result
  }

  public var timezone: String? { if case .timezone(let value) = levels[.timezone] { value } else { nil } }
  public var locale: LocaleSetting? { if case .locale(let value) = levels[.locale] { value } else { nil } }
  public var hostname: String? { if case .hostname(let value) = levels[.hostname] { value } else { nil } }
  public var proxy: ProxySetting? { if case .proxy(let value) = levels[.proxy] { value } else { nil } }
  public var endpoint: String? { if case .endpoint(let value) = levels[.endpoint] { value } else { nil } }
  public var resolver: ResolverSetting? { if case .resolver(let value) = levels[.resolver] { value } else { nil } }
  public var mirrors: [String: String]? { if case .mirrors(let value) = levels[.mirrors] { value } else { nil } }
  public var identity: IdentitySetting? { if case .identity(let value) = levels[.identity] { value } else { nil } }
  public var network: NetworkSetting? { if case .network(let value) = levels[.network] { value } else { nil } }
  public var clock: String? { if case .clock(let value) = levels[.clock] { value } else { nil } }

  /// The further environment variables, by name.
  public var variables: [String: String] {
    levels.reduce(into: [:]) { result, entry in
      if case .variable(let name) = entry.key, case .variable(let value) = entry.value { result[name] = value }
    }
  }
}

private struct FactorKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(_ factor: Factor) { stringValue = factor.name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// A JSON object from factor names to levels.
extension Assignment: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: FactorKey.self)
    levels = [:]
    for key in container.allKeys {
      guard let factor = Factor(name: key.stringValue) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container, debugDescription: "unknown factor '\(key.stringValue)'")
      }
      levels[factor] = try Level(of: factor, from: container.superDecoder(forKey: key))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: FactorKey.self)
    for factor in factors { try container.encode(levels[factor]!, forKey: FactorKey(factor)) }
  }
}
