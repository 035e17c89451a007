import EnvprobeModel
import Yams

/// A scenario file that cannot be used.
public struct ScenarioError: Error, Hashable, Sendable, CustomStringConvertible {
  public var file: String
  /// From 1.
  public var line: Int
  public var column: Int
  public var message: String
  public var hint: String?

  public var description: String {
    "\(file):\(line):\(column): \(message)" + (hint.map { "\nhint: \($0)" } ?? "")
  }
}

extension Scenario {
  public static let schema = "envprobe.scenario/1"

  /// Reads the text of a scenario file.
  ///
  /// - Parameter file: its name, for errors.
  public init(yaml: String, file: String) throws(ScenarioError) {
    let reader = Reader(file: file)
    let root = try reader.parse(yaml)
    let keys = ["schema", "name", "description", "offline", "turns", "side", "models", "rules"]
    let fields = try reader.mapping(root, keys: keys)
    guard let schema = fields["schema"] else { throw reader.error(root, "no schema is named", hint: Self.schema) }
    guard try reader.string(schema) == Self.schema else {
      throw reader.error(schema, "this schema is not known", hint: "expected \(Self.schema)")
    }
    name = try fields["name"].map(reader.string) ?? ""
    description = try fields["description"].map(reader.string) ?? ""
    isOffline = try fields["offline"].map(reader.bool) ?? false
    script = Script(turns: [], side: try fields["side"].map(reader.string), models: [])
    for node in try fields["turns"].map(reader.elements) ?? [] { script.turns.append(try reader.turn(node)) }
    for node in try fields["models"].map(reader.elements) ?? [] { script.models.append(try reader.string(node)) }
    rules = []
    for node in try fields["rules"].map(reader.elements) ?? [] { rules.append(try reader.rule(node)) }
  }

  private struct Reader {
    var file: String

    func error(_ node: Node, _ message: String, hint: String? = nil) -> ScenarioError {
      ScenarioError(
        file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, message: message, hint: hint)
    }

    func parse(_ yaml: String) throws(ScenarioError) -> Node {
      do {
        if let node = try Yams.compose(yaml: yaml) { return node }
      } catch YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
        YamlError.composer(_, let problem, let mark, _)
      {
        throw ScenarioError(file: file, line: mark.line, column: mark.column, message: problem)
      } catch {
        throw ScenarioError(file: file, line: 1, column: 1, message: "not YAML: \(error)")
      }
      throw ScenarioError(file: file, line: 1, column: 1, message: "the file is empty")
    }

    func mapping(_ node: Node, keys: [String]) throws(ScenarioError) -> [String: Node] {
      var fields: [String: Node] = [:]
      for (key, value) in try pairs(node) {
        let name = try string(key)
        guard keys.contains(name) else {
          let hint = nearestName(to: name, among: keys).map { "did you mean '\($0)'?" }
          throw error(key, "unknown key '\(name)'", hint: hint ?? "known are: \(keys.joined(separator: ", "))")
        }
        guard fields.updateValue(value, forKey: name) == nil else { throw error(key, "'\(name)' is given twice") }
      }
      return fields
    }

    func pairs(_ node: Node) throws(ScenarioError) -> [(Node, Node)] {
      guard case .mapping(let mapping) = node else { throw error(node, "expected a mapping") }
      return mapping.map { ($0.key, $0.value) }
    }

    func elements(_ node: Node) throws(ScenarioError) -> [Node] {
      guard case .sequence(let sequence) = node else { throw error(node, "expected a list") }
      return Array(sequence)
    }

    func string(_ node: Node) throws(ScenarioError) -> String {
      guard case .scalar(let scalar) = node else { throw error(node, "expected a text") }
      return scalar.string
    }

    func bool(_ node: Node) throws(ScenarioError) -> Bool {
      guard case .scalar(let scalar) = node, let value = Bool.construct(from: scalar) else {
        throw error(node, "expected true or false")
      }
      return value
    }

    /// A text or a list of texts.
    func strings(_ node: Node) throws(ScenarioError) -> [String] {
      guard case .sequence(let sequence) = node else { return [try string(node)] }
      var result: [String] = []
      for element in sequence { result.append(try string(element)) }
      return result
    }

