import EnvprobeModel
import Testing

@testable import EnvprobeMatrix

@Suite struct InvestigationTests {
  /// Runs an investigation to its end, and checks every claim it makes against the function itself.
  private func investigate(
    _ runs: FakeRuns, limits: AttributionLimits = AttributionLimits()
  ) async throws -> (results: [Candidate.ID: Attribution], assignments: Int) {
    var investigation = Investigation(runs.candidates, known: runs.known, limits: limits)
    let results = try await investigation.run { runs.observe($0) }
    #expect(results.count == runs.candidates.count)
    return (results, investigation.newAssignments)
  }

  private func check(_ causes: Attribution.Causes, of id: Candidate.ID, in runs: FakeRuns) {
    let lattice = FactorLattice(baseline: causes.baseline, other: causes.other)
    #expect(!causes.sets.isEmpty)
    for set in causes.sets {
      #expect(runs.truth(id, causes.smallest(set)) == .other, "\(id): \(set) is not sufficient")
      for factor in set {
        let rest = set.filter { $0 != factor }
        #expect(runs.truth(id, causes.smallest(rest)) != .other, "\(id): \(set) is not minimal")
      }
    }
    guard causes.isNecessary else { return }
    let subsets = causes.sets.map { set in
      lattice.factors.indices.reduce(FactorSubset(0)) { $0 | (set.contains(lattice.factors[$1]) ? 1 << $1 : 0) }
    }
    for hitting in CauseSearch.hittingSets(of: subsets) {
      let rest = lattice.assignment(at: lattice.top & ~hitting)
      #expect(runs.truth(id, rest) != .other, "\(id): \(causes.sets) is not necessary")
    }
  }

  /// The mean number of new assignments for each shape is a bound, a tenth above what was measured.
  @Test(
    arguments: [
      ("single", 4.1), ("and2", 9.1), ("and3", 13.2), ("or2", 4.9), ("or3", 4.4), ("and-or", 10.6), ("echo", 10.7),
      ("pair", 26.5), ("xor2", 3.7), ("xor3", 3.4), ("and-not", 4.8),
    ])
  func claimsAreTrue(shape: String, bound: Double) async throws {
    var total = 0
    let count = 60
    for seed in 0..<UInt64(count) {
      let runs = FakeRuns([FakeRuns.random(shape, seed: seed)])
      let (results, assignments) = try await investigate(runs)
      total += assignments
      for (id, attribution) in results {
        guard case .found(let causes) = attribution else {
          Issue.record("\(id): \(attribution)")
          continue
        }
        check(causes, of: id, in: runs)
        if runs.functions[0].isMonotone {
          let lattice = FactorLattice(baseline: causes.baseline, other: causes.other)
          #expect(Set(causes.sets) == runs.minimalSets(id, lattice), "\(id)")
          #expect(causes.exceptions.isEmpty)
          #expect(causes.isNecessary)
        }
      }
    }
    #expect(Double(total) / Double(count) <= bound)
  }

  @Test func twoHiddenCausesTakeAboutTenNewAssignments() async throws {
    var counts: [Int] = []
    for seed in 0..<UInt64(101) {
      let shapes = ["single", "and2"]
      let functions = shapes.enumerated().map { FakeRuns.random($1, seed: seed * 2 + UInt64($0)) }
      let (_, assignments) = try await investigate(FakeRuns(functions))
      counts.append(assignments)
    }
    counts.sort()
    #expect(counts[50] <= 11)
    #expect(counts[95] <= 14)
    #expect(counts.last! <= 16)
  }

  /// One marker that depends on whose gateway it is, one that depends on a zone behind any gateway, and a thousand
  /// places that any gateway changes.
  @Test func severalCausesOfOneProgram() async throws {
    let isCorporate = HiddenFunction.levels(.endpoint, [.endpoint("h")])
    let isCustom = HiddenFunction.levels(.endpoint, [.endpoint("h"), .endpoint("g")])
    let isChina = HiddenFunction.levels(.timezone, [.timezone("c")])
    let runs = FakeRuns(
      [
        .init(name: "mark", isMonotone: true, value: HiddenFunction.all([isCorporate])),
        .init(name: "separator", isMonotone: true, value: HiddenFunction.all([isCustom, isChina])),
      ]
        + (0..<1000).map { .init(name: "place\($0)", isMonotone: true, value: HiddenFunction.all([isCustom])) })
    let (results, assignments) = try await investigate(runs)
    func sets(_ id: String) -> [[Factor]]? {
      if case .found(let causes)? = results[id] { causes.sets } else { nil }
    }
    #expect(sets("mark x") == [[.endpoint]])
    #expect(sets("separator x") == [[.timezone, .endpoint]])
    #expect((0..<1000).allSatisfy { sets("place\($0) x") == [[.endpoint]] })
    #expect(assignments <= 9)
  }

