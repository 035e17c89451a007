/// What a path of a call meant, looked up from the caller's root folder when the call was made: observed by envprobe, and
/// not returned to the program, which may lack the permission to find what is there.
///
/// It is looked up before a call that makes, moves or removes something goes on, and right after any other, so that the
/// program need not wait. What another process does in between shows, so that it is no fact of the program under audit
/// alone: a comparison of runs leaves it out, and compares which paths were asked for.
///
/// In JSON: `true` where it exists under the path that was named, the path where that led elsewhere (over links or `..`),
/// `false` where there was nothing, and `null` where it cannot be known: descriptors of the kernel's own, and what envprobe
/// itself is not allowed to look at.
public enum PathTarget: Hashable, Sendable {
  case present
  /// As the program sees it, without links but for the last component where the call is about a link itself.
  case elsewhere(ByteString)
  case missing
  case unknown

  /// Whether something was there; `nil` where that is not known.
  public var exists: Bool? {
    switch self {
    case .present, .elsewhere: true
    case .missing: false
    case .unknown: nil
    }
  }

  /// Where it led, if not to the path that was named.
  public var resolved: ByteString? { if case .elsewhere(let path) = self { path } else { nil } }
}

extension PathTarget: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .unknown
    } else if let exists = try? container.decode(Bool.self) {
      self = exists ? .present : .missing
    } else {
      self = .elsewhere(try container.decode(ByteString.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .present: try container.encode(true)
    case .missing: try container.encode(false)
    case .unknown: try container.encodeNil()
    case .elsewhere(let path): try container.encode(path)
    }
  }
}
