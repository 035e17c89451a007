import EnvprobeModel
import Testing

@testable import EnvprobeMatrix

@Suite struct LevelTableTests {
  private let design = SampleDesign.design

  @Test func levelsOfAPairInTheContextOfTheBaseline() {
    let (us, cn) = (design.arms[0].assignment, design.arms[5].assignment)
    let table = LevelTable(cause: [.timezone, .endpoint], baseline: us, other: cn, design: design)
    let rows = table.rows.map {
      "\($0.levels[.timezone]!?.description ?? "-")\($0.levels[.endpoint]!?.description ?? "-")"
    }
    // The zones behind the gateway, a zone always being there; then the endpoints in the zone.
    #expect(rows == ["ug", "cg", "dg", "sg", "c-", "cg", "ch"])
    #expect(table.rows.allSatisfy { $0.assignment.locale == us.locale })
    #expect(table.experiments(repeats: 2).count == 6)
    #expect(table.truncated.isEmpty)

    let evidence = Dictionary(
      uniqueKeysWithValues: table.experiments(repeats: 2).map {
        ($0.assignment, Evidence(repeats: 2, showings: ["c": $0.assignment.timezone == "c" ? .other : .baseline]))
      })
    #expect(
      table.filled(from: evidence).rows.map { $0.showings["c"] } == [
        .baseline, .other, .baseline, .baseline, .other, .other, .other,
      ])
  }

  @Test func theNumberOfLevelsIsBounded() {
    let (us, corp) = (design.arms[0].assignment, design.arms[6].assignment)
    let table = LevelTable(cause: [.timezone], baseline: us, other: corp, design: design, maximumLevels: 3)
    #expect(table.rows.count == 3)
    #expect(table.truncated == [.timezone])
  }

  @Test func unsetIsALevelOfWhatMayBeAbsent() {
    let (gateway, corp) = (design.arms[1].assignment, design.arms[6].assignment)
    let table = LevelTable(cause: [.endpoint], baseline: gateway, other: corp, design: design)
    #expect(table.rows.map { $0.levels[.endpoint]! } == [.endpoint("g"), .endpoint("h"), nil])
  }
}
