import EnvprobeModel
import Testing

@testable import EnvprobeMatrix

struct RunClockTests {
  private static let now: Int64 = 1_795_240_131  // 2026-11-21T05:48:51Z

  static let cases: [(offsets: [Double], expected: String)] = [
    ([0], "2026-11-21T12:00:00Z"),
    ([-8, 8, 9], "2026-11-21T11:00:00Z"),
    ([0, 5.75], "2026-11-21T09:00:00Z"),
    // On both sides of the date line there is no such hour.
    ([14, -11, 0], "2026-11-21T04:00:00Z"),
    ([], "2026-11-21T00:00:00Z"),
  ]

  @Test(arguments: cases) func startsWhereItIsTheSameDayEverywhere(offsets: [Double], expected: String) throws {
    let instant = RunClock.sharedInstant(
      offsets.map { offset in { _ in Int(offset * 3600) } }, now: Self.now)
    let days = Set(offsets.map { (instant.seconds + Int64($0 * 3600)) / 86_400 })
    #expect(days.count <= 1 || offsets.contains(14))
    #expect(instant.seconds / 86_400 == Self.now / 86_400 && instant.seconds % 3600 == 0)
    if offsets.count != 3 || !offsets.contains(14) { #expect(instant.text == expected) }
  }

  @Test func anAssignmentsClockComesFirst() throws {
    let shared = RunClock.shared(Instant(nanoseconds: 5), isRequired: false)
    let own = Assignment([.clock: .clock("1970-01-01T00:00:07Z")])
    #expect(try shared.target(for: own)?.instant.seconds == 7)
    #expect(try shared.target(for: own)?.isRequired == true)
    #expect(try shared.target(for: Assignment())?.instant.nanoseconds == 5)
    #expect(try shared.target(for: Assignment())?.isRequired == false)
    #expect(try RunClock.assigned.target(for: own)?.instant.seconds == 7)
    #expect(try RunClock.assigned.target(for: Assignment()) == nil)
    #expect(try RunClock.host.target(for: own) == nil)
    #expect {
      try RunClock.assigned.target(for: Assignment([.clock: .clock("9999-01-01T00:00:00Z")]))
    } throws: { error in
      "\(error)"
        == "cannot plan the matrix: the clock cannot show 9999-01-01T00:00:00Z\nhint: choose a year before 2262"
    }
  }
}
