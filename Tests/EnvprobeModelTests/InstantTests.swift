import EnvprobeModel
import Testing

struct InstantTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-21T05:48:51Z", 1_795_240_131), ("2024-02-29T23:59:59Z", 1_709_251_199),
    ("2000-03-01T00:00:00Z", 951_868_800), ("2261-12-31T23:59:59Z", 9_214_646_399),
  ]) func readsAndWrites(text: String, seconds: Int64) throws {
    let instant = try #require(Instant(text))
    #expect(instant.seconds == seconds)
    #expect(instant.text == text)
  }

  @Test func keepsPartsOfASecond() throws {
    let instant = try #require(Instant("2026-06-30T04:00:00.25Z"))
    #expect(instant.nanoseconds % 1_000_000_000 == 250_000_000)
    #expect(instant.text == "2026-06-30T04:00:00.250000000Z")
    #expect(Instant(instant.text) == instant)
  }

  @Test(arguments: [
    "", "2026", "2026-06-30 04:00:00Z", "2026-06-30T04:00:00", "2026-02-30T00:00:00Z", "2262-01-01T00:00:00Z",
  ])
  func refusesOthers(text: String) { #expect(Instant(text) == nil) }
}
