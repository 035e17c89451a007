/// Bytes from the program under audit. They are text most of the time and must survive where they are not.
///
/// In JSON: a string where the bytes are UTF-8, else `{"base64": "…"}`.
public struct ByteString: Hashable, Sendable {
  public var bytes: [UInt8]

  public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// The bytes as text, `nil` where they are not UTF-8.
  public var text: String? { String(validating: bytes, as: UTF8.self) }

  /// The bytes as text for display, with replacement characters where they are not UTF-8.
  public var displayText: String { String(decoding: bytes, as: UTF8.self) }
}

extension ByteString: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(value.utf8) }
}

extension ByteString: Codable {
  private enum CodingKeys: String, CodingKey { case base64 }

  public init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      self.init(text.utf8)
    } else {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      let encoded = try container.decode(String.self, forKey: .base64)
      guard let bytes = Base64.decode(encoded) else {
        throw DecodingError.dataCorruptedError(forKey: .base64, in: container, debugDescription: "not base64")
      }
      self.init(bytes)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    if let text {
      var container = encoder.singleValueContainer()
      try container.encode(text)
    } else {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(Base64.encode(bytes), forKey: .base64)
    }
  }
}
