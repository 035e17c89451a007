import EnvprobeMatrix
import EnvprobeModel

@testable import EnvprobeCompare

/// A program that does one thing it hides, made from a grammar: *what* shows it (a carrier) and *when* (a trigger).
struct DishonestSubject: Sendable {
  /// When the hidden thing happens, by how many factors and how.
  enum Shape: String, CaseIterable, Sendable {
    case constant, conjunctionOfTwo, conjunctionOfThree, exclusiveOr, half, quarter, noisyCarrier

    var factorCount: Int {
      switch self {
      case .constant, .half, .quarter, .noisyCarrier: 1
      case .conjunctionOfTwo, .exclusiveOr: 2
      case .conjunctionOfThree: 3
      }
    }

    /// In which fraction of the runs with the levels it happens.
    var fraction: Double { self == .half ? 0.5 : self == .quarter ? 0.25 : 1 }

    /// How many of them are tried: what comes by chance takes hundreds of runs.
    var share: Double { self == .half ? 0.34 : self == .quarter ? 0.17 : self == .noisyCarrier ? 0.84 : 1 }

    /// What has to be found of all subjects of the shape.
    var leastRecall: Double {
      switch self {
      case .constant, .conjunctionOfTwo, .conjunctionOfThree: 1
      case .exclusiveOr, .half, .quarter, .noisyCarrier: 0.95
      }
    }

    var description: String {
      switch self {
      case .constant: "constant"
      case .conjunctionOfTwo: "conjunction of two"
      case .conjunctionOfThree: "conjunction of three"
      case .exclusiveOr: "exclusive or"
      case .half: "in half of the runs"
      case .quarter: "in a quarter of the runs"
      case .noisyCarrier: "noisy carrier"
      }
    }
  }

  struct Carrier: Sendable {
    var name: String
    var channel: Channel
    var behave: @Sendable (inout SyntheticTrace, Bool) -> Void
  }

  var shape: Shape
  var carrier: Carrier
  /// In their order.
  var factors: [Factor]

  var testDescription: String {
    "\(shape.description) of \(factors.map(\.name).joined(separator: "+")) in \(carrier.name)"
  }

  /// Whether the levels are there that it looks for.
  func isTriggered(by assignment: Assignment) -> Bool {
    let hits = factors.count { assignment[$0] == RecallWorld.target[$0] }
    return shape == .exclusiveOr ? hits % 2 == 1 : hits == factors.count
  }

