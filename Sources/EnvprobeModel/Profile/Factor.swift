/// One dimension of the environment a program runs in.
///
/// The name of a factor is the key of a profile file, the word after `--set`, and what a report calls a cause.
public enum Factor: Hashable, Sendable {
  case timezone, locale, hostname, proxy, endpoint, resolver, mirrors, identity, network, clock
  /// Any other environment variable. Its name is `env.NAME`.
  case variable(String)

  /// Every factor that has a key of its own, in the order in which profiles and reports list them.
  public static let keyed: [Factor] = [
    .timezone, .locale, .hostname, .proxy, .endpoint, .resolver, .mirrors, .identity, .network, .clock,
  ]

  /// The prefix of the name of a ``variable(_:)``.
  public static let variablePrefix = "env."

  public var name: String {
    switch self {
    case .timezone: "timezone"
    case .locale: "locale"
    case .hostname: "hostname"
    case .proxy: "proxy"
    case .endpoint: "endpoint"
    case .resolver: "resolver"
    case .mirrors: "mirrors"
    case .identity: "identity"
    case .network: "network"
    case .clock: "clock"
    case .variable(let name): Self.variablePrefix + name
    }
  }

  /// The factor with this name, `nil` where there is none.
  public init?(name: String) {
    if name.hasPrefix(Self.variablePrefix), name.utf8.count > Self.variablePrefix.utf8.count {
      self = .variable(String(name.dropFirst(Self.variablePrefix.count)))
    } else if let keyed = Self.keyed.first(where: { $0.name == name }) {
      self = keyed
    } else {
      return nil
    }
  }

  /// What the factor sets inside the sandbox, for help texts and the reference page.
  public var summary: String {
    switch self {
    case .timezone: "TZ, /etc/localtime with its link target, and /etc/timezone"
    case .locale: "LANG, LC_* and LANGUAGE; the locale is built if the host lacks it"
    case .hostname: "the UTS name, /etc/hostname, /etc/hosts and HOSTNAME"
    case .proxy: "the proxy variables, in upper and lower case"
    case .endpoint: "the base URL of the model API, in every variable that agents read for it"
    case .resolver: "/etc/resolv.conf; the name servers answer inside"
    case .mirrors: "package indexes: variables and per-user configuration files"
    case .identity: "the user's name, HOME, USER, LOGNAME, the git user and the machine id"
    case .network: "the interface address, and what IP-echo and geo-IP services answer"
    case .clock: "what the clock shows when the run starts"
    case .variable(let name): "the environment variable \(name)"
    }
  }

  /// Whether every profile has some level of this factor even where it names none, so that "unset" is itself a
  /// setting of the host and no absence: a machine without a time zone does not exist.
  public var isAlwaysPresent: Bool {
    switch self {
    case .timezone, .locale, .hostname, .resolver, .identity, .network, .clock: true
    case .proxy, .endpoint, .mirrors, .variable: false
    }
  }

  /// The factor with a key of its own that sets this environment variable, `nil` where none does.
  public static func owning(variable name: String) -> Factor? {
    let upper = name.uppercased()
    if name == "TZ" { return .timezone }
    if LocaleSetting.isVariable(name) { return .locale }
    if name == "HOSTNAME" { return .hostname }
    if ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].contains(upper) { return .proxy }
    if EndpointVariable.all.contains(where: { $0.name == name }) { return .endpoint }
    if Mirror.all.contains(where: { $0.variables.contains(name) }) { return .mirrors }
    if ["HOME", "USER", "LOGNAME"].contains(name) { return .identity }
    return nil
  }

  private var order: (Int, String) {
    if case .variable(let name) = self { return (Self.keyed.count, name) }
    return (Self.keyed.firstIndex(of: self)!, "")
  }
}

extension Factor: Comparable {
  public static func < (a: Factor, b: Factor) -> Bool { a.order < b.order }
}

extension Factor: CustomStringConvertible {
  public var description: String { name }
}

extension Factor: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let factor = Factor(name: name) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown factor '\(name)'")
    }
    self = factor
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
