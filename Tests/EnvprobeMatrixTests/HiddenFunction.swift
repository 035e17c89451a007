import EnvprobeModel

@testable import EnvprobeMatrix

/// A made-up program: what it shows as a function of the assignment.
struct HiddenFunction: Sendable {
  var name: String
  var isMonotone: Bool
  var value: @Sendable (Assignment) -> String

  /// Shows `x` where a factor has one of some levels.
  static func levels(_ factor: Factor, _ levels: Set<Level?>) -> @Sendable (Assignment) -> Bool {
    { levels.contains($0[factor]) }
  }

  static func all(_ parts: [@Sendable (Assignment) -> Bool]) -> @Sendable (Assignment) -> String {
    { assignment in parts.allSatisfy { $0(assignment) } ? "x" : "-" }
  }

  static func any(_ parts: [@Sendable (Assignment) -> Bool]) -> @Sendable (Assignment) -> String {
    { assignment in parts.contains { $0(assignment) } ? "x" : "-" }
  }

  static func parity(_ parts: [@Sendable (Assignment) -> Bool]) -> @Sendable (Assignment) -> String {
    { assignment in parts.count { $0(assignment) } % 2 == 1 ? "x" : "-" }
  }
}

/// A design of seven profiles with eight factors, shaped like the default one.
enum SampleDesign {
  static let factors: [Factor] = [
    .timezone, .locale, .hostname, .endpoint, .resolver, .identity, .network, .variable("XMODIFIERS"),
  ]

  static func level(_ factor: Factor, _ text: String) -> Level {
    switch factor {
    case .timezone: .timezone(text)
    case .locale: .locale(LocaleSetting(lang: text))
    case .hostname: .hostname(text)
    case .proxy: .proxy(ProxySetting(url: text))
    case .endpoint: .endpoint(text)
    case .resolver: .resolver(ResolverSetting(nameservers: [text]))
    case .mirrors: .mirrors(["npm": text])
    case .identity: .identity(IdentitySetting(user: text, name: text, email: text))
    case .network: .network(NetworkSetting(address: text, publicAddress: text, country: "ZZ"))
    case .clock: .clock(text)
    case .variable: .variable(text)
    }
  }

  /// A letter per factor in the order of ``factors``; `-` leaves it unset.
  static func arm(_ name: String, _ letters: String) -> Design.Arm {
    var assignment = Assignment()
    for (factor, letter) in zip(factors, letters) where letter != "-" {
      assignment[factor] = level(factor, String(letter))
    }
    return Design.Arm(name: name, assignment: assignment)
  }

  static let design = try! Design(profiles: [
    arm("us", "uuu-uuu-"),
    arm("us-gateway", "uuuguuu-"),
    arm("de", "ddd-ddd-"),
    arm("sg-gateway", "suugsus-"),
    arm("cn", "ccc-cccf"),
    arm("cn-gateway", "cccgcccf"),
    arm("cn-corp", "ccwhwcwf"),
  ])
}

/// Plays the runs of some hidden functions, one candidate for each difference that the design shows.
final class FakeRuns {
  let functions: [HiddenFunction]
  let design: Design
  /// The chance that a run shows garbage instead.
  let noise: Double
  private var generator: SeededGenerator
  private(set) var candidates: [Candidate] = []
  private(set) var owners: [Candidate.ID: (function: HiddenFunction, baseline: String, other: String)] = [:]
  private(set) var runs: [Assignment: Int] = [:]
  private var seen: [Assignment: [Candidate.ID: [Showing]]] = [:]

  init(_ functions: [HiddenFunction], design: Design = SampleDesign.design, noise: Double = 0, seed: UInt64 = 1) {
    self.functions = functions
    self.design = design
    self.noise = noise
    generator = SeededGenerator(seed: seed)
    for function in functions {
      let baseline = function.value(design.baseline.assignment)
      let byValue = Dictionary(grouping: design.arms.map(\.assignment)) { function.value($0) }
      for (value, assignments) in byValue.sorted(by: { $0.key < $1.key }) where value != baseline {
        let id = "\(function.name) \(value)"
        candidates.append(Candidate(id: id, baseline: design.baseline.assignment, others: assignments))
        owners[id] = (function, baseline, value)
      }
    }
  }

  /// What the design's own runs show.
  var known: [Assignment: Evidence] {
    observe(design.arms.map { Experiment(assignment: $0.assignment, repeats: 2) })
  }

