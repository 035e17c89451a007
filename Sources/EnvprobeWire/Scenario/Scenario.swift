import EnvprobeModel

/// What the offline world says: a script for the model APIs, and rules for everything else.
///
/// A pure function from requests to responses; schema `envprobe.scenario/1`.
public struct Scenario: Hashable, Sendable {
  public var name: String
  public var description: String
  /// Whether there is no network: names do not resolve, and connections are refused.
  public var isOffline = false
  /// Whether it comes with envprobe: nobody need be told that a rule of such a one was not used.
  var isBundled = false
  var script: Script
  /// First match wins.
  var rules: [Rule]

  /// What a model says, turn by turn.
  struct Script: Hashable, Sendable {
    struct Turn: Hashable, Sendable {
      var text: String?
      var tools: [ToolUse] = []
    }

    /// A call of a tool that the program offers: of the first of the alternatives that it does offer.
    struct ToolUse: Hashable, Sendable {
      struct Call: Hashable, Sendable {
        var name: String
        var input: JSON
      }
      /// What is written into the text instead, for an agent whose instructions have `marker` in them.
      struct Written: Hashable, Sendable {
        var marker: String
        var text: String
      }
      var alternatives: [Call]
      var written: [Written] = []

      func call(offering tools: Set<String>) -> Call? { alternatives.first { tools.contains($0.name) } }

      func text(for instructions: String) -> String? { written.first { instructions.contains($0.marker) }?.text }
    }

    var turns: [Turn]
    /// The answer to requests that offer no tools, where it is not the turn's.
    var side: String?
    /// Identifiers of the models that exist.
    var models: [String]
  }

  struct Rule: Hashable, Sendable {
    var match: Match
    var answer: Answer
    /// How the answer arrives.
    var delivery = Delivery()
    /// What the trace calls it.
    var source: String
    /// Where in its file it begins, from 1.
    var line = 0
  }

  /// How an answer arrives: a failing network is a factor too.
  struct Delivery: Hashable, Sendable {
    enum Ending: Hashable, Sendable {
      case whole
      /// The connection ends, in good order, after so many bytes of the body.
      case cut(after: Int)
      /// The connection is reset before a byte of the answer.
      case reset
    }
    /// Seconds before the first byte.
    var delay = 0.0
    var ending = Ending.whole
  }

  /// What a request must be like; every part that is given must hold.
  struct Match: Hashable, Sendable {
    var hosts: [Glob] = []
    var methods: [String] = []
    var paths: [Glob] = []
    /// Fields, by name, of which one value must match.
    var headers: [String: Glob] = [:]
    /// Query parameters, by name, of which one value must match.
    var query: [String: Glob] = [:]
    /// The body as text, without content coding.
    var body: Glob?
    /// The how-manieth attempt at the same request it is, from 1.
    var attempts: ClosedRange<Int>?
  }

  enum Answer: Hashable, Sendable {
    /// The name of a responder of ``Responder``.
    case api(String)
    case fixed(status: Int, headers: [HTTPHeader], body: Template)
    /// The socket is opened; where the request asks for none, that is what it is told to do.
    case webSocket(SocketScript)
  }

  /// The answer to a request, which always has one: the last of the common rules matches everything.
  func respond(to request: ScenarioRequest, in world: World) -> Response {
    for (index, rule) in rules.enumerated() where rule.match.matches(request) {
      guard var response = answer(request, by: rule, in: world) else { continue }
      response.rule = index
      return response
    }
    for rule in Self.commonRules where rule.match.matches(request) {
      if let response = answer(request, by: rule, in: world) { return response }
    }
    return Response(status: 404, headers: [], body: [], source: "default")
  }

  private func answer(_ request: ScenarioRequest, by rule: Rule, in world: World) -> Response? {
    var response: Response
    switch rule.answer {
    case .api(let name):
      guard let answer = Responder.named(name)?.respond(request, script, world) else { return nil }
      response = answer
      response.source = name
    case .fixed(let status, let headers, let body):
      let text = body.render { world.value(of: $0, for: request) }
      response = Response(status: status, headers: headers, body: Array(text.utf8), source: rule.source)
    case .webSocket(let script):
      if let handshake = WebSocketHandshake(request.head) {
        response = handshake.response
        response.socket = script
      } else {
        response = Response(
          status: 426, headers: [HTTPHeader(name: "Upgrade", value: "websocket")], body: [], source: "")
      }
      response.source = rule.source
    }
    response.delivery = rule.delivery
    return response
  }

  /// Whether an answer may depend on how often a request was made before.
  var countsAttempts: Bool { rules.contains { $0.match.attempts != nil } }

  /// Rules of the file that answered nothing, as a reader may be told of them.
  ///
  /// - Parameter used: the places among the rules of those that did.
  func unusedRules(besides used: Set<Int>) -> [String] {
    if isBundled { return [] }
    return rules.indices.filter { !used.contains($0) }.map { index in
      let rule = rules[index]
      return rule.source == Rule.unnamed ? "line \(rule.line)" : "\(rule.source) (line \(rule.line))"
    }
  }
}

extension Scenario.Rule {
  /// The source of a rule without a name.
  static let unnamed = "rule"
}

/// A request as the offline world sees it.
struct ScenarioRequest: Sendable {
  var scheme: String
  /// In lower case.
  var host: String
  var head: RequestHead
  /// Without content coding.
  var body: [UInt8]
  /// With it, as it came.
  var sentBody: [UInt8] = []
  /// How often this request was made by now, from 1.
  var attempt = 1

  var method: String { head.method }
  var path: String { head.path }
}

/// What of the offline world depends on the profile or on time.
struct World: Sendable {
  /// Where the program's machine is on the network.
  var network: NetworkSetting
  /// Seconds since 1970-01-01T00:00:00Z.
  var now: Int
  var names: NameService

  /// Where a machine is whose profile does not say.
  static let defaultNetwork = NetworkSetting(
    address: Plan.Default.address, publicAddress: "198.51.100.24", country: "US")
}

/// A pattern in which `*` stands for any characters, none included.
struct Glob: Hashable, Sendable {
  let pattern: String
  private let pieces: [[UInt8]]

  init(_ pattern: String) {
    self.pattern = pattern
    pieces = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
  }

  func matches(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    guard rest.starts(with: pieces[0]) else { return false }
    guard pieces.count > 1 else { return rest.count == pieces[0].count }
    rest = rest.dropFirst(pieces[0].count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
      guard let start = rest.indices.first(where: { rest[$0...].starts(with: piece) }) else { return false }
      rest = rest[(start + piece.count)...]
    }
    let last = pieces[pieces.count - 1]
    return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
  }
}

extension Scenario.Match {
  func matches(_ request: ScenarioRequest) -> Bool {
    if !methods.isEmpty, !methods.contains(request.method) { return false }
    if let attempts, !attempts.contains(request.attempt) { return false }
    if !hosts.isEmpty, !hosts.contains(where: { $0.matches(request.host) }) { return false }
    if !paths.isEmpty {
      let path = request.path
      if !paths.contains(where: { $0.matches(path) }) { return false }
    }
    for (name, glob) in headers where !request.head.values(of: name).contains(where: glob.matches) { return false }
    if !query.isEmpty {
      let pairs = request.head.query
      for (name, glob) in query where !pairs.contains(where: { $0.name == name && glob.matches($0.value) }) {
        return false
      }
    }
    if let body, !body.matches(String(decoding: request.body, as: UTF8.self)) { return false }
    return true
  }
}
