/// The variables `LANG`, `LC_*` and `LANGUAGE` of a profile.
public struct LocaleSetting: Hashable, Sendable {
  /// `LANG`, such as `zh_CN.UTF-8`.
  public var lang: String
  /// Further variables, `LC_TIME` or `LANGUAGE`, by name.
  public var overrides: [String: String]

  public init(lang: String, overrides: [String: String] = [:]) {
    self.lang = lang
    self.overrides = overrides
  }

  /// The variables that a locale setting may hold.
  public static let variableNames = [
    "LANG", "LANGUAGE", "LC_ALL", "LC_ADDRESS", "LC_COLLATE", "LC_CTYPE", "LC_IDENTIFICATION", "LC_MEASUREMENT",
    "LC_MESSAGES", "LC_MONETARY", "LC_NAME", "LC_NUMERIC", "LC_PAPER", "LC_TELEPHONE", "LC_TIME",
  ]

  static func isVariable(_ name: String) -> Bool { variableNames.contains(name) }

  /// Every variable this setting asks for.
  public var variables: [String: String] { overrides.merging(["LANG": lang]) { override, _ in override } }

  /// Every locale that must exist inside for this setting to hold, without repetition.
  public var locales: [String] {
    let named = variables.filter { $0.key != "LANGUAGE" }.values
    return Set(named).subtracting(["C", "POSIX", ""]).sorted()
  }
}

/// The proxies of a profile, as URLs.
public struct ProxySetting: Hashable, Sendable {
  public var http: String?
  public var https: String?
  public var all: String?
  public var noProxy: [String]

  public init(http: String? = nil, https: String? = nil, all: String? = nil, noProxy: [String] = []) {
    self.http = http
    self.https = https
    self.all = all
    self.noProxy = noProxy
  }

  /// One proxy for both schemes.
  public init(url: String) { self.init(http: url, https: url) }

  /// The variables to set, in upper case.
  public var variables: [String: String] {
    var result: [String: String] = [:]
    if let http { result["HTTP_PROXY"] = http }
    if let https { result["HTTPS_PROXY"] = https }
    if let all { result["ALL_PROXY"] = all }
    if !noProxy.isEmpty { result["NO_PROXY"] = noProxy.joined(separator: ",") }
    return result
  }
}

/// `/etc/resolv.conf` of a profile.
public struct ResolverSetting: Hashable, Sendable, Codable {
  public var nameservers: [String]
  public var search: [String]

  public init(nameservers: [String], search: [String] = []) {
    self.nameservers = nameservers
    self.search = search
  }
}

/// Who the program runs as, inside.
public struct IdentitySetting: Hashable, Sendable, Codable {
  /// The login name; HOME is `/home/<user>`.
  public var user: String
  /// The person's name, for git.
  public var name: String
  public var email: String

  public init(user: String, name: String, email: String) {
    self.user = user
    self.name = name
    self.email = email
  }
}

/// Where the machine is on the network.
public struct NetworkSetting: Hashable, Sendable {
  /// The address of the interface, IPv4.
  public var address: String
  /// The address that IP-echo services answer.
  public var publicAddress: String
  /// ISO 3166-1 alpha-2.
  public var country: String

  public init(address: String, publicAddress: String, country: String) {
    self.address = address
    self.publicAddress = publicAddress
    self.country = country
  }
}

extension NetworkSetting: Codable {
  enum CodingKeys: String, CodingKey {
    case address
    case publicAddress = "public_address"
    case country
  }
}

/// One value of a factor.
public enum Level: Hashable, Sendable {
  /// A zone name of the IANA database.
  case timezone(String)
  case locale(LocaleSetting)
  case hostname(String)
  case proxy(ProxySetting)
  /// A base URL without a trailing slash.
  case endpoint(String)
  case resolver(ResolverSetting)
  /// Index URLs by ``Mirror/name``.
  case mirrors([String: String])
  case identity(IdentitySetting)
  case network(NetworkSetting)
  /// An instant, RFC 3339 in UTC.
  case clock(String)
  case variable(String)
}

extension Level: CustomStringConvertible {
  /// A short form for people: one line, unambiguous within its factor.
  public var description: String {
    switch self {
    case .timezone(let text), .hostname(let text), .endpoint(let text), .clock(let text), .variable(let text): text
    case .locale(let locale):
      ([locale.lang] + locale.overrides.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
        .joined(separator: " ")
    case .proxy(let proxy):
      if proxy == ProxySetting(url: proxy.http ?? "") {
        proxy.http!
      } else {
        proxy.variables.sorted { $0.key < $1.key }.map { "\($0.key.lowercased())=\($0.value)" }.joined(separator: " ")
      }
    case .resolver(let resolver): (resolver.nameservers + resolver.search).joined(separator: " ")
    case .mirrors(let mirrors):
      mirrors.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    case .identity(let identity): "\(identity.user) (\(identity.name) <\(identity.email)>)"
    case .network(let network): "\(network.address) \(network.publicAddress) \(network.country)"
    }
  }
}