  func observe(_ experiments: [Experiment]) -> [Assignment: Evidence] {
    var result: [Assignment: Evidence] = [:]
    for experiment in experiments {
      while runs[experiment.assignment, default: 0] < experiment.repeats {
        runs[experiment.assignment, default: 0] += 1
        for candidate in candidates {
          let isNoisy = Double.random(in: 0..<1, using: &generator) < noise
          let showing =
            isNoisy
            ? [.other, .different, .baseline].randomElement(using: &generator)!
            : truth(candidate.id, experiment.assignment)
          seen[experiment.assignment, default: [:]][candidate.id, default: []].append(showing)
        }
      }
      result[experiment.assignment] = Evidence(
        repeats: runs[experiment.assignment]!, showings: seen[experiment.assignment]!.mapValues(Showing.agreed(by:)))
    }
    return result
  }

  func truth(_ id: Candidate.ID, _ assignment: Assignment) -> Showing {
    let owner = owners[id]!
    let value = owner.function.value(assignment)
    return value == owner.baseline ? .baseline : value == owner.other ? .other : .different
  }

  /// Every minimal sufficient set between two assignments, by trying everything.
  func minimalSets(_ id: Candidate.ID, _ lattice: FactorLattice) -> Set<[Factor]> {
    var result: [FactorSubset] = []
    for subset in HypothesisSpace.subsets(of: lattice.top, sizes: 1...lattice.factors.count)
    where !result.contains(where: { $0.isSubset(of: subset) }) && truth(id, lattice.assignment(at: subset)) == .other {
      result.append(subset)
    }
    return Set(result.map(lattice.factors(of:)))
  }

  /// Random functions of a shape over the sample design's factors; only such as show at all.
  static func random(_ shape: String, seed: UInt64) -> HiddenFunction {
    var generator = SeededGenerator(seed: seed)
    while true {
      let factors = generator.shuffled(SampleDesign.factors)
      func part(_ factor: Factor) -> @Sendable (Assignment) -> Bool {
        let usual = SampleDesign.design.baseline.assignment[factor]
        let levels = SampleDesign.design.levels(of: factor).filter { $0 != usual }
        let size = Int.random(in: 1...levels.count, using: &generator)
        return HiddenFunction.levels(factor, Set(generator.shuffled(levels).prefix(size)))
      }
      let name = "\(shape)-\(seed)"
      let function: HiddenFunction
      switch shape {
      case "single": function = .init(name: name, isMonotone: true, value: HiddenFunction.all([part(factors[0])]))
      case "and2":
        function = .init(name: name, isMonotone: true, value: HiddenFunction.all(factors.prefix(2).map(part)))
      case "and3":
        function = .init(name: name, isMonotone: true, value: HiddenFunction.all(factors.prefix(3).map(part)))
      case "or2":
        function = .init(name: name, isMonotone: true, value: HiddenFunction.any(factors.prefix(2).map(part)))
      case "or3":
        function = .init(name: name, isMonotone: true, value: HiddenFunction.any(factors.prefix(3).map(part)))
      case "and-or":
        let parts = factors.prefix(3).map(part)
        function = .init(
          name: name, isMonotone: true, value: { parts[0]($0) && (parts[1]($0) || parts[2]($0)) ? "x" : "-" })
      case "xor2":
        function = .init(name: name, isMonotone: false, value: HiddenFunction.parity(factors.prefix(2).map(part)))
      case "xor3":
        function = .init(name: name, isMonotone: false, value: HiddenFunction.parity(factors.prefix(3).map(part)))
      case "and-not":
        let parts = factors.prefix(2).map(part)
        function = .init(name: name, isMonotone: false, value: { parts[0]($0) && !parts[1]($0) ? "x" : "-" })
      case "echo":
        // Each level has a value of its own.
        let factor = factors[0]
        function = .init(name: name, isMonotone: true, value: { $0[factor]?.description ?? "-" })
      case "pair":
        // Each pair of levels has a value of its own.
        let (a, b) = (factors[0], factors[1])
        function = .init(
          name: name, isMonotone: true,
          value: { "\($0[a]?.description ?? "-")\($0[b]?.description ?? "-")" })
      default: fatalError("no shape '\(shape)'")
      }
      if !FakeRuns([function]).candidates.isEmpty { return function }
    }
  }
}
