/// Finds between which of several versions in order each finding comes or goes, with few versions run.
///
/// The first and the last are compared. For whatever one of them has and the other has not, the boundary is looked for by
/// halving; what is learnt of a version serves all findings. A finding that comes and goes more than once has several
/// boundaries, of which one is found.
public struct VersionSearch: Sendable {
  public let count: Int

  /// - Parameter count: how many versions there are; at least one.
  public init(count: Int) { self.count = max(1, count) }

  /// The version to run next, by its position; `nil` when every boundary is known.
  /// - Parameter known: the ids of the findings of those that have been run.
  public func next(_ known: [Int: Set<String>]) -> Int? {
    if known[0] == nil { return 0 }
    if known[count - 1] == nil { return count - 1 }
    for id in changed(known) {
      let (low, high) = boundary(of: id, known)
      if high - low > 1 { return (low + high) / 2 }
    }
    return nil
  }

  /// The findings that one end has and the other has not, in the order of their ids.
  public func changed(_ known: [Int: Set<String>]) -> [String] {
    (known[0] ?? []).symmetricDifference(known[count - 1] ?? []).sorted()
  }

  /// The narrowest pair of known versions between which a finding comes or goes.
  public func boundary(of id: String, _ known: [Int: Set<String>]) -> (low: Int, high: Int) {
    var (low, high) = (0, count - 1)
    let atFirst = known[0]?.contains(id) ?? false
    for position in known.keys.sorted() where position > low && position < high {
      if known[position]!.contains(id) == atFirst { low = position } else { high = position }
    }
    return (low, high)
  }
}
