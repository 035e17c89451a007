import EnvprobeModel
import Testing

@testable import EnvprobeCompare

@Suite struct FindingsTests {
  static func finding(
    _ places: [SyntheticPlace], causes: [[Factor]], _ behave: (inout SyntheticTrace) -> Void
  ) throws -> Finding {
    let comparison = Comparison(arms(places, behave))
    let attributions = comparison.candidates.map {
      Attribution(
        candidate: $0, causes: causes, outcomes: comparison.outcomes(of: $0), doubt: comparison.doubt(about: $0))
    }
    let findings = Findings.findings(of: attributions)
    #expect(findings.count == 1, "\(summary(comparison))")
    return try #require(findings.first)
  }

  static func onEndpoint(_ run: inout SyntheticTrace, _ test: (String?) -> Bool) {
    run.print("mode \(test(run.assignment.endpoint) ? "a" : "b")\n")
  }

  @Test func twoSetLevelsAreGeographic() throws {
    let finding = try Self.finding([.us, .usGateway, .cnCorp], causes: [[.endpoint]]) { run in
      Self.onEndpoint(&run) { $0?.contains("bigcorp") == true }
    }
    #expect(finding.class == .geographic)
    #expect(finding.note == nil)
    #expect(finding.verdict == .unexplained)
    #expect(
      finding.partition == [
        .init(levels: ["endpoint": [nil, "https://gw.example.com"]], value: "mode b"),
        .init(levels: ["endpoint": ["https://llm.bigcorp.cn:8443/api"]], value: "mode a"),
      ])
    #expect(finding.kind == .changed)
    #expect(finding.channel == .stdout)
    #expect(finding.differences.map(\.kind) == ["text"])
  }

  @Test func unsetAgainstSetIsPresence() throws {
    let finding = try Self.finding([.us, .usGateway, .cnCorp], causes: [[.endpoint]]) { run in
      Self.onEndpoint(&run) { $0 != nil }
    }
    #expect(finding.class == .presence)
    #expect(!finding.isDeciding)
  }

  @Test func aNeutralLevelAloneShowsPresence() throws {
    let finding = try Self.finding([.us, .usGateway], causes: [[.endpoint]]) { run in
      Self.onEndpoint(&run) { $0 != nil }
    }
    #expect(finding.class == .presence)
  }

  @Test func withoutANeutralLevelItIsUndetermined() throws {
    let finding = try Self.finding([.us, .cnCorp], causes: [[.endpoint]]) { run in
      Self.onEndpoint(&run) { $0 != nil }
    }
    #expect(finding.class == .undetermined)
    #expect(finding.isDeciding)
    #expect(finding.note?.contains("us-gateway") == true)
  }

  @Test(arguments: [
    ([SyntheticPlace.us, .de, .sg, .cn], "Asia/Shanghai", Finding.Class.geographic, nil as String?),
    ([.us, .cn], "Asia/Shanghai", .undetermined, "sg-gateway"),
    ([.us, .de, .cn], "Asia/Shanghai", .undetermined, "sg-gateway"),
    ([.us, .sg, .cn], "Asia", .geographic, "same offset"),
  ]) func zones(_ places: [SyntheticPlace], _ zone: String, _ expected: Finding.Class, _ note: String?) throws {
    let finding = try Self.finding(places, causes: [[.timezone]]) { run in
      run.print(run.assignment.timezone!.hasPrefix(zone) ? "a" : "b")
    }
    #expect(finding.class == expected)
    #expect(note.map { finding.note?.contains($0) == true } ?? (finding.note == nil), "\(finding.note ?? "")")
  }

  @Test func aConjunctionIsAsGeographicAsItsParts() throws {
    let finding = try Self.finding(
      [.us, .usGateway, .sg, .sgGateway, .cn, .cnGateway], causes: [[.timezone, .endpoint]]
    ) { run in
      run.print(run.assignment.endpoint != nil && run.assignment.timezone == "Asia/Shanghai" ? "a" : "b")
    }
    #expect(finding.class == .geographic)
    #expect(finding.causes == [[.endpoint, .timezone]])
    let special = finding.partition.filter { $0.value == "a" }
    #expect(
      special == [
        .init(levels: ["endpoint": ["https://gw.example.com"], "timezone": ["Asia/Shanghai"]], value: "a")
      ])
    // Boxes hold what was seen and nothing else.
    let boxes = finding.partition.reduce(0) { $0 + $1.levels.values.reduce(1) { $0 * $1.count } }
    #expect(boxes == 6)
  }

  @Test func oneFindingForEqualCausesAndSplits() throws {
    let comparison = Comparison(
      arms([.us, .usGateway, .sgGateway, .cnGateway, .cnCorp]) { run in
        let isCorporate = run.assignment.endpoint?.contains("bigcorp") == true
        run.print(isCorporate ? "It’s so.\n" : "It's so.\n")
        run.print("custom: \(run.assignment.endpoint != nil)\n", to: .stderr)
        for index in 0..<20 {
          run.write("\(index).txt", "line one\n\(run.assignment.endpoint != nil ? "set" : "not")\n")
        }
      })
    let attributions = comparison.candidates.flatMap { candidate in
      candidate.aspects.map { aspect in
        Attribution(
          candidate: Candidate(aspects: [aspect], classes: candidate.classes), causes: [[.endpoint]],
          outcomes: comparison.outcomes(of: candidate), evidence: ["run-1", "run-2"], reproduce: [["envprobe"]])
      }
    }
    let findings = Findings.findings(of: attributions)
    try #require(findings.count == 2)
    #expect(findings.map(\.class) == [.geographic, .presence])
    #expect(findings[0].differences.first?.codepoints.after == ["U+2019 RIGHT SINGLE QUOTATION MARK"])
    #expect(findings[0].locations.count == 1)
    #expect(findings[1].locations.count == 21)
    #expect(findings[0].evidence == ["run-1", "run-2"])
    #expect(Set(findings.map(\.id)).count == 2)
    #expect(Findings.conclusion(findings, runs: comparison.arms.flatMap(\.runs)) == .different)
    #expect(Findings.conclusion([findings[1]], runs: comparison.arms.flatMap(\.runs)) == .same)
    #expect(Findings.conclusion([findings[1]], runs: comparison.arms.flatMap(\.runs), deciding: .any) == .different)
  }

  @Test func theIdIsStable() throws {
    func make(_ seed: UInt64) throws -> Finding {
      try Self.finding([.us, .usGateway, .cnCorp], causes: [[.endpoint]]) { run in
        run.start += Int(seed) * 86_400
        Self.onEndpoint(&run) { $0?.contains("bigcorp") == true }
      }
    }
    #expect(try make(1).id == make(2).id)
    #expect(try make(1).id.utf8.count == 12)
  }

  @Test func gapsMakeSameInconclusive() {
    let whole = arms([.us, .cn]) { $0.print("x") }.flatMap(\.runs)
    #expect(Findings.conclusion([], runs: whole) == .same)
    let gapped = arms([.us, .cn]) { run in
      run.print("x")
      if run.place.name == "cn" {
        run.gaps = [Gap(kind: .untrustedGateway, detail: "unknown CA", host: "pin.example.org")]
      }
    }.flatMap(\.runs)
    #expect(Findings.conclusion([], runs: gapped) == .inconclusive)
    #expect(
      Findings.limits(of: gapped) == [
        "In 2 of 4 runs, the program refused the gateway's certificate for pin.example.org (unknown CA)."
      ])
    #expect(Findings.conclusion([], runs: []) == .inconclusive)
  }

  @Test func aDifferenceThatAGapCouldMakeIsInconclusive() throws {
    let finding = try Self.finding([.us, .de, .cn], causes: [[.timezone]]) { run in
      if run.place.name == "cn" {
        run.gaps = [Gap(kind: .untrustedGateway, detail: "unknown CA", host: "api.example.org")]
      } else {
        run.events.append(
          .request(
            HTTPRequest(
              exchange: 1, connection: 1, scheme: "https", host: "api.example.org", port: 443, via: ["tls"],
              method: "GET", target: "/x", version: "HTTP/1.1", headers: [])))
      }
    }
    #expect(finding.verdict == .inconclusive)
    #expect(finding.note?.contains("unknown CA") == true)
  }
}

