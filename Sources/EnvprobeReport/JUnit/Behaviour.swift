import EnvprobeModel

/// Which assignments behave alike, as a finding's partition has it.
///
/// Parts with the same value are one behaviour: a cause of several factors splits it into more than one box of levels.
struct Behaviour {
  let finding: Finding
  /// What was seen, once for each behaviour, in the order of the partition.
  let values: [String?]
  /// The number of the behaviour of each part.
  let numbers: [Int]

  init(_ finding: Finding) {
    self.finding = finding
    var values: [String?] = []
    numbers = finding.partition.map { part in
      if let known = values.firstIndex(of: part.value) { return known }
      values.append(part.value)
      return values.count - 1
    }
    self.values = values
  }

  /// The number of the one behaviour that the assignment's levels show; `nil` where the evidence does not tell.
  func number(of assignment: Assignment) -> Int? {
    let matching = zip(numbers, finding.partition).filter { _, part in
      part.levels.allSatisfy { name, levels in
        guard let factor = Factor(name: name) else { return false }
        return levels.contains(assignment[factor]?.description)
      }
    }
    let distinct = Set(matching.map(\.0))
    return distinct.count == 1 ? distinct.first : nil
  }

  /// The letter of a behaviour: `A`…`Z`, then `AA`.
  static func letter(_ index: Int) -> String {
    let last = String(Unicode.Scalar(UInt8(ascii: "A") + UInt8(index % 26)))
    return index < 26 ? last : letter(index / 26 - 1) + last
  }

  /// The levels that show a behaviour.
  func parts(_ number: Int) -> [Finding.Part] {
    zip(numbers, finding.partition).filter { $0.0 == number }.map(\.1)
  }

  /// The profiles that show a behaviour.
  func profiles(_ number: Int, in report: Report) -> [String] {
    report.profiles.filter { self.number(of: $0.factors) == number }.map(\.name)
  }
}

extension Report {
  var baselineProfile: NamedProfile? { profiles.first { $0.name == baseline } }

  /// The findings in the order in which reports show them, with the numbers that they are called by: what decides
  /// first; within that, what changes few places before what changes many.
  public var numberedFindings: [(number: Int, finding: Finding)] {
    let weight: [Finding.Verdict: Int] = [.unexplained: 0, .inconclusive: 1, .expected: 2]
    let ordered = findings.enumerated().sorted { a, b in
      (weight[a.element.verdict]!, a.element.class, a.element.locations.count, a.offset)
        < (weight[b.element.verdict]!, b.element.class, b.element.locations.count, b.offset)
    }
    return ordered.enumerated().map { ($0.offset + 1, $0.element.element) }
  }
}
