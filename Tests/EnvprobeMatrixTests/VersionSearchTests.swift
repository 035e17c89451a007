import Testing

@testable import EnvprobeMatrix

@Suite struct VersionSearchTests {
  /// Runs what is asked for until nothing is, with one finding from a version on and another up to one.
  private func search(_ count: Int, from start: Int, upTo end: Int) -> (known: [Int: Set<String>], VersionSearch) {
    let search = VersionSearch(count: count)
    var known: [Int: Set<String>] = [:]
    while let next = search.next(known) {
      known[next] = Set((next >= start ? ["new"] : []) + (next <= end ? ["old"] : []) + ["always"])
    }
    return (known, search)
  }

  @Test(arguments: [2, 3, 7, 100], [1, 2, 40]) func findsTheBoundary(count: Int, start: Int) {
    guard start < count else { return }
    let (known, search) = search(count, from: start, upTo: count)
    #expect(search.changed(known) == ["new"])
    #expect(search.boundary(of: "new", known) == (start - 1, start))
    #expect(known.count <= 2 + Int((1 + 64 - (count - 1).leadingZeroBitCount)))
  }

  @Test func twoBoundaries() {
    let (known, search) = search(64, from: 50, upTo: 10)
    #expect(search.boundary(of: "new", known) == (49, 50))
    #expect(search.boundary(of: "old", known) == (10, 11))
    #expect(known.count < 16)
  }

  @Test func nothingChanged() {
    let (known, search) = search(9, from: 0, upTo: 8)
    #expect(search.changed(known) == [])
    #expect(known.count == 2)
  }
}
