/// A value where it is what is expected, nothing where it is something else: what a program sends need not be valid,
/// and one odd member must not keep the rest from being read.
struct Lenient<Value: Decodable>: Decodable {
  var value: Value?

  init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

extension KeyedDecodingContainer {
  /// The member, `nil` where it is absent or of another shape.
  func lenient<Value: Decodable>(_ key: Key, as type: Value.Type = Value.self) -> Value? {
    (try? decodeIfPresent(Value.self, forKey: key)) ?? nil
  }

  /// The well-formed elements of an array, `nil` where there is none.
  func lenientArray<Value: Decodable>(_ key: Key, of type: Value.Type = Value.self) -> [Value]? {
    lenient(key, as: [Lenient<Value>].self)?.compactMap(\.value)
  }
}

/// Text given as a string, or as a list of parts of which some have text.
struct TextContent: Decodable {
  struct Part: Decodable {
    var type: String?
    var text: String?
    var id: String?
    var name: String?

    enum CodingKeys: String, CodingKey { case type, text, id, name }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      type = container.lenient(.type)
      text = container.lenient(.text)
      id = container.lenient(.id)
      name = container.lenient(.name)
    }
  }

  var parts: [Part] = []
  var text: String

  init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      self.text = text
    } else {
      parts = try [Lenient<Part>](from: decoder).compactMap(\.value)
      text = parts.compactMap(\.text).joined()
    }
  }
}
