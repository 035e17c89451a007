import EnvprobeModel
import Foundation
import Testing

@Suite struct FactorTests {
  @Test(arguments: Factor.keyed + [.variable("LC_X"), .variable("a.b")]) func isFoundByItsName(factor: Factor) throws {
    #expect(Factor(name: factor.name) == factor)
    #expect(try JSONDecoder().decode([Factor].self, from: JSONEncoder().encode([factor])) == [factor])
    #expect(!factor.summary.isEmpty)
  }

  @Test(arguments: ["", "env", "env.", "Timezone", "timezone "]) func hasNoOtherName(name: String) {
    #expect(Factor(name: name) == nil)
  }

  @Test func sortsVariablesLast() {
    #expect(
      [.variable("B"), .clock, .variable("A"), .timezone].sorted() == [
        Factor.timezone, .clock, .variable("A"), .variable("B"),
      ])
  }

  @Test func listsEveryKeyOnce() { #expect(Set(Factor.keyed).count == Factor.keyed.count) }

  static let owners: [(String, Factor?)] = [
    ("TZ", .timezone), ("LANG", .locale), ("LC_TIME", .locale), ("LANGUAGE", .locale), ("HOSTNAME", .hostname),
    ("no_proxy", .proxy), ("ALL_PROXY", .proxy), ("ANTHROPIC_BASE_URL", .endpoint), ("GOPROXY", .mirrors),
    ("PIP_INDEX_URL", .mirrors), ("HOME", .identity), ("PATH", nil), ("tz", nil),
  ]

  @Test(arguments: owners.indices) func ownsItsVariables(index: Int) {
    #expect(Factor.owning(variable: Self.owners[index].0) == Self.owners[index].1)
  }

  @Test func everyEndpointAndMirrorVariableIsOwned() {
    for variable in EndpointVariable.all { #expect(Factor.owning(variable: variable.name) == .endpoint) }
    for mirror in Mirror.all {
      #expect(Mirror.named(mirror.name) == mirror)
      for variable in mirror.variables { #expect(Factor.owning(variable: variable) == .mirrors) }
    }
  }
}