    func turn(_ node: Node) throws(ScenarioError) -> Script.Turn {
      let fields = try mapping(node, keys: ["text", "tools"])
      var turn = Script.Turn(text: try fields["text"].map(string))
      for tool in try fields["tools"].map(elements) ?? [] {
        turn.tools.append(try toolUse(tool))
      }
      guard turn.text != nil || !turn.tools.isEmpty else { throw error(node, "a turn has neither text nor tools") }
      return turn
    }

    func toolUse(_ node: Node) throws(ScenarioError) -> Script.ToolUse {
      let parts = try mapping(node, keys: ["name", "input", "shell", "read", "edit"])
      if let name = parts["name"] {
        guard parts.keys.allSatisfy({ $0 == "name" || $0 == "input" }) else {
          throw error(node, "a tool has either a name or one of 'shell', 'read', 'edit'")
        }
        return .init(alternatives: [.init(name: try string(name), input: try parts["input"].map(json) ?? [:])])
      }
      guard parts.count == 1, parts["input"] == nil, let (kind, value) = parts.first else {
        throw error(node, "a tool has a name, or is one of 'shell', 'read', 'edit'")
      }
      switch kind {
      case "shell": return AgentTool.shell(try string(value))
      case "read": return AgentTool.read(try string(value))
      default:
        let fields = try mapping(value, keys: ["file", "old", "new"])
        guard let file = fields["file"], let old = fields["old"], let new = fields["new"] else {
          throw error(value, "an edit has a 'file', and the lines 'old' and 'new'")
        }
        return AgentTool.edit(.init(file: try string(file), old: try string(old), new: try string(new)))
      }
    }

    func rule(_ node: Node) throws(ScenarioError) -> Rule {
      let fields = try mapping(node, keys: ["name", "match", "answer"])
      guard let answer = fields["answer"] else { throw error(node, "a rule has no answer") }
      let (content, delivery) = try self.answer(answer)
      return Rule(
        match: try fields["match"].map(match) ?? Match(), answer: content, delivery: delivery,
        source: try fields["name"].map(string) ?? Rule.unnamed, line: node.mark?.line ?? 1)
    }

    func match(_ node: Node) throws(ScenarioError) -> Match {
      let fields = try mapping(node, keys: ["host", "method", "path", "header", "query", "body", "attempt"])
      return Match(
        hosts: (try fields["host"].map(strings) ?? []).map { Glob($0.lowercased()) },
        methods: (try fields["method"].map(strings) ?? []).map { $0.uppercased() },
        paths: (try fields["path"].map(strings) ?? []).map(Glob.init),
        headers: try fields["header"].map(globs) ?? [:], query: try fields["query"].map(globs) ?? [:],
        body: try fields["body"].map(string).map(Glob.init), attempts: try fields["attempt"].map(attempts))
    }

    /// `2`, or `2+` for every one from the second.
    func attempts(_ node: Node) throws(ScenarioError) -> ClosedRange<Int> {
      let text = try string(node)
      let isOpen = text.hasSuffix("+")
      guard let number = Int(isOpen ? String(text.dropLast()) : text), number >= 1 else {
        throw error(node, "an attempt is a number from 1, or one with '+' for it and all that follow")
      }
      return number...(isOpen ? Int.max : number)
    }

    func globs(_ node: Node) throws(ScenarioError) -> [String: Glob] {
      var result: [String: Glob] = [:]
      for (key, value) in try pairs(node) { result[try string(key)] = Glob(try string(value)) }
      return result
    }

    func answer(_ node: Node) throws(ScenarioError) -> (Answer, Delivery) {
      var fields = try mapping(
        node, keys: ["api", "status", "headers", "body", "json", "websocket", "delay", "cut", "reset"])
      let delivery = try takeDelivery(from: &fields, node)
      return (try content(fields, node), delivery)
    }