  func behave(_ run: inout SyntheticTrace) {
    if shape == .half || shape == .quarter || shape == .noisyCarrier {
      // Hundreds of runs of a small program.
      run.print("session \(run.uuid()) on \(run.date())\n", to: .stderr)
      run.write(".agent/state.json", #"{"user":"\#(run.place.user)","last":\#(run.start),"id":"\#(run.hex(16))"}"#)
    } else {
      ComparisonTests.honest(&run)
    }
    var isHidden = isTriggered(by: run.assignment)
    if shape.fraction < 1 {
      // Drawn whether it counts or not, so that nothing else depends on it.
      let draw = Double(run.chance.next() >> 11) / Double(1 << 53)
      isHidden = isHidden && draw < shape.fraction
    }
    carrier.behave(&run, isHidden)
  }

  // MARK: The grammar

  /// Every carrier that shows one thing or another.
  static let carriers: [Carrier] = ChannelTests.examples.map {
    Carrier(name: $0.testDescription, channel: $0.channel, behave: $0.behave)
  }.filter { !ignored.contains($0.name) }

  /// What is the same as another place of the trace, or depends on the endpoint's host.
  private static let ignored: Set = ["redirected request", "output without its end of line"]

  /// Fields that differ in every run; the hidden thing is in how they are made.
  static let noisyCarriers: [Carrier] = [
    noisy("version of a UUID") { run, hidden in
      var id = Array(run.uuid())
      if hidden { id[14] = "7" }
      return String(id)
    },
    noisy("alphabet of a nonce") { run, hidden in
      let alphabet = Array(hidden ? "ghijklmnopqrstuvwxyz234567" : "abcdefghijklmnopqrstuvwxyz234567")
      return String((0..<20).map { _ in alphabet.randomElement(using: &run.chance)! })
    },
    noisy("length of a nonce") { run, hidden in run.hex(hidden ? 26 : 24) },
    noisy("parity of a number") { run, hidden in "\(100_000 + (run.chance.next() % 400_000) * 2 + (hidden ? 1 : 0))" },
    noisy("position of a letter") { run, hidden in
      var id = Array(run.hex(24))
      id[hidden ? 7 : 11] = "z"
      return String(id)
    },
    noisy("order of digits") { run, hidden in
      let digits = (0..<12).map { _ in run.chance.next() % 10 }
      return (hidden ? digits.sorted() : digits).map { "\($0)" }.joined()
    },
    noisy("padding") { run, hidden in run.hex(20) + String(repeating: "=", count: hidden ? 2 : 1) },
    noisy("case of a nonce") { run, hidden in hidden ? run.hex(22).uppercased() : run.hex(22) },
    .init(name: "which key comes first", channel: .http) { run, hidden in
      let keys = ["a", "b", "c", "d", "e"].shuffled(using: &run.chance)
      let ordered = hidden ? ["c"] + keys.filter { $0 != "c" } : keys
      NoiseTests.post(&run, "{\(ordered.map { "\"\($0)\":1" }.joined(separator: ","))}")
    },
    .init(name: "case of a header", channel: .http) { run, hidden in
      var letters = Array("request-tag").map { run.chance.next() % 2 == 0 ? $0 : Character($0.uppercased()) }
      letters[0] = hidden ? "R" : "r"
      NoiseTests.post(&run, "{}", headers: [(String(letters), "1")])
    },
  ]

  private static func noisy(
    _ name: String, _ value: @escaping @Sendable (inout SyntheticTrace, Bool) -> String
  ) -> Carrier {
    Carrier(name: name, channel: .http) { run, hidden in
      let value = value(&run, hidden)
      NoiseTests.post(&run, #"{"tag":"\#(value)","kind":"a"}"#)
    }
  }

  /// Subjects of one shape: carriers and factors go round at different paces, so that each few subjects have many of both
  /// and enough of them have every pair.
  static func subjects(_ shape: Shape, count: Int) -> [DishonestSubject] {
    let carriers = shape == .noisyCarrier ? noisyCarriers : carriers
    let factors = RecallWorld.factors
    return (0..<min(count, carriers.count * factors.count)).map { index in
      let carrier = carriers[(index * 7 + shape.rawValue.utf8.count) % carriers.count]
      let first = index % factors.count + index / (factors.count * carriers.count)
      // Steps that take the wheel of eleven factors to ever other ones.
      let steps = [0, 1 + index % 5, 6 + index % 4]
      var chosen = steps.prefix(shape.factorCount).map { factors[(first + $0) % factors.count] }.sorted()
      if shape == .exclusiveOr { chosen = Self.visible(chosen) }
      return DishonestSubject(shape: shape, carrier: carrier, factors: chosen)
    }
  }

  /// Two factors of which some profile has one alone, so that an exclusive or of them shows at all: that is the design's
  /// stated limit. Where a pair always goes together, the next factor that does not takes the place of the second.
  private static func visible(_ factors: [Factor]) -> [Factor] {
    let others = [factors[1]] + RecallWorld.factors.filter { !factors.contains($0) }
    return others.map { [factors[0], $0].sorted() }.first { pair in
      let subject = DishonestSubject(shape: .exclusiveOr, carrier: carriers[0], factors: pair)
      return RecallWorld.design.arms.contains { subject.isTriggered(by: $0.assignment) }
    }!
  }
}
