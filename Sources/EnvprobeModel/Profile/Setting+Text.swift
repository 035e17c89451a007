import FoundationEssentials

extension Setting: CustomStringConvertible {
  /// The setting as it is written after `--set`: what ``init(parsing:)`` reads.
  public var description: String { "\(factor)=\(level?.argument ?? "")" }
}

extension Level {
  /// A text where a profile file would have a text, and a JSON object (which is YAML, too) where it would have a map.
  fileprivate var argument: String {
    switch self {
    case .variable(""): return "\"\""
    case .timezone(let text), .hostname(let text), .endpoint(let text), .clock(let text), .variable(let text):
      return text
    case .locale, .proxy, .resolver, .mirrors, .identity, .network:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      // Nothing in a level can fail to encode: texts, arrays and maps of texts.
      let json = try! encoder.encode(self)
      if let text = try? JSONDecoder().decode(String.self, from: json) { return text }
      return String(decoding: json, as: UTF8.self)
    }
  }
}
