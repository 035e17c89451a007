/// A value copied from somewhere it could be missing, cut off or out of reach.
public enum Observed<Value: Sendable & Hashable & Codable>: Sendable, Hashable {
  case complete(Value)
  /// Only a beginning was kept; the whole has `of` bytes, or an unknown number where that is `nil`.
  case truncated(Value, of: Int?)
  /// Nothing could be read; `errno` says why, by name (`EFAULT`).
  case unreadable(errno: String)

  /// What there is of the value.
  public var value: Value? {
    switch self {
    case .complete(let value), .truncated(let value, _): value
    case .unreadable: nil
    }
  }
}

extension Observed: Codable {
  private enum CodingKeys: String, CodingKey { case value, of, truncated, unreadable }

  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: CodingKeys.self) {
      if let errno = try container.decodeIfPresent(String.self, forKey: .unreadable) {
        self = .unreadable(errno: errno)
        return
      }
      if try container.decodeIfPresent(Bool.self, forKey: .truncated) == true {
        self = .truncated(
          try container.decode(Value.self, forKey: .value), of: try container.decodeIfPresent(Int.self, forKey: .of))
        return
      }
    }
    self = .complete(try Value(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .complete(let value): try value.encode(to: encoder)
    case .truncated(let value, let total):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(true, forKey: .truncated)
      try container.encode(value, forKey: .value)
      try container.encodeIfPresent(total, forKey: .of)
    case .unreadable(let errno):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(errno, forKey: .unreadable)
    }
  }
}
