import EnvprobeModel

/// Digests of which it is not known what they are over.
///
/// An agent that keeps a digest of what it sent has a new one wherever what it sent holds the local date or the user's
/// name. Such a digest is taken for one of the content where it splits the arms just as the content does, as it was before
/// placeholders replaced what the profiles explain: equal where that is equal, another one wherever that differs.
struct OpaqueDigest {
  private let arms: [Arm]
  /// The kinds of requests to model APIs.
  private let documents: [String]
  /// The splits of the arms by what each kind of request held. Most comparisons have no digest that asks for them.
  private lazy var splits = documents.map { Self.split(of: arms, by: $0, without: nil) }

  init(_ arms: [Arm]) {
    self.arms = arms
    var locations: Set<String> = []
    for arm in arms {
      for run in arm.comparableRuns {
        for (place, content) in run.contents where place.channel == .http && content.tier == .trusted {
          if let document = Self.document(of: place) { locations.insert(document) }
        }
      }
    }
    documents = locations.sorted()
  }

  /// Whether an aspect shows nothing but a digest, which follows from the content of the requests.
  mutating func explains(_ aspect: Aspect) -> Bool {
    guard aspect.values.count > 1, Self.areDigests(aspect.values) else { return false }
    let classes = aspect.classes.compactMap { $0 }
    guard classes.count == aspect.classes.count else { return false }
    return zip(documents, splits).contains { document, split in
      guard split == classes else { return false }
      // What is explained must not be its own explanation.
      return aspect.place.channel != .http || !aspect.place.location.hasPrefix(document)
        || Self.split(of: arms, by: document, without: aspect.place) == classes
    }
  }

  /// `POST host/path body`: everything that one kind of request has in its body.
  private static func document(of place: Place) -> String? {
    place.location.firstRange(of: " body").map { String(place.location[..<$0.upperBound]) }
  }

  /// The arms numbered by what their requests held, leaving out what varies within an arm; `nil` where an arm has none.
  private static func split(of arms: [Arm], by document: String, without own: Place?) -> [Int]? {
    var known: [Set<Piece>] = []
    var result: [Int] = []
    for arm in arms {
      let runs = arm.comparableRuns.map { pieces(of: document, in: $0, without: own) }
      guard var stable = runs.first, runs.allSatisfy({ !$0.isEmpty }) else { return nil }
      for run in runs.dropFirst() { stable.formIntersection(run) }
      let number = known.firstIndex(of: stable) ?? known.count
      if number == known.count { known.append(stable) }
      result.append(number)
    }
    return result
  }

  /// A line or a value as the program sent it, and how often.
  private struct Piece: Hashable {
    var place: Place
    var raw: Text
    var count: Int
  }

  private static func pieces(of document: String, in run: RunObservations, without own: Place?) -> Set<Piece> {
    var result: Set<Piece> = []
    for (place, content) in run.contents
    where place.channel == .http && content.shape == .values && place != own && place.location.hasPrefix(document) {
      for (value, count) in content.values {
        result.insert(Piece(place: place, raw: Text(run.unsubstituted(value.string)), count: count))
      }
    }
    return result
  }

  /// Hex digits, as many as a digest or its beginning has, and not all of them decimal.
  private static func areDigests(_ values: [String?]) -> Bool {
    let texts = values.compactMap { $0 }
    return texts.count == values.count
      && texts.allSatisfy { text in
        (DigestEcho.shortest...128).contains(text.utf8.count) && text.utf8.allSatisfy(isHexDigit)
      } && texts.contains { $0.utf8.contains { !(48...57).contains($0) } }
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte)
  }
}
