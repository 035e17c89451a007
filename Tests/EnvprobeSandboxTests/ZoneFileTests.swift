import Foundation
import Testing

@testable import EnvprobeModel

@Suite struct ZoneFileTests {
  static let zones = [
    "Etc/UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Tehran",
    "Australia/Lord_Howe",
    "Africa/Casablanca", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu", "Europe/Dublin", "Antarctica/Troll",
  ]
  /// From before the first transition to after the last that files list.
  static let instants: [Int64] = [
    -3_000_000_000, -1, 0, 500_000_000, 1_000_000_000, 1_743_296_399, 1_743_296_400, 1_761_440_399, 1_761_440_400,
    1_767_225_600, 1_782_000_000, 2_200_000_000, 4_000_000_000, 4_015_000_000,
  ]

  @Test(arguments: zones) func agreesWithTheSystem(_ zone: String) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/\(zone)"))
    let file = try #require(ZoneFile(Array(bytes)))
    let expected = try Trial.execute(
      [
        "/bin/sh", "-c",
        "for t in \(Self.instants.map(String.init).joined(separator: " ")); do date -d @$t '+%::z %Z'; done",
      ],
      environment: ["PATH": "/usr/bin:/bin", "TZ": zone])
    for (instant, line) in zip(Self.instants, expected.lines) {
      let moment = file.moment(at: instant)
      let size = abs(moment.offset)
      let parts = [size / 3600, size / 60 % 60, size % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
      #expect(
        "\(moment.offset < 0 ? "-" : "+")\(parts.joined(separator: ":")) \(moment.abbreviation)"
          == line.replacing("-00:00:00", with: "+00:00:00"),
        "\(zone) at \(instant)")
    }
  }

  @Test func rulesAreRead() throws {
    let berlin = try #require(ZoneRule("CET-1CEST,M3.5.0,M10.5.0/3"))
    #expect(berlin.moment(at: 1_774_745_999) == .init(offset: 3600, abbreviation: "CET"))
    #expect(berlin.moment(at: 1_774_746_000) == .init(offset: 7200, abbreviation: "CEST", isDaylight: true))
    let sydney = try #require(ZoneRule("AEST-10AEDT,M10.1.0,M4.1.0/3"))
    #expect(sydney.moment(at: 1_767_225_600) == .init(offset: 39600, abbreviation: "AEDT", isDaylight: true))
    #expect(sydney.moment(at: 1_782_000_000) == .init(offset: 36000, abbreviation: "AEST"))
    let godthab = try #require(ZoneRule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"))
    #expect(godthab.moment(at: 1_782_000_000) == .init(offset: -3600, abbreviation: "-01", isDaylight: true))
    #expect(ZoneRule("IST-5:30")?.moment(at: 0) == .init(offset: 19800, abbreviation: "IST"))
    let julian = try #require(ZoneRule("AAA0BBB,J60,J61"))
    // 1 March is day 60 also in the leap year 2024.
    #expect(julian.moment(at: 1_709_258_400).abbreviation == "BBB")
    for text in ["", "CE-1", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x", "<+03-3"] {
      #expect(ZoneRule(text) == nil, "\(text)")
    }
  }

  /// Foreign bytes: whatever is cut off or changed, reading them ends.
  @Test func damagedFilesAreSurvived() throws {
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/Berlin")))
    for length in 0..<bytes.count { _ = ZoneFile(Array(bytes[..<length]))?.moment(at: 1_767_225_600) }
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0..<4 { damaged[Int.random(in: 0..<damaged.count, using: &generator)] = .random(in: 0...255) }
      _ = ZoneFile(damaged)?.moment(at: 1_767_225_600)
    }
    #expect(ZoneFile([]) == nil)
  }
}
