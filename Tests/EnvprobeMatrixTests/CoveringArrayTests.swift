import Testing

@testable import EnvprobeMatrix

@Suite struct CoveringArrayTests {
  private static let mixed = [6, 5, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2]

  /// Sizes that PICT publishes (pairwise.org/efficiency.html: 18, 15 and 37), and the smallest that exist where it
  /// publishes none: 30 = 6 · 5; 15 for 12 × 3 (Colbourn's tables of covering arrays); 7 for 12 × 2 (Kleitman and Spencer,
  /// 1973). Nothing is smaller than those, PICT's included.
  static let sizes: [(levels: [Int], known: Int)] = [
    (mixed, 30), (Array(repeating: 3, count: 12), 15), (Array(repeating: 2, count: 12), 7), ([3, 3, 3, 3], 9),
    (Array(repeating: 3, count: 13), 18),
  ]

  @Test(arguments: sizes.indices) func isSmall(index: Int) throws {
    let (levels, known) = Self.sizes[index]
    let array = try #require(CoveringArray(CoveringProblem(levels: levels, strength: 2), seed: UInt64(index)))
    #expect(Self.covers(array.rows, levels: levels, strength: 2))
    #expect(Double(array.rows.count) <= Double(known) * 1.1)
  }

  @Test func theSeedDecides() throws {
    let problem = CoveringProblem(levels: [4, 3, 3, 2, 2], strength: 2)
    #expect(CoveringArray(problem, seed: 5) == CoveringArray(problem, seed: 5))
    #expect(CoveringArray(problem, seed: 5) != CoveringArray(problem, seed: 6))
    #expect(CoveringArray(problem, seed: 5)?.rows.first == CoveringArray(problem, seed: 5)?.rows.first)
  }

  @Test(arguments: [1, 2, 3, 4]) func everyStrength(strength: Int) throws {
    let levels = [4, 3, 3, 2, 2, 2]
    let array = try #require(
      CoveringArray(CoveringProblem(levels: levels, strength: strength), required: [[3, 2, 0, 1, 1, 0]], seed: 9))
    #expect(array.rows[0] == [3, 2, 0, 1, 1, 0])
    #expect(Self.covers(array.rows, levels: levels, strength: strength))
    #expect(array.isComplete)
  }

  @Test func mixedStrength() throws {
    let levels = [3, 3, 3, 2, 2, 2]
    let problem = CoveringProblem(levels: levels, strength: 2, raised: [(factors: [0, 1, 2], strength: 3)])
    let array = try #require(CoveringArray(problem, seed: 3))
    #expect(Self.covers(array.rows, levels: levels, strength: 2))
    #expect(Set(array.rows.map { Array($0.prefix(3)) }).count == 27)
    #expect(array.rows.count == 27)
  }

  /// Level 1 of the first factor needs level 0 of the second, and that needs level 2 of the third: so no row has the
  /// first and another third, though no constraint says so.
  @Test func constraintsAndWhatFollowsFromThem() throws {
    let levels = [2, 2, 3, 3, 2]
    let forbidden: [[CoveringProblem.Choice]] = [
      [.init(factor: 0, level: 1), .init(factor: 1, level: 1)],
      [.init(factor: 1, level: 0), .init(factor: 2, level: 0)],
      [.init(factor: 1, level: 0), .init(factor: 2, level: 1)],
    ]
    for seed in UInt64(1)...4 {
      let problem = CoveringProblem(levels: levels, strength: 2, forbidden: forbidden)
      let array = try #require(CoveringArray(problem, seed: seed))
      #expect(array.rows.allSatisfy { problem.allows($0) })
      // Every pair that some allowed row has, by going through all rows there are.
      let all = Self.product(levels).filter { problem.allows($0) }
      for group in CoveringProblem.groups(of: Array(levels.indices), size: 2) {
        let possible = Set(all.map { row in group.map { row[$0] } })
        #expect(Set(array.rows.map { row in group.map { row[$0] } }) == possible)
      }
    }
  }

  @Test func whatCannotBeIsNoArray() {
    let never: [[CoveringProblem.Choice]] = [[.init(factor: 0, level: 0)], [.init(factor: 0, level: 1)]]
    #expect(CoveringArray(CoveringProblem(levels: [2, 2], strength: 2, forbidden: never), seed: 1) == nil)
    let one: [[CoveringProblem.Choice]] = [[.init(factor: 0, level: 0), .init(factor: 1, level: 0)]]
    #expect(
      CoveringArray(CoveringProblem(levels: [2, 2], strength: 2, forbidden: one), required: [[0, 0]], seed: 1) == nil)
  }

  private static func covers(_ rows: [[Int]], levels: [Int], strength: Int) -> Bool {
    CoveringProblem.groups(of: Array(levels.indices), size: strength).allSatisfy { group in
      Set(rows.map { row in group.map { row[$0] } }).count == group.reduce(1) { $0 * levels[$1] }
    }
  }

  private static func product(_ levels: [Int]) -> [[Int]] {
    levels.reduce([[]]) { rows, count in rows.flatMap { row in (0..<count).map { row + [$0] } } }
  }
}
