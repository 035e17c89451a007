import EnvprobeCompare

/// A name of a place that stands in a program: a level to try. That it stands there says nothing about what the program
/// does with it.
public struct MinedName: Hashable, Sendable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case zone, locale, territory, currency, host, variable
  }

  public var kind: Kind
  public var text: String
  /// How it is written, from the outside in: nothing for plain text; `utf-16`, `base64`, `xor 0x5a`, `deflate`.
  public var encodings: [String]
  /// Where it stands in the file, from 0; the first places only. Within something packed, where that begins.
  public var offsets: [Int]
  /// How often it stands there.
  public var count: Int
  /// How telling it is, see ``Mine``; higher first.
  public var score: Double
}

/// What sort of name a word is; `nil` for most words.
struct NameClassifier: Sendable {
  private let zones = PlaceNames.zones.filter { $0.contains("/") }
  private let locales: Set<String>
  private let quotedCodes = PlaceNames.territories
  private let currencies = PlaceNames.currencies

  init() {
    let posix = PlaceNames.locales
    locales = posix.union(posix.map { $0.replacing("_", with: "-") })
  }

  /// Endings of host names. Those that are also properties of objects need a longer name before them.
  private static let domains: Set<String> = [
    "com", "net", "org", "cn", "ru", "ir", "jp", "uk", "fr", "kr", "hk", "tw", "eu",
  ]
  private static let ambiguousDomains: Set<String> = [
    "io", "dev", "ai", "cloud", "de", "in", "sg", "info", "biz", "app", "edu", "gov", "onion", "internal", "corp",
  ]
  /// Words in the names of variables that speak of places.
  private static let telling = [
    "PROXY", "BASE_URL", "ENDPOINT", "REGION", "LOCALE", "COUNTRY", "MIRROR", "REGISTRY", "TIMEZONE", "INDEX_URL",
    "API_HOST", "GATEWAY",
  ]
  private static let localeVariables: Set<String> = [
    "TZ", "LANG", "LANGUAGE", "LC_ALL", "LC_TIME", "LC_MESSAGES", "LC_CTYPE", "GEO",
  ]

  /// - Parameter isQuoted: Whether it stands between quotation marks, as short codes must.
  func kind(of word: String, isQuoted: Bool) -> MinedName.Kind? {
    if word.contains("/"), zones.contains(word) { return .zone }
    if Self.localeVariables.contains(word) && (isQuoted || word.contains("_")) { return .variable }
    if word.utf8.count == 2 { return isQuoted && quotedCodes.contains(word) ? .territory : nil }
    if word.utf8.count == 3 { return isQuoted && currencies.contains(word) ? .currency : nil }
    if locales.contains(String(word.prefix { $0 != "." })) { return .locale }
    if word.contains("_"), word.utf8.allSatisfy({ (65...90).contains($0) || $0 == 95 || (48...57).contains($0) }) {
      return Self.telling.contains { word.contains($0) } ? .variable : nil
    }
    return isHost(word) ? .host : nil
  }

  private func isHost(_ word: String) -> Bool {
    let labels = word.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, labels.count <= 6, let last = labels.last.map(String.init),
      Self.domains.contains(last) || labels.count >= 3 && Self.ambiguousDomains.contains(last)
    else { return false }
    // `a.in`, `e.de`: minified code. A host has one label of some length, and small letters only.
    guard labels.dropLast().contains(where: { $0.utf8.count >= 4 }) || last.utf8.count == 3 && labels.count >= 3 else {
      return false
    }
    return labels.allSatisfy { label in
      !label.isEmpty && label.first != "-" && label.last != "-"
        && label.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }
  }
}