/// What a place carries of the levels.
struct CapacityTests {
  private static func outcomes(_ groups: [[Int]]) -> [Attribution.Outcome] {
    groups.enumerated().flatMap { zone, row in
      row.enumerated().map { host, group in
        var assignment = Assignment()
        assignment[.timezone] = .timezone("Zone/\(zone)")
        assignment[.endpoint] = .endpoint("https://\(host).example")
        return Attribution.Outcome(assignment: assignment, group: group, utcOffset: 0)
      }
    }
  }

  @Test func everyFactorHasItsShare() throws {
    let capacity = try #require(
      Finding.Capacity(factors: [.endpoint, .timezone], outcomes: Self.outcomes([[0, 1, 2, 3], [4, 5, 6, 7]])))
    #expect(capacity == .init(symbols: 8, bits: 3, bitsByFactor: ["endpoint": 2, "timezone": 1]))
  }

  @Test func aConjunctionCarriesOneBit() throws {
    let capacity = try #require(
      Finding.Capacity(factors: [.endpoint, .timezone], outcomes: Self.outcomes([[0, 0], [0, 1]])))
    #expect(capacity == .init(symbols: 2, bits: 1, bitsByFactor: ["endpoint": 1, "timezone": 1]))
  }

  @Test func whatIsTheSameEverywhereCarriesNothing() {
    #expect(Finding.Capacity(factors: [.endpoint], outcomes: Self.outcomes([[0, 0]])) == nil)
  }
}
