/// What is wrong with a profile or a setting: every problem found, in the order of the text.
public struct ProfileError: Error, Hashable, Sendable {
  /// One thing to put right.
  public struct Problem: Hashable, Sendable {
    /// The file as it was named, or the option (`--set network`).
    public var source: String
    /// Both count from 1; columns count Unicode scalars. `nil` where the problem is not at a place in a text.
    public var line: Int?
    public var column: Int?
    /// What is wrong, and what to do about it.
    public var text: String

    public init(source: String, line: Int? = nil, column: Int? = nil, text: String) {
      self.source = source
      self.line = line
      self.column = column
      self.text = text
    }
  }

  public var problems: [Problem]

  public init(_ problems: [Problem]) { self.problems = problems }
}

extension ProfileError.Problem: CustomStringConvertible {
  /// `cn.yaml:3:1: unknown key 'timezne' (did you mean 'timezone'?)`
  public var description: String {
    let place = [line, column].compactMap { $0.map { ":\($0)" } }.joined()
    return "\(source)\(place): \(text)"
  }
}

extension ProfileError: CustomStringConvertible {
  /// One problem a line.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// `unknown key 'timezne' (did you mean 'timezone'?)`, or the known ones where none is near.
func unknownName(_ what: String, _ name: String, known: [String]) -> String {
  if let nearest = nearestName(to: name, among: known) {
    return "unknown \(what) '\(name)' (did you mean '\(nearest)'?)"
  }
  return "unknown \(what) '\(name)' (known: \(known.joined(separator: ", ")))"
}
