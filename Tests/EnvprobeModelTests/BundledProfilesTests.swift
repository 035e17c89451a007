import EnvprobeModel
import Foundation
import Testing

@Suite struct BundledProfilesTests {
  static let library = ProfileLibrary { _ in throw CocoaError(.fileReadNoSuchFile) }
  static let names = library.names

  static func assignment(_ name: String) throws -> Assignment { try library.profile(name).assignment }

  @Test func holdsTheProfilesThatTheReferenceNames() {
    let wanted = [
      "us", "us-gateway", "us-proxy", "de", "jp", "sg-gateway", "cn", "cn-gateway", "cn-corp", "cn-proxy", "ru", "ir",
      "in",
    ]
    #expect(Set(wanted).subtracting(Self.names).isEmpty)
    #expect(Self.names == Self.names.sorted())
    #expect(Set(ProfileLibrary.defaultMatrix).subtracting(Self.names).isEmpty)
  }

  /// The generated Swift file is what scripts/embed-profiles writes.
  @Test func isTheFolderOfProfiles() throws {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let folder = root.appending(path: "profiles")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".yaml") }
    #expect(files.map { String($0.dropLast(5)) }.sorted() == Self.names)
    for source in ProfileLibrary.bundledSources {
      let text = try String(contentsOf: folder.appending(path: "\(source.name).yaml"), encoding: .utf8)
      #expect(source.text == text, "\(source.name) differs: run scripts/embed-profiles")
    }
  }

  @Test(arguments: names) func isWholeAndOrdinary(name: String) throws {
    let profile = try Self.library.profile(name)
    #expect(profile.name == name)
    #expect(profile.description != nil)
    for factor in Factor.keyed where factor.isAlwaysPresent && factor != .clock {
      #expect(profile.assignment[factor] != nil, "\(factor)")
    }
    #expect(profile.assignment.variables.isEmpty)
    let isBare = profile.ancestors.isEmpty
    #expect(isBare == (profile.assignment.differingFactors(from: Assignment()).count == 6))
    let domain = String(profile.assignment.hostname!.split(separator: ".", maxSplits: 1)[1])
    #expect(profile.assignment.resolver?.search == [domain])
    #expect(profile.assignment.identity?.email == "\(profile.assignment.identity!.user)@\(domain)")
    #expect(profile.assignment.network!.country.lowercased() == domain.split(separator: ".").last!)
  }

  /// What a program sends must not differ in size because a value is longer.
  @Test func valuesAreOfEqualLengthInAll() throws {
    let measures: [(String, (Assignment) -> [Int])] = [
      ("locale", { [$0.locale!.lang.utf8.count] }),
      ("hostname", { [$0.hostname!.utf8.count] }),
      ("search", { $0.resolver!.search.map(\.utf8.count) }),
      ("nameservers", { $0.resolver!.nameservers.map(\.utf8.count) }),
      ("identity", { [$0.identity!.user.utf8.count, $0.identity!.name.utf8.count, $0.identity!.email.utf8.count] }),
      ("network", { [$0.network!.address.utf8.count, $0.network!.publicAddress.utf8.count] }),
    ]
    for (what, measure) in measures {
      #expect(Set(try Self.names.map { measure(try Self.assignment($0)) }).count == 1, "\(what)")
    }
    #expect(Set(try Self.names.compactMap { try Self.assignment($0).endpoint?.utf8.count }).count == 1)
    #expect(Set(try Self.names.compactMap { try Self.assignment($0).proxy?.http?.utf8.count }).count == 1)
    let mirrors = try Self.names.compactMap { try Self.assignment($0).mirrors?.mapValues(\.utf8.count) }
    #expect(Set(mirrors).count == 1)
  }

  static let pairs: [(String, String, [Factor])] = [
    ("us", "us-gateway", [.endpoint]), ("us", "us-proxy", [.proxy]), ("us", "us-mirrors", [.mirrors]),
    ("cn", "cn-gateway", [.endpoint]), ("cn", "cn-corp", [.endpoint]), ("cn-gateway", "cn-corp", [.endpoint]),
    ("cn", "cn-proxy", [.proxy]), ("cn", "cn-mirrors", [.mirrors]), ("sg", "sg-gateway", [.endpoint]),
    (
      "us-gateway", "cn-gateway",
      [.timezone, .locale, .hostname, .resolver, .identity, .network]
    ),
  ]

  @Test(arguments: pairs.indices) func matchedControlsDifferInWhatTheyAreFor(pair index: Int) throws {
    let (a, b, factors) = Self.pairs[index]
    #expect(try Self.assignment(a).differingFactors(from: Self.assignment(b)) == factors)
  }

  @Test func singaporeIsTheControlOfShanghai() throws {
    let singapore = try Self.assignment("sg-gateway")
    let shanghai = try Self.assignment("cn-gateway")
    #expect(singapore.endpoint == shanghai.endpoint)
    #expect(singapore.locale!.lang.hasPrefix("en_"))
    #expect(singapore.timezone != shanghai.timezone)
    let offsets = try [singapore, shanghai].map {
      try #require(TimeZone(identifier: $0.timezone!)).secondsFromGMT(for: Date(timeIntervalSince1970: 1_782_792_000))
    }
    #expect(offsets == [28800, 28800])
  }

  @Test(arguments: names) func writtenAndReadBackIsTheSame(name: String) throws {
    let profile = try Self.library.profile(name)
    let document = try ProfileParser.parse(profile.yaml, file: "p.yaml")
    #expect(document.assignment == profile.assignment)
    #expect(document.name == profile.name)
    #expect(document.description == profile.description)
    #expect(document.extends == nil)
  }
}
