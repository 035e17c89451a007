/// Which paths are meant: `~` at the beginning is HOME, `*` is one name, and a pattern that ends in a slash matches
/// everything below, and the folder itself.
public struct PathPattern: Hashable, Sendable, ExpressibleByStringLiteral {
  public var text: String

  public init(_ text: String) { self.text = text }
  public init(stringLiteral text: String) { self.text = text }

  /// - Parameters:
  ///   - path: absolute, as a program named it.
  ///   - home: its HOME.
  public func matches(_ path: String, home: String) -> Bool {
    let expanded = text.hasPrefix("~") ? home + text.dropFirst() : text
    // Most paths of a run are of libraries: they are told apart here, before anything is taken apart.
    guard path.utf8.starts(with: expanded.utf8.prefix { $0 != UInt8(ascii: "*") }.dropLast()) else { return false }
    let isFolder = expanded.hasSuffix("/")
    let wanted = expanded.split(separator: "/")
    let given = path.split(separator: "/")
    guard isFolder ? given.count >= wanted.count : given.count == wanted.count else { return false }
    return zip(given, wanted).allSatisfy { $1 == "*" || $0 == $1 }
  }
}
