import EnvprobeModel

/// A location in the list that the page renders on demand. In JSON: `[channel, location, kind, before, after]`.
struct LocationRow: Encodable {
  var location: Finding.Location

  /// Cuts both sides to about `limit` scalars each, around the place where they begin to differ.
  init(_ location: Finding.Location, limit: Int) {
    self.location = location
    let sides = [location.before, location.after].map { $0.map { Array($0.unicodeScalars) } }
    let shared: Int
    if let before = sides[0], let after = sides[1] {
      shared = zip(before, after).prefix { $0.0 == $0.1 }.count
    } else {
      shared = 0
    }
    self.location.before = sides[0].map { Self.excerpt($0, from: shared, limit: limit) }
    self.location.after = sides[1].map { Self.excerpt($0, from: shared, limit: limit) }
  }

  private static func excerpt(_ scalars: [Unicode.Scalar], from place: Int, limit: Int) -> String {
    let start = scalars.count <= limit ? 0 : max(0, min(place - limit / 3, scalars.count - limit))
    let end = min(scalars.count, start + limit)
    var result = start > 0 ? "…" : ""
    result.unicodeScalars.append(contentsOf: scalars[start..<end])
    return end < scalars.count ? result + "…" : result
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(location.channel.rawValue)
    try container.encode(location.location)
    try container.encode(location.kind.rawValue)
    try container.encode(location.before)
    try container.encode(location.after)
  }
}