  @Test func alternativesComeOutAsSuch() async throws {
    let runs = FakeRuns([
      .init(
        name: "either", isMonotone: true,
        value: HiddenFunction.any([
          HiddenFunction.levels(.timezone, [.timezone("c")]),
          HiddenFunction.levels(.locale, [SampleDesign.level(.locale, "c")]),
        ]))
    ])
    let (results, _) = try await investigate(runs)
    guard case .found(let causes)? = results["either x"] else { return #expect(Bool(false), "\(results)") }
    #expect(causes.sets == [[.timezone], [.locale]])
    #expect(causes.isNecessary)
    #expect(causes.note == nil)
  }

  @Test func whatCancelsIsNoted() async throws {
    let runs = FakeRuns([
      .init(
        name: "odd", isMonotone: false,
        value: HiddenFunction.parity([
          HiddenFunction.levels(.timezone, [.timezone("c")]),
          HiddenFunction.levels(.endpoint, [.endpoint("g"), .endpoint("h")]),
          HiddenFunction.levels(.hostname, [.hostname("w")]),
        ]))
    ])
    let (results, _) = try await investigate(runs)
    guard case .found(let causes)? = results["odd x"] else { return #expect(Bool(false), "\(results)") }
    check(causes, of: "odd x", in: runs)
  }

  @Test func moreAlternativesThanTheLimitAreNoted() async throws {
    let factors = SampleDesign.factors
    let runs = FakeRuns([
      .init(name: "any", isMonotone: true) { assignment in
        factors.contains { assignment[$0] == SampleDesign.design.arms[6].assignment[$0] } ? "x" : "-"
      }
    ])
    let (results, _) = try await investigate(runs, limits: AttributionLimits(alternatives: 2))
    guard case .found(let causes)? = results["any x"] else { return #expect(Bool(false), "\(results)") }
    #expect(causes.sets.count == 2)
    #expect(!causes.isNecessary)
    #expect(causes.note == "there may be further alternatives: the search for them was cut short")
  }

  @Test(arguments: ["single", "and2", "or2", "and3"], [0.02, 0.05])
  func noiseRarelyMisleads(shape: String, noise: Double) async throws {
    var right = 0
    var wrong = 0
    var unresolved = 0
    for seed in 0..<UInt64(60) {
      let function = FakeRuns.random(shape, seed: seed)
      let runs = FakeRuns([function], noise: noise, seed: seed)
      let (results, _) = try await investigate(runs)
      for (id, attribution) in results {
        guard case .found(let causes) = attribution else {
          unresolved += 1
          continue
        }
        let lattice = FactorLattice(baseline: causes.baseline, other: causes.other)
        if Set(causes.sets) == runs.minimalSets(id, lattice) { right += 1 } else { wrong += 1 }
      }
    }
    #expect(wrong <= 1, "\(wrong) of \(right + wrong + unresolved) wrong")
    #expect(Double(right) >= 0.85 * Double(right + wrong + unresolved), "\(unresolved) unresolved")
  }

  @Test func aDifferenceThatDoesNotShowAgainIsUnresolved() async throws {
    let design = SampleDesign.design
    let candidate = Candidate(id: "c", baseline: design.arms[0].assignment, others: [design.arms[1].assignment])
    var investigation = Investigation([candidate], known: [:])
    let results = try await investigation.run { experiments in
      Dictionary(
        uniqueKeysWithValues: experiments.map {
          ($0.assignment, Evidence(repeats: $0.repeats, showings: ["c": .baseline]))
        })
    }
    #expect(
      results == ["c": .unresolved(reason: "the difference did not show again when the runs were repeated")])
  }

  @Test(arguments: [Showing.unstable, .unobserved])
  func whatNeverSettlesIsUnresolved(showing: Showing) async throws {
    let design = SampleDesign.design
    let (a, b) = (design.arms[0].assignment, design.arms[5].assignment)
    let candidate = Candidate(id: "c", baseline: a, others: [b])
    var asked: [Int] = []
    var investigation = Investigation([candidate], known: [:])
    let results = try await investigation.run { experiments in
      asked += experiments.map(\.repeats)
      return experiments.reduce(into: [:]) { result, experiment in
        let shows: Showing = experiment.assignment == a ? .baseline : experiment.assignment == b ? .other : showing
        result[experiment.assignment] = Evidence(repeats: experiment.repeats, showings: ["c": shows])
      }
    }
    guard case .unresolved(let reason)? = results["c"] else { return #expect(Bool(false), "\(results)") }
    #expect(reason.hasSuffix(showing == .unstable ? "repeated runs disagree" : "no run tells"))
    #expect(asked.contains(5))
  }

  @Test func runsThatCannotBeHadEndTheSearch() async throws {
    let design = SampleDesign.design
    let candidate = Candidate(id: "c", baseline: design.arms[0].assignment, others: [design.arms[5].assignment])
    var investigation = Investigation([candidate], known: [:])
    let results = try await investigation.run { _ in [:] }
    guard case .unresolved? = results["c"] else { return #expect(Bool(false), "\(results)") }
  }

  @Test func theLimitOnExperimentsHolds() async throws {
    let runs = FakeRuns([FakeRuns.random("and3", seed: 3)])
    let (results, assignments) = try await investigate(runs, limits: AttributionLimits(assignments: 3))
    #expect(assignments <= 3)
    #expect(results.values.allSatisfy { if case .unresolved = $0 { true } else { false } })
  }
}

@Suite struct ShowingTests {
  @Test(arguments: [
    ([Showing.other, .other], Showing.other),
    ([.other, .baseline], .unstable),
    ([.other, .other, .other, .other, .baseline], .other),
    ([.other, .other, .other, .baseline, .baseline], .unstable),
    ([.unobserved, .baseline], .baseline),
    ([.unobserved, .unobserved], .unobserved),
    ([], .unobserved),
  ])
  func agreement(runs: [Showing], expected: Showing) { #expect(Showing.agreed(by: runs) == expected) }
}

@Suite struct CauseSearchTests {
  @Test(arguments: [
    ([] as [FactorSubset], [0] as [FactorSubset]),
    ([0b1], [0b1]),
    ([0b11], [0b01, 0b10]),
    ([0b01, 0b10], [0b11]),
    ([0b011, 0b110], [0b010, 0b101]),
  ])
  func hittingSets(sets: [FactorSubset], expected: [FactorSubset]) {
    #expect(CauseSearch.hittingSets(of: sets) == expected)
  }
}

@Suite struct ChanceTests {
  /// Values that vary little agree in two runs now and then, and differ between arms: none of that may get a cause.
  @Test func whatOnlyVariesGetsNoCause() async throws {
    var named = 0
    var tried = 0
    for seed in 0..<UInt64(400) {
      var generator = SeededGenerator(seed: seed)
      let design = SampleDesign.design
      // Five equally likely values per run; the candidate is what two runs of an arm happened to agree on.
      let (baseline, other) = (0, 1)
      let candidate = Candidate(
        id: "c", baseline: design.arms[0].assignment, others: [design.arms[Int(seed % 6) + 1].assignment])
      var seen: [Assignment: [Showing]] = [
        candidate.baseline: [.baseline, .baseline], candidate.others[0]: [.other, .other],
      ]
      var investigation = Investigation(
        [candidate],
        known: seen.mapValues { known in
          Evidence(repeats: 2, showings: ["c": known[0]])
        })
      tried += 1
      let results = try await investigation.run { experiments in
        var answers: [Assignment: Evidence] = [:]
        for experiment in experiments {
          while seen[experiment.assignment, default: []].count < experiment.repeats {
            let value = Int.random(in: 0..<5, using: &generator)
            seen[experiment.assignment, default: []]
              .append(value == baseline ? .baseline : value == other ? .other : .different)
          }
          let runs = seen[experiment.assignment]!
          answers[experiment.assignment] = Evidence(
            repeats: runs.count, showings: ["c": Showing.agreed(by: runs)])
        }
        return answers
      }
      if case .found? = results["c"] { named += 1 }
    }
    #expect(named <= 4, "\(named) of \(tried)")
  }
}
