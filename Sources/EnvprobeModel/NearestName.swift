/// The candidate that a mistyped word most likely meant, `nil` where none is near.
///
/// Distance is Damerau–Levenshtein with adjacent transpositions; a candidate is near when it is at most a third of the
/// word's length away, and at least one edit is always allowed.
public func nearestName(to word: String, among candidates: some Sequence<String>) -> String? {
  let limit = max(1, word.count / 3)
  return
    candidates
    .map { (name: $0, distance: editDistance(word.lowercased(), $0.lowercased())) }
    .filter { $0.distance <= limit }
    .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
}

func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a)
  let b = Array(b)
  var previous: [Int] = []
  var current = Array(0...b.count)
  for i in a.indices {
    var next = [i + 1]
    for j in b.indices {
      var cost = min(current[j + 1] + 1, next[j] + 1, current[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, previous[j - 1] + 1) }
      next.append(cost)
    }
    previous = current
    current = next
  }
  return current[b.count]
}
