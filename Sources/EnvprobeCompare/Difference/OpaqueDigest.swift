import EnvprobeModel

/// Digests of which it is not known what they are over.
///
/// An agent that keeps a digest of what it sent has a new one wherever what it sent holds the local date or the user's
/// name. Such a digest is taken for one of the content where it splits the arms just as the content does, as it was before
/// placeholders replaced what the profiles explain: equal where that is equal, another one wherever that differs.
struct OpaqueDigest {
  /// The splits of the arms by the requests to model APIs, one for each kind of request.
  private let splits: Set<[Int]>

  init(_ arms: [Arm]) {
    var locations: Set<String> = []
    for arm in arms {
      for run in arm.comparableRuns {
        for (place, content) in run.contents where place.channel == .http && content.tier == .trusted {
          if let document = Self.document(of: place) { locations.insert(document) }
        }
      }
    }
    splits = Set(locations.compactMap { Self.split(of: arms, by: $0) })
  }

  /// Whether an aspect shows nothing but a digest, which follows from the content of the requests.
  func explains(_ aspect: Aspect) -> Bool {
    guard aspect.values.count > 1, aspect.values.allSatisfy({ $0.map(Self.isDigest) ?? false }) else { return false }
    let classes = aspect.classes.compactMap { $0 }
    return classes.count == aspect.classes.count && splits.contains(classes)
  }

  /// `POST host/path body`: everything that one kind of request has in its body.
  private static func document(of place: Place) -> String? {
    place.location.firstRange(of: " body").map { String(place.location[..<$0.upperBound]) }
  }

  /// The arms numbered by what their requests held, leaving out what varies within an arm; `nil` where an arm has none.
  private static func split(of arms: [Arm], by document: String) -> [Int]? {
    var contents: [[[Place: Int]]] = []
    for arm in arms {
      contents.append(
        arm.comparableRuns.map { run in
          var raw: [Place: Int] = [:]
          for (place, content) in run.contents
          where place.channel == .http && place.location.hasPrefix(document) && content.shape == .values {
            raw[place] = fingerprint(content, in: run)
          }
          return raw
        })
    }
    guard contents.allSatisfy({ runs in !runs.isEmpty && runs.allSatisfy { !$0.isEmpty } }) else { return nil }
    var unstable: Set<Place> = []
    for runs in contents {
      for place in Set(runs.flatMap(\.keys)) where Set(runs.map { $0[place] }).count > 1 { unstable.insert(place) }
    }
    var known: [[Place: Int]] = []
    return contents.map { runs in
      let stable = runs[0].filter { !unstable.contains($0.key) }
      if let number = known.firstIndex(of: stable) { return number }
      known.append(stable)
      return known.count - 1
    }
  }

  private static func fingerprint(_ content: PlaceContent, in run: RunObservations) -> Int {
    var sum = 0
    for (value, count) in content.values {
      var hasher = Hasher()
      hasher.combine(Text(run.unsubstituted(value.string)))
      hasher.combine(count)
      sum &+= hasher.finalize()
    }
    return sum
  }

  /// Hex digits, as many as MD5, the SHA family or BLAKE3 give.
  private static func isDigest(_ value: String) -> Bool {
    [32, 40, 56, 64, 96, 128].contains(value.utf8.count)
      && value.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) || (65...70).contains($0) }
  }
}
