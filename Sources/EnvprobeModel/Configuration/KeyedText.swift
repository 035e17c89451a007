import Yams

/// A YAML map of texts and of lists of texts, each with its place: what a configuration file is made of.
public struct KeyedText: Hashable, Sendable {
  /// Both count from 1; columns count Unicode scalars.
  public struct Place: Hashable, Sendable {
    public var line: Int
    public var column: Int
  }

  public struct Entry: Hashable, Sendable {
    public var key: String
    public var place: Place
    /// The text, or the elements of the list; none where the key has no value.
    public var texts: [String]
    public var isList: Bool
    public var valuePlace: Place
  }

  public var entries: [Entry]

  /// Reads a text. Every scalar is text. `source` is what error messages call it.
  ///
  /// Throws every value of another shape, but stops at the first problem where the text is no YAML.
  public init(parsing text: String, source: String) throws(ProfileError) {
    entries = []
    guard let root = try ProfileParser.compose(text, source: source), !root.isNothing else { return }
    var problems: [ProfileError.Problem] = []
    func report(_ text: String, at node: Node) {
      let place = Self.place(of: node)
      problems.append(.init(source: source, line: place.line, column: place.column, text: text))
    }
    guard case .mapping(let mapping) = root else {
      report("expected a map of keys, not \(root.kind)", at: root)
      throw ProfileError(problems)
    }
    for (key, value) in mapping {
      guard case .scalar(let name) = key else {
        report("a key is text, not \(key.kind)", at: key)
        continue
      }
      var entry = Entry(
        key: name.string, place: Self.place(of: key), texts: [], isList: false, valuePlace: Self.place(of: value))
      switch value {
      case .scalar(let text): if !value.isNothing { entry.texts = [text.string] }
      case .sequence(let elements):
        entry.isList = true
        for element in elements {
          if case .scalar(let text) = element {
            entry.texts.append(text.string)
          } else {
            report("an element of '\(name.string)' is text, not \(element.kind)", at: element)
          }
        }
      case .mapping, .alias: report("'\(name.string)' is a text or a list of texts, not \(value.kind)", at: value)
      }
      entries.append(entry)
    }
    if !problems.isEmpty { throw ProfileError(problems) }
  }

  private static func place(of node: Node) -> Place {
    Place(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }
}