    func takeDelivery(from fields: inout [String: Node], _ node: Node) throws(ScenarioError) -> Delivery {
      var delivery = Delivery()
      if let delay = fields.removeValue(forKey: "delay") {
        guard let seconds = Double(try string(delay)), 0...3600 ~= seconds else {
          throw error(delay, "a delay is a number of seconds from 0 to 3600")
        }
        delivery.delay = seconds
      }
      let cut = fields.removeValue(forKey: "cut")
      if let cut {
        guard let count = Int(try string(cut)), count >= 0 else {
          throw error(cut, "a cut is a number of bytes of the body, from 0")
        }
        delivery.ending = .cut(after: count)
      }
      if let reset = fields.removeValue(forKey: "reset"), try bool(reset) {
        guard cut == nil, fields.isEmpty else {
          throw error(node, "'reset' goes with no other key but 'delay': nothing is answered")
        }
        delivery.ending = .reset
      }
      return delivery
    }

    func content(_ fields: [String: Node], _ node: Node) throws(ScenarioError) -> Answer {
      if let api = fields["api"] {
        guard fields.count == 1 else { throw error(node, "'api' goes with no other key but 'delay' and 'cut'") }
        let name = try string(api)
        guard Responder.named(name) != nil else {
          let known = Responder.all.map(\.name)
          let hint = nearestName(to: name, among: known).map { "did you mean '\($0)'?" }
          throw error(api, "unknown api '\(name)'", hint: hint ?? "known are: \(known.joined(separator: ", "))")
        }
        return .api(name)
      }
      if let node = fields["websocket"] {
        guard fields.count == 1 else { throw error(node, "'websocket' goes with no other key but 'delay'") }
        var script = SocketScript()
        for element in try elements(node) {
          let parts = try mapping(element, keys: ["on", "send"])
          guard let text = parts["send"] else { throw error(element, "a message has no 'send'") }
          script.replies.append(.init(pattern: try parts["on"].map(string).map(Glob.init), text: try string(text)))
        }
        return .webSocket(script)
      }
      guard fields["body"] == nil || fields["json"] == nil else {
        throw error(node, "an answer has either 'body' or 'json'")
      }
      var status = 200
      if let node = fields["status"] {
        guard let number = Int(try string(node)), 200...599 ~= number else {
          throw error(node, "a status is a number from 200 to 599")
        }
        status = number
      }
      var headers: [HTTPHeader] = []
      for (key, value) in try fields["headers"].map(pairs) ?? [] {
        headers.append(HTTPHeader(name: try string(key), value: try string(value)))
      }
      let content = fields["body"] ?? fields["json"]
      if content != nil, !headers.contains(where: { $0.name.equalsIgnoringCase("content-type") }) {
        let type = fields["json"] != nil ? "application/json" : "text/plain; charset=utf-8"
        headers.insert(HTTPHeader(name: "Content-Type", value: type), at: 0)
      }
      var text = ""
      if let node = fields["json"] { text = try json(node).text }
      if let node = fields["body"] { text = try string(node) }
      do throws(Template.UnknownPlace) {
        return .fixed(status: status, headers: headers, body: try Template(text))
      } catch {
        let unknown = error
        let known = Template.Place.allCases.map(\.rawValue)
        let hint = nearestName(to: unknown.name, among: known).map { "did you mean '{{\($0)}}'?" }
        throw self.error(content ?? node, "unknown place '{{\(unknown.name)}}'", hint: hint)
      }
    }

    /// Any value, as JSON. Plain scalars are what YAML takes them for.
    func json(_ node: Node) throws(ScenarioError) -> JSON {
      switch node {
      case .mapping(let mapping):
        var members: [JSON.Member] = []
        for (key, value) in mapping { members.append(.init(name: try string(key), value: try json(value))) }
        return .object(members)
      case .sequence(let sequence):
        var elements: [JSON] = []
        for element in sequence { elements.append(try json(element)) }
        return .array(elements)
      case .scalar(let scalar):
        guard scalar.style == .plain else { return .string(scalar.string) }
        if let value = Bool.construct(from: scalar) { return .bool(value) }
        if let value = Int.construct(from: scalar) { return .integer(value) }
        if let value = Double.construct(from: scalar) { return .number(value) }
        return ["", "~", "null"].contains(scalar.string) ? .null : .string(scalar.string)
      case .alias:
        throw error(node, "an alias leads nowhere")
      }
    }
  }
}
