import EnvprobeModel
import Testing

@testable import EnvprobeCompare

@Suite struct LevelPredicateTests {
  /// Zones around the globe, of which some are special.
  private static let zones = (1...12).map { "Etc/GMT+\($0)" }

  private func predicate(special: Set<Int>, zones: [String] = zones) throws -> String? {
    let places = zones.map { zone in
      var place = SyntheticPlace.us
      place.assignment[.timezone] = .timezone(zone)
      return place
    }
    let chosen = Set(special.map { Self.zones[$0] })
    let finding = try FindingsTests.finding(places, causes: [[.timezone]]) { run in
      run.print("it\(chosen.contains(run.assignment.timezone ?? "") ? "\u{2019}" : "'")s a date\n")
    }
    return finding.predicate
  }

  @Test func fewAreNamedAndTheRestCounted() throws {
    #expect(
      try predicate(special: [2, 5]) == "the apostrophe is `’` for Etc/GMT+3, Etc/GMT+6, `'` for the other 10")
  }

  @Test func theBaselineMayBeTheOddOne() throws {
    #expect(try predicate(special: [0]) == "the apostrophe is `’` for Etc/GMT+1, `'` for the other 11")
  }

  @Test func fewLevelsNeedNoSentence() throws {
    #expect(try predicate(special: [0], zones: Array(Self.zones.prefix(4))) == nil)
  }
}
