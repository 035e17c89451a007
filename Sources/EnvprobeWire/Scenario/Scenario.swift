import EnvprobeModel

/// What the offline world says: a script for the model APIs, and rules for everything else.
///
/// A pure function from requests to responses; schema `envprobe.scenario/1`.
public struct Scenario: Hashable, Sendable {
  public var name: String
  public var description: String
  var script: Script
  /// First match wins.
  var rules: [Rule]

  /// What a model says, turn by turn.
  struct Script: Hashable, Sendable {
    struct Turn: Hashable, Sendable {
      var text: String?
      var tools: [ToolUse] = []
    }

    /// A call of a tool that the program offers.
    struct ToolUse: Hashable, Sendable {
      var name: String
      var input: JSON
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
    /// What the trace calls it.
    var source: String
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
  }

  enum Answer: Hashable, Sendable {
    /// The name of a responder of ``Responder``.
    case api(String)
    case fixed(status: Int, headers: [HTTPHeader], body: Template)
  }

  /// The answer to a request, which always has one: the last of the common rules matches everything.
  func respond(to request: ScenarioRequest, in world: World) -> Response {
    for rule in rules + Self.commonRules where rule.match.matches(request) {
      switch rule.answer {
      case .api(let name):
        guard var response = Responder.named(name)?.respond(request, script, world) else { continue }
        response.source = name
        return response
      case .fixed(let status, let headers, let body):
        let text = body.render { world.value(of: $0, for: request) }
        return Response(status: status, headers: headers, body: Array(text.utf8), source: rule.source)
      }
    }
    return Response(status: 404, headers: [], body: [], source: "default")
  }
}

/// A request as the offline world sees it.
struct ScenarioRequest: Sendable {
  var scheme: String
  /// In lower case.
  var host: String
  var head: RequestHead
  /// Without content coding.
  var body: [UInt8]

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
    return true
  }
}
