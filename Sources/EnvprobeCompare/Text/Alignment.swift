/// Which stretches of two sequences differ, by a shortest edit script.
///
/// E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), after equal ends are cut off.
struct Alignment: Sendable {
  /// A stretch of each sequence; between two changes the sequences are equal.
  struct Change: Hashable, Sendable {
    var before: Range<Int>
    var after: Range<Int>
  }

  /// In order, apart from each other.
  var changes: [Change]

  /// More edits than this are not sought: the sequences are then taken to differ from the first to the last
  /// difference.
  static let mostEdits = 600

  init<Element: Hashable>(_ before: [Element], _ after: [Element]) {
    var start = 0
    while start < before.count, start < after.count, before[start] == after[start] { start += 1 }
    var ends = (before.count, after.count)
    while ends.0 > start, ends.1 > start, before[ends.0 - 1] == after[ends.1 - 1] { ends = (ends.0 - 1, ends.1 - 1) }
    let a = before[start..<ends.0]
    let b = after[start..<ends.1]
    if a.isEmpty || b.isEmpty {
      changes = a.isEmpty && b.isEmpty ? [] : [Change(before: start..<ends.0, after: start..<ends.1)]
      return
    }
    // Integers compare faster than what they stand for.
    var codes: [Element: Int32] = [:]
    func code(_ element: Element) -> Int32 {
      if let known = codes[element] { return known }
      let next = Int32(codes.count)
      codes[element] = next
      return next
    }
    let x = a.map { code($0) }
    let y = b.map { code($0) }
    changes = Self.script(x, y).map {
      Change(
        before: $0.before.lowerBound + start..<$0.before.upperBound + start,
        after: $0.after.lowerBound + start..<$0.after.upperBound + start)
    }
  }

  private static func script(_ a: [Int32], _ b: [Int32]) -> [Change] {
    let limit = min(a.count + b.count, mostEdits)
    var furthest = Array(repeating: 0, count: 2 * limit + 2)
    var trace: [[Int]] = []
    let middle = limit
    for edits in 0...limit {
      trace.append(edits == 0 ? [] : Array(furthest[middle - edits...middle + edits]))
      for diagonal in stride(from: -edits, through: edits, by: 2) {
        var x: Int
        if diagonal == -edits
          || (diagonal != edits && furthest[middle + diagonal - 1] < furthest[middle + diagonal + 1])
        {
          x = edits == 0 ? 0 : furthest[middle + diagonal + 1]
        } else {
          x = furthest[middle + diagonal - 1] + 1
        }
        while x < a.count, x - diagonal < b.count, x - diagonal >= 0, a[x] == b[x - diagonal] { x += 1 }
        furthest[middle + diagonal] = x
        if x >= a.count, x - diagonal >= b.count { return backtrack(trace, edits: edits, a.count, b.count) }
      }
    }
    return [Change(before: 0..<a.count, after: 0..<b.count)]
  }

  private static func backtrack(_ trace: [[Int]], edits: Int, _ aCount: Int, _ bCount: Int) -> [Change] {
    var changes: [Change] = []
    var (x, y) = (aCount, bCount)
    for step in stride(from: edits, to: 0, by: -1) {
      // The state before this step, of the diagonals -step...step.
      let before = trace[step]
      let diagonal = x - y
      func at(_ k: Int) -> Int { before[k + step] }
      let down = diagonal == -step || (diagonal != step && at(diagonal - 1) < at(diagonal + 1))
      let previous = down ? diagonal + 1 : diagonal - 1
      let fromX = at(previous)
      let fromY = fromX - previous
      let change = Change(
        before: down ? fromX..<fromX : fromX..<fromX + 1, after: down ? fromY..<fromY + 1 : fromY..<fromY)
      if let last = changes.last, last.before.lowerBound == change.before.upperBound,
        last.after.lowerBound == change.after.upperBound
      {
        changes[changes.count - 1] = Change(
          before: change.before.lowerBound..<last.before.upperBound,
          after: change.after.lowerBound..<last.after.upperBound)
      } else {
        changes.append(change)
      }
      (x, y) = (fromX, fromY)
    }
    return changes.reversed()
  }
}
