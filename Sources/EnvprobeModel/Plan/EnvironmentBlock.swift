/// The variables that a program is started with: a fixed few and those of the factors, nothing else of the host.
enum EnvironmentBlock {
  static func variables(
    assignment: Assignment, account: Plan.Account, host: HostFacts, workDirectory: String,
    exposures: [Plan.Exposure], streams: StandardStreams
  ) -> [EnvironmentVariable] {
    var block: [EnvironmentVariable] = []
    func add(_ name: String, _ value: String, _ factor: Factor? = nil) {
      block.append(.init(name: name, value: value, factor: factor))
    }
    let identity: Factor? = assignment.identity == nil ? nil : .identity
    add("PATH", searchPath(host: host, exposures: exposures))
    add("SHELL", account.shell)
    add("HOME", account.home, identity)
    add("USER", account.user, identity)
    add("LOGNAME", account.user, identity)
    add("PWD", workDirectory)
    if case .terminal = streams {
      add("TERM", host.terminalType ?? "xterm-256color")
      if let color = host.colorTerminal { add("COLORTERM", color) }
    }
    add("HOSTNAME", assignment.hostname ?? Plan.Default.hostname, assignment.hostname == nil ? nil : .hostname)
    let locale = assignment.locale ?? Plan.Default.locale
    for (name, value) in locale.variables.sorted(by: { $0.key < $1.key }) {
      add(name, value, assignment.locale == nil ? nil : .locale)
    }
    if let timezone = assignment.timezone { add("TZ", timezone, .timezone) }
    for (name, value) in (assignment.proxy?.variables ?? [:]).sorted(by: { $0.key < $1.key }) {
      add(name, value, .proxy)
      add(name.lowercased(), value, .proxy)
    }
    if let endpoint = assignment.endpoint {
      for variable in EndpointVariable.all { add(variable.name, endpoint + variable.path, .endpoint) }
    }
    for mirror in Mirror.all {
      guard let url = assignment.mirrors?[mirror.name] else { continue }
      for name in mirror.variables { add(name, url, .mirrors) }
    }
    for variable in FixedVariable.all { add(variable.name, variable.value) }
    for (name, value) in assignment.variables.sorted(by: { $0.key < $1.key }) {
      let variable = EnvironmentVariable(name: name, value: value, factor: .variable(name))
      if let index = block.firstIndex(where: { $0.name == name }) {
        block[index] = variable
      } else {
        block.append(variable)
      }
    }
    return block
  }

  /// The host's PATH without the entries that lead nowhere inside, as they would tell the host's user.
  static func searchPath(host: HostFacts, exposures: [Plan.Exposure]) -> String {
    let kept = host.searchPath.split(separator: ":").map(String.init).filter { entry in
      guard entry.hasPrefix("/") else { return false }
      guard
        (host.homes + ["/tmp", "/var/tmp", "/run", "/home", "/root"]).contains(where: {
          PathText.isWithin(entry, $0)
        })
      else { return true }
      if PathText.isWithin(entry, host.workDirectory), !host.homes.contains(host.workDirectory) { return true }
      return exposures.contains { exposure in
        if case .folder(let folder) = exposure, PathText.isWithin(entry, folder) { return true }
        return PathText.isWithin(exposure.path, entry)
      }
    }
    return kept.isEmpty ? "/usr/local/bin:/usr/bin:/bin" : kept.joined(separator: ":")
  }
}

/// A variable that has the same value in every run.
public struct FixedVariable: Hashable, Sendable {
  public var name: String
  public var value: String
  /// Why it is there, for the reference page.
  public var purpose: String

  /// Where the sandbox's certificates are: the places of an ordinary Debian system.
  public static let certificateBundle = "/etc/ssl/certs/ca-certificates.crt"
  public static let certificateFolder = "/etc/ssl/certs"

  public static let all: [FixedVariable] = trust + keys

  /// What runtimes honour for the certificates they trust, as none of these reaches all of them.
  public static let trust: [FixedVariable] = [
    .init(name: "SSL_CERT_FILE", value: certificateBundle, purpose: "OpenSSL, Bun, rustls, Python ssl and httpx"),
    .init(name: "SSL_CERT_DIR", value: certificateFolder, purpose: "OpenSSL, Bun, rustls, Python ssl and httpx"),
    .init(name: "NODE_EXTRA_CA_CERTS", value: certificateBundle, purpose: "Node and Bun"),
    .init(name: "NODE_USE_SYSTEM_CA", value: "1", purpose: "Bun, and Node 24"),
    .init(name: "REQUESTS_CA_BUNDLE", value: certificateBundle, purpose: "Python requests and pip"),
    .init(name: "CURL_CA_BUNDLE", value: certificateBundle, purpose: "curl and Python requests"),
    .init(name: "GIT_SSL_CAINFO", value: certificateBundle, purpose: "git"),
    .init(name: "PIP_CERT", value: certificateBundle, purpose: "pip"),
    .init(name: "NPM_CONFIG_CAFILE", value: certificateBundle, purpose: "npm"),
    .init(name: "CODEX_CA_CERTIFICATE", value: certificateBundle, purpose: "codex"),
    .init(name: "AWS_CA_BUNDLE", value: certificateBundle, purpose: "the AWS libraries"),
    .init(name: "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", value: certificateBundle, purpose: "gRPC"),
    .init(name: "CARGO_HTTP_CAINFO", value: certificateBundle, purpose: "cargo"),
    .init(name: "DENO_TLS_CA_STORE", value: "system", purpose: "Deno"),
  ]

  /// Keys of model APIs, without which agents do not start. They open nothing: only the gateway ever sees them.
  public static let keys: [FixedVariable] = [
    .init(
      name: "ANTHROPIC_API_KEY", value: "sk-ant-api03-" + String(repeating: "0", count: 93) + "-0000000AA",
      purpose: "Anthropic clients"),
    .init(name: "OPENAI_API_KEY", value: "sk-" + String(repeating: "0", count: 48), purpose: "OpenAI clients"),
    .init(name: "GEMINI_API_KEY", value: "AIza" + String(repeating: "0", count: 35), purpose: "Google clients"),
    .init(name: "GOOGLE_API_KEY", value: "AIza" + String(repeating: "0", count: 35), purpose: "Google clients"),
  ]
}
