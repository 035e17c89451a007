import EnvprobeModel
import Testing

@testable import EnvprobeCompare

@Suite struct PropertyTests {
  /// A program with several hidden dependencies and much noise.
  static func behave(_ run: inout SyntheticTrace) {
    let isChina = run.assignment.timezone == "Asia/Shanghai"
    let isCustom = run.assignment.endpoint != nil
    ComparisonTests.honest(&run) {
      ComparisonTests.prompt($0, apostrophe: isChina ? "\u{2019}" : "'", separator: isChina && isCustom ? "/" : "-")
    }
    if isCustom { run.print("custom \(run.hex(10))\n", to: .stderr) }
    if run.chance.next() % 2 == 0 { run.request("GET", "https://sometimes.example.org/\(run.hex(8))") }
    run.write("x.json", #"{"a":"\#(isChina ? "x" : "y")","n":\#(run.chance.next() % 1000)}"#)
  }

  static let places: [SyntheticPlace] = [.us, .usGateway, .sg, .cn, .cnGateway]

  /// The same runs under several assignments.
  @Test(arguments: UInt64(1)...8) func whatIsComparedWithItselfIsTheSame(_ seed: UInt64) {
    let runs = arms([.cn], repeats: 3, seed: seed, Self.behave)[0].runs
    let same = [SyntheticPlace.us, .usGateway, .cn].map { Arm(assignment: $0.assignment, runs: runs) }
    #expect(Comparison(same).candidates.isEmpty)
    #expect(RareValue.screen(same).isEmpty)
    #expect(NoisyCarrier.screen(same).isEmpty)
  }

  /// Runs of one arm that do what no other does, each something else, take findings away and add none.
  @Test(arguments: UInt64(1)...8) func noiseRunsNeverAddFindings(_ seed: UInt64) {
    func found(_ arms: [Arm]) -> Set<Place> { Set(Comparison(arms).candidates.flatMap(\.aspects).map(\.place)) }
    let quiet = arms(Self.places, repeats: 2, seed: seed, Self.behave)
    var noisy = quiet
    for index in noisy.indices {
      noisy[index].runs +=
        arms([Self.places[index]], repeats: 4, seed: seed + 50) { run in
          Self.behave(&run)
          run.print("\(run.hex(12)) \(run.chance.next() % 3 == 0 ? "now" : "then") and again\n", to: .stderr)
          run.request("GET", "https://chance-\(run.chance.next() % 3).example.org/")
        }[0].runs
    }
    #expect(found(noisy).subtracting(found(quiet)).isEmpty)
  }

  @Test(arguments: UInt64(1)...8) func swappingArmsSwapsSides(_ seed: UInt64) {
    let both = arms([.us, .cn], repeats: 3, seed: seed, Self.behave)
    let forth = Comparison(both)
    let back = Comparison(both.reversed())
    func sides(_ comparison: Comparison, _ a: Int, _ b: Int) -> Set<[String]> {
      Set(
        comparison.candidates.flatMap(\.aspects).map { aspect in
          [aspect.place.channel.rawValue, aspect.place.location, "\(aspect.kind(from: a, to: b))"]
            + [aspect.values[a] ?? "∅", aspect.values[b] ?? "∅"]
        })
    }
    #expect(!forth.candidates.isEmpty)
    #expect(sides(forth, 0, 1) == sides(back, 1, 0))
  }

  @Test(arguments: UInt64(1)...8) func moreRunsNeverAddFindings(_ seed: UInt64) {
    func places(_ comparison: Comparison) -> Set<Place> {
      Set(comparison.candidates.flatMap(\.aspects).map(\.place))
    }
    var last: Set<Place>?
    for repeats in [2, 3, 5] {
      let found = places(Comparison(arms(Self.places, repeats: repeats, seed: seed, Self.behave)))
      if let last { #expect(found.isSubset(of: last), "\(found.subtracting(last))") }
      last = found
    }
    // The hidden ones are still there.
    #expect(last?.contains(Place(.file, "~/x.json.a")) == true)
    #expect(last?.contains(Place(.http, "POST <endpoint-host>/v1/messages body.system[text].text")) == true)
  }

  @Test(arguments: UInt64(1)...4) func relabellingChangesNothing(_ seed: UInt64) {
    let original = arms(Self.places, repeats: 2, seed: seed, Self.behave)
    let relabelled = original.map { arm in
      Arm(
        assignment: arm.assignment.taking([.hostname], from: Assignment([.hostname: .hostname("other")])),
        runs: arm.runs)
    }
    #expect(summary(Comparison(original)) == summary(Comparison(relabelled)))
  }

  @Test(arguments: UInt64(1)...4) func anArmIsInItsOwnGroup(_ seed: UInt64) {
    let comparison = Comparison(arms(Self.places, repeats: 2, seed: seed, Self.behave))
    for candidate in comparison.candidates {
      for (arm, group) in zip(comparison.arms, candidate.classes) {
        guard let group else { continue }
        #expect(candidate.group(of: arm) == .known(group), "\(candidate.main.place) \(candidate.main.values)")
      }
    }
  }

  /// Further runs of the same assignment, which the comparison has not seen, show the same behaviour.
  @Test(arguments: UInt64(1)...4) func newRunsAreJudgedAsTheirArm(_ seed: UInt64) {
    let comparison = Comparison(arms(Self.places, repeats: 3, seed: seed, Self.behave))
    let fresh = arms(Self.places, repeats: 2, seed: seed + 100, Self.behave)
    for candidate in comparison.candidates where candidate.tier == .trusted {
      for (arm, group) in zip(fresh, candidate.classes) {
        guard let group else { continue }
        #expect(candidate.group(of: arm) == .known(group), "\(candidate.main.place) \(candidate.main.values)")
      }
    }
  }

  /// Two hidden things that go together in the profiles come apart under a new assignment.
  @Test func candidatesAreDividedByExperiments() throws {
    func behave(_ run: inout SyntheticTrace) {
      run.print("zone \(run.assignment.timezone == "Asia/Shanghai" ? "a" : "b")\n")
      run.print("language \(run.assignment.locale?.lang == "zh_CN.UTF-8" ? "a" : "b")\n", to: .stderr)
    }
    let comparison = Comparison(arms([.us, .de, .cn], behave))
    let candidate = try #require(comparison.candidates.first)
    #expect(comparison.candidates.count == 1)
    #expect(candidate.aspects.count == 2)
    var mixed = SyntheticPlace.us
    mixed.assignment = mixed.assignment.taking([.timezone], from: SyntheticPlace.cn.assignment)
    let experiment = arms([mixed], repeats: 1, behave)[0]
    #expect(candidate.group(of: experiment) == .unstable)
    let parts = candidate.divided(by: experiment)
    #expect(parts.count == 2)
    #expect(parts.first { $0.candidate.main.place.channel == .stdout }?.group == .known(1))
    #expect(parts.first { $0.candidate.main.place.channel == .stderr }?.group == .known(0))
  }
}
