import Yams

/// Reads profile files, schema `envprobe.profile/1`.
///
/// Every scalar is text: `country: NO` is Norway, and `env: {DEBUG: 1}` is the text `1`.
public enum ProfileParser {
  /// Reads one profile file. `file` is what error messages call it; where the text has no `name`, it is `defaultName`,
  /// or else the stem of the file.
  ///
  /// Throws every problem that it finds, but stops at the first where the text is no YAML.
  public static func parse(_ text: String, file: String, defaultName: String? = nil) throws(ProfileError)
    -> ProfileDocument
  {
    guard let root = try compose(text, source: file), !root.isNothing else {
      throw ProfileError([.init(source: file, text: "the file is empty; write at least one factor")])
    }
    var reader = LevelReader(source: file)
    var document = ProfileDocument(file: file, name: defaultName ?? stem(of: file), assignment: .init(), unset: [])
    read(root, into: &document, with: &reader)
    guard reader.problems.isEmpty else { throw ProfileError(reader.problems.inTextOrder) }
    return document
  }

  /// The root node of the only document in a text, `nil` where it holds none.
  static func compose(_ text: String, source: String, hasPlaces: Bool = true) throws(ProfileError) -> Node? {
    do {
      // The basic resolver knows only text. An explicit encoding keeps the parser from asking the environment for one.
      return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
    } catch {
      throw ProfileError([problem(error, source: source, hasPlaces: hasPlaces)])
    }
  }

  private static func read(_ root: Node, into document: inout ProfileDocument, with reader: inout LevelReader) {
    guard case .mapping(let mapping) = root else {
      reader.report("a profile is a map of factors, not \(root.kind)", at: root)
      return
    }
    for (key, value) in mapping {
      guard case .scalar(let name) = key else {
        reader.report("a key is text, not \(key.kind)", at: key)
        continue
      }
      switch name.string {
      case "schema":
        let schema = reader.scalar(value, "schema", ValueRule { _ in nil })
        if let schema, schema != Profile.currentSchema {
          reader.report("unknown schema '\(schema)'; this envprobe reads \(Profile.currentSchema)", at: value)
        }
      case "name": document.name = reader.scalar(value, "name", .profileName) ?? document.name
      case "description": document.description = reader.scalar(value, "description", ValueRule { _ in nil })
      case "extends":
        document.extends = reader.scalar(
          value, "extends", ValueRule { $0.isEmpty ? "'extends' names a profile or a path" : nil })
        document.extendsPlace = value.mark.map { .init(line: $0.line, column: $0.column) }
      case Profile.variablesKey: readVariables(value, into: &document, with: &reader)
      default:
        if let factor = Factor.keyed.first(where: { $0.name == name.string }) {
          readLevel(of: factor, from: value, into: &document, with: &reader)
        } else {
          reader.report(unknownName("key", name.string, known: Profile.keys), at: key)
        }
      }
    }
  }

  private static func readVariables(_ node: Node, into document: inout ProfileDocument, with reader: inout LevelReader)
  {
    guard case .mapping(let mapping) = node else {
      reader.report("'env' is a map, not \(node.kind); write {NAME: value}", at: node)
      return
    }
    for (key, value) in mapping {
      guard let name = reader.scalar(key, "env", .variableName) else { continue }
      readLevel(of: .variable(name), from: value, into: &document, with: &reader)
    }
  }

  /// A key without a value takes the factor away from what the profile extends.
  private static func readLevel(
    of factor: Factor, from node: Node, into document: inout ProfileDocument, with reader: inout LevelReader
  ) {
    if node.isNothing {
      document.unset.insert(factor)
    } else if let level = reader.level(of: factor, from: node) {
      document.assignment[factor] = level
    }
  }

  static func stem(of file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    for suffix in [".yaml", ".yml"] where name.hasSuffix(suffix) { return String(name.dropLast(suffix.count)) }
    return name
  }

  private static func problem(_ error: any Error, source: String, hasPlaces: Bool) -> ProfileError.Problem {
    func problem(_ text: String, _ line: Int?, _ column: Int?) -> ProfileError.Problem {
      .init(source: source, line: hasPlaces ? line : nil, column: hasPlaces ? column : nil, text: text)
    }
    switch error {
    case YamlError.scanner(_, let text, let mark, _), YamlError.parser(_, let text, let mark, _),
      YamlError.composer(_, let text, let mark, _):
      return problem("not YAML: \(text)", mark.line, mark.column)
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      return problem("the key '\(keys[0])' is there twice; keep one", context.mark.line, context.mark.column)
    case YamlError.reader(let text, let offset?, _, let yaml):
      let before = yaml.prefix(offset).split(separator: "\n", omittingEmptySubsequences: false)
      return problem("not YAML: \(text)", before.count, (before.last?.unicodeScalars.count ?? 0) + 1)
    case YamlError.reader(let text, nil, _, _): return problem("not YAML: \(text)", nil, nil)
    default: return problem("not YAML: \(error)", nil, nil)
    }
  }
}

extension [ProfileError.Problem] {
  fileprivate var inTextOrder: Self { sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) } }
}
