/// How a text is laid out.
public struct TextOptions: Hashable, Sendable {
  public enum Verbosity: Int, Sendable, Comparable, CaseIterable {
    /// The verdict and a line for each finding.
    case quiet
    case normal
    /// Every location, the findings that are expected, and the levels of every profile.
    case verbose

    public static func < (a: Verbosity, b: Verbosity) -> Bool { a.rawValue < b.rawValue }
  }

  /// Cells of a line. Fewer than 60 are treated as 60: what is below has no room for an address.
  public var width: Int
  /// Whether to use colours: only for a terminal, and not where NO_COLOR is set.
  public var color: Bool
  public var verbosity: Verbosity

  public init(width: Int = 80, color: Bool = false, verbosity: Verbosity = .normal) {
    self.width = max(60, width)
    self.color = color
    self.verbosity = verbosity
  }
}
