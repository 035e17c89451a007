import EnvprobeModel
import FoundationEssentials
import Testing

@testable import EnvprobeMatrix

@Suite struct DesignMakerTests {
  private let profiles: [Design.Arm]

  init() throws {
    let library = ProfileLibrary { _ in "" }
    profiles = try ProfileLibrary.defaultMatrix.map {
      Design.Arm(name: $0, assignment: try library.profile($0).assignment)
    }
  }

  private func maker(_ constraints: [LevelConstraint] = LevelConstraint.standard, seed: UInt64 = 4) -> DesignMaker {
    DesignMaker(profiles: profiles, constraints: constraints, seed: seed)
  }

  @Test func oneAtATimeChangesOne() throws {
    let design = try maker().design(.oneAtATime)
    #expect(design.baseline.name == "us")
    #expect(
      design.arms.dropFirst().allSatisfy {
        $0.assignment.differingFactors(from: design.baseline.assignment).count == 1
      })
    let levels = try Design(profiles: profiles).varyingFactors.map { factor in
      try Design(profiles: profiles).levels(of: factor).count - 1
    }
    #expect(design.arms.count == 1 + levels.reduce(0, +))
    // A mixture that is a profile's assignment bears its name.
    #expect(design.arms.contains { $0.name == "us-gateway" && $0.isProfile })
    #expect(design.arms.contains { $0.name == "timezone-Asia-Shanghai" && !$0.isProfile })
  }

  @Test func pairwiseHasEveryPairAndTheBaseline() throws {
    let design = try maker().design(.covering(strength: 2))
    let plain = try Design(profiles: profiles)
    #expect(design.arms[0] == profiles[0])
    for (index, a) in plain.varyingFactors.enumerated() {
      for b in plain.varyingFactors.dropFirst(index + 1) {
        let pairs = Set(design.arms.map { [$0.assignment[a], $0.assignment[b]] })
        #expect(pairs.count == plain.levels(of: a).count * plain.levels(of: b).count)
      }
    }
    #expect(design.arms == (try maker().design(.covering(strength: 2)).arms))
    #expect(design.arms != (try maker(seed: 5).design(.covering(strength: 2)).arms))
  }

  @Test func constraintsHold() throws {
    let never = try LevelConstraint(parsing: "endpoint=,timezone=Asia/Shanghai")
    for kind in [DesignKind.oneAtATime, .covering(strength: 2), .covering(strength: 3)] {
      let design = try maker([never]).design(kind)
      #expect(design.arms.allSatisfy { $0.assignment.endpoint != nil || $0.assignment.timezone != "Asia/Shanghai" })
    }
    let any = try LevelConstraint(parsing: "proxy=*,endpoint=http://127.0.0.1:80")
    #expect(any.terms == [.init(.proxy, .set), .init(.endpoint, .level(.endpoint("http://127.0.0.1:80")))])
    var assignment = Assignment([.proxy: .proxy(.init(url: "http://proxy:3128"))])
    #expect(LevelConstraint.standard.allSatisfy { $0.allows(assignment) })
    assignment[.endpoint] = .endpoint("http://localhost:8080")
    #expect(!LevelConstraint.standard.allSatisfy { $0.allows(assignment) })
  }

  @Test func aFactorThatDoesNotVaryStillConstrains() throws {
    var two = Array(profiles.prefix(2))
    for index in two.indices { two[index].assignment[.endpoint] = .endpoint("http://localhost:1") }
    two[1].assignment[.proxy] = .proxy(.init(url: "http://proxy:3128"))
    two[1].assignment[.timezone] = .timezone("Asia/Tokyo")
    let design = try DesignMaker(profiles: two, seed: 1).design(.covering(strength: 2))
    #expect(design.arms.allSatisfy { $0.assignment.proxy == nil })
    #expect(Set(design.arms.map(\.assignment.timezone)).count == 2)
  }

  @Test func fullIsRefusedWhereItIsTooMuch() throws {
    #expect(throws: MatrixError.self) { try maker().design(.full) }
    let small = try DesignMaker(profiles: Array(profiles.prefix(3)), seed: 1).design(.full)
    let counts = try Design(profiles: Array(profiles.prefix(3)))
    #expect(small.arms.count == counts.varyingFactors.reduce(1) { $0 * counts.levels(of: $1).count })
  }

  @Test func everyZoneOnce() throws {
    let list = try LevelList(parsing: "timezone=all") { _ in "" }
    let levels = try #require(list.levels)
    #expect(levels.count > 500)
    #expect(levels.contains(.timezone("Asia/Urumqi")) && levels.contains(.timezone("PRC")))
    let design = try maker().sweep(of: .timezone, levels: levels)
    #expect(design.kind == .sweep(.timezone))
    #expect(design.varyingFactors == [.timezone])
    #expect(Set(design.arms.map(\.assignment.timezone)).isSuperset(of: levels.map(\.description)))
    #expect(Set(design.arms.map { RunName.folder(for: $0.name) }).count == design.arms.count)
  }

  @Test func levelsFromAFile() throws {
    let list = try LevelList(parsing: "endpoint=@hosts") { path in
      #expect(path == "hosts")
      return "# comment\nexample.com\n\n  https://gw.example.org/v1  \n"
    }
    #expect(list.levels == [.endpoint("https://example.com"), .endpoint("https://gw.example.org/v1")])
    #expect(try LevelList(parsing: "timezone") { _ in "" }.levels == nil)
    #expect(throws: ProfileError.self) { try LevelList(parsing: "timezone=Asa/Tokyo") { _ in "" } }
    #expect(throws: MatrixError.self) { try LevelList(parsing: "hostname=all") { _ in "" } }
  }

  @Test func designsSurviveTheJournal() throws {
    for kind in [DesignKind.profiles, .oneAtATime, .covering(strength: 3), .sweep(.endpoint)] {
      let design = try maker().design(kind)
      #expect(try JSONDecoder().decode(Design.self, from: try JSONEncoder().encode(design)) == design)
    }
  }

  @Test(arguments: DesignKind.choices.filter { $0 != "sweep" }) func kindsHaveTheirText(text: String) {
    #expect(DesignKind(text)?.description == text)
    #expect(DesignKind("t=7") == nil)
    #expect(DesignKind("sweep endpoint") == .sweep(.endpoint))
  }
}

@Suite struct DetectionPowerTests {
  @Test func rareBehaviours() {
    #expect(abs(DetectionPower(runs: 2).fraction - 0.7764) < 0.0001)
    #expect(abs(DetectionPower(runs: 5).fraction - 0.4507) < 0.0001)
    #expect(DetectionPower.runs(for: 0.25) == 11)
    for fraction in [0.05, 0.1, 0.25, 0.5, 0.9, 0.99] {
      let runs = DetectionPower.runs(for: fraction)
      #expect(DetectionPower(runs: runs).fraction <= fraction + 1e-9)
      #expect(runs == 1 || DetectionPower(runs: runs - 1).fraction > fraction)
    }
  }
}
