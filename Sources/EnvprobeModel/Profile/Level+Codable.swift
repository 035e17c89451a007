extension LocaleSetting: Codable {
  public init(from decoder: any Decoder) throws {
    if let lang = try? decoder.singleValueContainer().decode(String.self) {
      self.init(lang: lang)
    } else {
      var variables = try [String: String](from: decoder)
      let lang = variables.removeValue(forKey: "LANG") ?? "C.UTF-8"
      self.init(lang: lang, overrides: variables)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    if overrides.isEmpty { try lang.encode(to: encoder) } else { try variables.encode(to: encoder) }
  }
}

extension ProxySetting: Codable {
  enum CodingKeys: String, CodingKey {
    case http, https, all
    case noProxy = "no_proxy"
  }

  public init(from decoder: any Decoder) throws {
    if let url = try? decoder.singleValueContainer().decode(String.self) {
      self.init(url: url)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      http: try container.decodeIfPresent(String.self, forKey: .http),
      https: try container.decodeIfPresent(String.self, forKey: .https),
      all: try container.decodeIfPresent(String.self, forKey: .all),
      noProxy: try container.decodeIfPresent([String].self, forKey: .noProxy) ?? [])
  }

  public func encode(to encoder: any Encoder) throws {
    if let http, self == ProxySetting(url: http) {
      try http.encode(to: encoder)
      return
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(http, forKey: .http)
    try container.encodeIfPresent(https, forKey: .https)
    try container.encodeIfPresent(all, forKey: .all)
    if !noProxy.isEmpty { try container.encode(noProxy, forKey: .noProxy) }
  }
}

extension Level: Encodable {
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .timezone(let text), .hostname(let text), .endpoint(let text), .clock(let text), .variable(let text):
      try text.encode(to: encoder)
    case .locale(let value): try value.encode(to: encoder)
    case .proxy(let value): try value.encode(to: encoder)
    case .resolver(let value): try value.encode(to: encoder)
    case .mirrors(let value): try value.encode(to: encoder)
    case .identity(let value): try value.encode(to: encoder)
    case .network(let value): try value.encode(to: encoder)
    }
  }

  /// A level is only meaningful together with its factor, which says what shape it has.
  public init(of factor: Factor, from decoder: any Decoder) throws {
    switch factor {
    case .timezone: self = .timezone(try String(from: decoder))
    case .locale: self = .locale(try LocaleSetting(from: decoder))
    case .hostname: self = .hostname(try String(from: decoder))
    case .proxy: self = .proxy(try ProxySetting(from: decoder))
    case .endpoint: self = .endpoint(try String(from: decoder))
    case .resolver: self = .resolver(try ResolverSetting(from: decoder))
    case .mirrors: self = .mirrors(try [String: String](from: decoder))
    case .identity: self = .identity(try IdentitySetting(from: decoder))
    case .network: self = .network(try NetworkSetting(from: decoder))
    case .clock: self = .clock(try String(from: decoder))
    case .variable: self = .variable(try String(from: decoder))
    }
  }
}
