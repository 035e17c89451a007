/// How often the rows of an array hold each combination that is wanted.
///
/// Each combination has a number: the offset of its group of factors, and the levels as digits of a mixed radix. It is
/// counted in flat arrays, for a search asks millions of times.
struct CoverageTable {
  let problem: CoveringProblem
  /// By combination; combinations that no row may hold are counted like others but never wanted.
  private(set) var counts: [Int32]
  private(set) var isWanted: [Bool]
  /// The wanted combinations that no row holds, and where each stands in that list.
  private(set) var missing: [Int] = []
  private var position: [Int32]
  private let offsets: [Int]
  /// By factor: the groups that it is in.
  private let groupsOfFactor: [[Int]]
  /// By group and member: the weight of the member's digit.
  private let strides: [[Int]]

  init(_ problem: CoveringProblem) {
    self.problem = problem
    var offsets: [Int] = []
    var strides: [[Int]] = []
    var total = 0
    for group in problem.interactions {
      offsets.append(total)
      var stride = 1
      var weights: [Int] = []
      for factor in group {
        weights.append(stride)
        stride *= problem.levels[factor]
      }
      strides.append(weights)
      total += stride
    }
    self.offsets = offsets
    self.strides = strides
    groupsOfFactor = problem.levels.indices.map { factor in
      problem.interactions.indices.filter { problem.interactions[$0].contains(factor) }
    }
    counts = Array(repeating: 0, count: total)
    isWanted = Array(repeating: true, count: total)
    position = Array(repeating: -1, count: total)
    if !problem.forbidden.isEmpty {
      for number in 0..<total {
        var row = Array(repeating: -1, count: problem.levels.count)
        for choice in choices(of: number) { row[choice.factor] = choice.level }
        isWanted[number] = problem.canComplete(row)
      }
    }
    missing = (0..<total).filter { isWanted[$0] }
    for (index, number) in missing.enumerated() { position[number] = Int32(index) }
  }

  /// What a combination is made of.
  func choices(of number: Int) -> [CoveringProblem.Choice] {
    var low = 0
    var high = offsets.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if offsets[middle] <= number { low = middle } else { high = middle - 1 }
    }
    var rest = number - offsets[low]
    return problem.interactions[low].map { factor in
      defer { rest /= problem.levels[factor] }
      return .init(factor: factor, level: rest % problem.levels[factor])
    }
  }

  /// The combination of a group that a row holds; `nil` where one of its factors is open.
  private func number(_ group: Int, _ row: [Int]) -> Int? {
    var result = offsets[group]
    let factors = problem.interactions[group]
    let weights = strides[group]
    for index in factors.indices {
      let level = row[factors[index]]
      if level < 0 { return nil }
      result += level * weights[index]
    }
    return result
  }

  mutating func add(_ row: [Int]) {
    for group in offsets.indices { if let number = number(group, row) { increase(number) } }
  }

  mutating func remove(_ row: [Int]) {
    for group in offsets.indices { if let number = number(group, row) { decrease(number) } }
  }

  /// How many missing combinations the row would bring in that its level of `factor` has a part in.
  func gain(_ row: [Int], factor: Int) -> Int {
    var result = 0
    for group in groupsOfFactor[factor] {
      if let number = number(group, row), counts[number] == 0, isWanted[number] { result += 1 }
    }
    return result
  }

  /// How many wanted combinations only this row holds.
  func unique(_ row: [Int]) -> Int {
    var result = 0
    for group in offsets.indices {
      if let number = number(group, row), counts[number] == 1, isWanted[number] { result += 1 }
    }
    return result
  }

  /// By how much the number of missing combinations grows when a row that is counted takes another level.
  func cost(of row: inout [Int], factor: Int, level: Int) -> Int {
    let old = row[factor]
    var result = 0
    for group in groupsOfFactor[factor] {
      if let number = number(group, row), counts[number] == 1, isWanted[number] { result += 1 }
    }
    row[factor] = level
    for group in groupsOfFactor[factor] {
      if let number = number(group, row), counts[number] == 0, isWanted[number] { result -= 1 }
    }
    row[factor] = old
    return result
  }

  mutating func change(_ row: inout [Int], factor: Int, level: Int) {
    for group in groupsOfFactor[factor] { if let number = number(group, row) { decrease(number) } }
    row[factor] = level
    for group in groupsOfFactor[factor] { if let number = number(group, row) { increase(number) } }
  }

  private mutating func increase(_ number: Int) {
    counts[number] += 1
    guard counts[number] == 1, isWanted[number] else { return }
    let hole = Int(position[number])
    let last = missing.removeLast()
    if last != number {
      missing[hole] = last
      position[last] = Int32(hole)
    }
    position[number] = -1
  }

  private mutating func decrease(_ number: Int) {
    counts[number] -= 1
    guard counts[number] == 0, isWanted[number] else { return }
    position[number] = Int32(missing.count)
    missing.append(number)
  }
}
