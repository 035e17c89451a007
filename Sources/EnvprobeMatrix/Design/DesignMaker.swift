import EnvprobeModel

/// Makes designs out of the levels that profiles offer.
public struct DesignMaker: Sendable {
  /// More assignments than this, and a design is refused rather than begun.
  public static let maximumArms = 5_000

  /// In the order in which they were asked for; the first is the baseline.
  public var profiles: [Design.Arm]
  public var constraints: [LevelConstraint]
  /// Decides among covering arrays of one size.
  public var seed: UInt64
  /// Levels beyond those of the profiles, such as a program itself names.
  public var furtherLevels: [Setting]

  public init(
    profiles: [Design.Arm], constraints: [LevelConstraint] = LevelConstraint.standard, seed: UInt64,
    furtherLevels: [Setting] = []
  ) {
    self.profiles = profiles
    self.constraints = constraints
    self.seed = seed
    self.furtherLevels = furtherLevels
  }

  /// - Parameter kind: a sweep is made by ``sweep(of:levels:)``.
  public func design(_ kind: DesignKind) throws(MatrixError) -> Design {
    let plain = try Design(profiles: profiles)
    let factors = Set(plain.varyingFactors + furtherLevels.map(\.factor)).sorted()
    func levels(of factor: Factor) -> [Level?] {
      var seen: Set<Level?> = []
      return (plain.levels(of: factor) + furtherLevels.filter { $0.factor == factor }.map(\.level))
        .filter { seen.insert($0).inserted }
    }
    switch kind {
    case .profiles: return furtherLevels.isEmpty ? plain : try withFurtherLevels(plain)
    case .sweep(let factor): return try sweep(of: factor, levels: plain.levels(of: factor).compactMap { $0 })
    case .oneAtATime:
      return try made(kind, of: plain) { baseline in
        factors.flatMap { factor in
          levels(of: factor).map { level in
            var assignment = baseline.assignment
            assignment[factor] = level
            return (Self.name(factor, level), assignment)
          }
        }
      }
    case .covering(let strength):
      let table = LevelGrid(factors: factors, levels: factors.map { levels(of: $0) })
      return try covering(kind, strength: strength, table, of: plain)
    case .full:
      let table = LevelGrid(factors: factors, levels: factors.map { levels(of: $0) })
      guard let count = table.combinations, count <= Self.maximumArms else {
        throw MatrixError(
          .plan, subject: "", reason: "there are more than \(Self.maximumArms) combinations of the profiles' levels",
          hint: "use --design pairwise or t=3, or fewer profiles")
      }
      return try made(kind, of: plain) { baseline in
        let width = String(count).count
        return table.all.enumerated().map {
          (Self.number($0 + 1, width: width, prefix: "f"), table.assignment($1, onto: baseline.assignment))
        }
      }
    }
  }

  /// The baseline with each of some levels of a factor.
  /// - Parameter count: so many of them at most, chosen by the seed; `nil` for all.
  public func sweep(of factor: Factor, levels all: [Level], atMost count: Int? = nil) throws(MatrixError) -> Design {
    var levels = all
    if let count, count < all.count {
      var generator = SeededGenerator(seed: seed)
      let chosen = Set(generator.shuffled(Array(all.indices)).prefix(count))
      levels = all.indices.filter(chosen.contains).map { all[$0] }
    }
    guard !levels.isEmpty else {
      throw MatrixError(
        .plan, subject: "", reason: "there are no levels of \(factor) to sweep over",
        hint: "name some: --sweep \(factor)=a,b,c, or =all, or =@file")
    }
    guard levels.count <= Self.maximumArms else {
      throw MatrixError(.plan, subject: "", reason: "there are more than \(Self.maximumArms) levels of \(factor)")
    }
    let base = try Design(profiles: [profiles[0]])
    return try made(.sweep(factor), of: base) { baseline in
      levels.map { level in
        var assignment = baseline.assignment
        assignment[factor] = level
        return (Self.name(nil, level), assignment)
      }
    }
  }

  /// The profiles, then the baseline with each further level and, for what only shows behind a gateway, the first profile
  /// that has an endpoint where the baseline has none.
  private func withFurtherLevels(_ plain: Design) throws(MatrixError) -> Design {
    let gateway = plain.arms.first { $0.assignment.endpoint != nil && plain.baseline.assignment.endpoint == nil }
    let further = furtherLevels.flatMap { setting in
      [plain.baseline, setting.factor == .endpoint ? nil : gateway].compactMap { $0 }.map { profile in
        var assignment = profile.assignment
        assignment.apply(setting)
        let name = Self.name(setting.factor, setting.level) + (profile == plain.baseline ? "" : "-\(profile.name)")
        return Design.Arm(name: name, assignment: assignment, isProfile: false)
      }
    }.filter { arm in
      plain.arm(of: arm.assignment) == nil && constraints.allSatisfy { $0.allows(arm.assignment) }
    }
    return try Design(.profiles, profiles: plain.profiles, arms: plain.arms + further)
  }

  private func covering(
    _ kind: DesignKind, strength: Int, _ table: LevelGrid, of plain: Design
  ) throws(MatrixError) -> Design {
    guard !table.factors.isEmpty else { return try made(kind, of: plain) { _ in [] } }
    let baseline = plain.baseline.assignment
    let problem = CoveringProblem(
      levels: table.levels.map(\.count), strength: strength, forbidden: table.forbidden(by: constraints, onto: baseline)
    )
    guard let array = CoveringArray(problem, required: [table.row(of: baseline)], seed: seed) else {
      throw MatrixError(
        .plan, subject: "", reason: "the baseline '\(plain.baseline.name)' has levels that must not come together",
        hint: "name another profile first, or relax --never")
    }
    let width = max(2, String(array.rows.count).count)
    return try made(kind, of: plain) { baseline in
      array.rows.enumerated().map {
        (
          Self.number($0 + 1, width: width, prefix: strength == 2 ? "p" : "t"),
          table.assignment($1, onto: baseline.assignment)
        )
      }
    }
  }

  /// The baseline and the assignments that the constraints allow; those that are a profile's bear its name.
  private func made(
    _ kind: DesignKind, of plain: Design, _ assignments: (Design.Arm) -> [(name: String, assignment: Assignment)]
  ) throws(MatrixError) -> Design {
    let allowed = assignments(plain.baseline).filter { candidate in
      constraints.allSatisfy { $0.allows(candidate.assignment) }
    }
    return try Design(
      kind, profiles: plain.profiles,
      arms: [plain.baseline]
        + allowed.map { name, assignment in
          plain.arm(of: assignment) ?? Design.Arm(name: name, assignment: assignment, isProfile: false)
        })
  }

  private static func number(_ number: Int, width: Int, prefix: String) -> String {
    let digits = String(number)
    return prefix + String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// `timezone-Asia-Shanghai`; short enough for a folder.
  private static func name(_ factor: Factor?, _ level: Level?) -> String {
    let text = [factor?.name, level?.description ?? "unset"].compactMap { $0 }.joined(separator: "-")
    return String(text.split { "/: <>@(){}\",=".contains($0) }.joined(separator: "-").prefix(60))
  }
}

/// The levels of some factors as numbers, for covering arrays and products.
struct LevelGrid {
  let factors: [Factor]
  /// By factor.
  let levels: [[Level?]]

  /// `nil` where the number is out of all proportion.
  var combinations: Int? {
    var result = 1
    for column in levels {
      let (product, overflow) = result.multipliedReportingOverflow(by: column.count)
      if overflow { return nil }
      result = product
    }
    return result
  }

  /// Every combination, the last factor changing fastest.
  var all: [[Int]] {
    levels.reduce([[]]) { rows, column in rows.flatMap { row in column.indices.map { row + [$0] } } }
  }

  func assignment(_ row: [Int], onto base: Assignment) -> Assignment {
    var result = base
    for (index, factor) in factors.enumerated() { result[factor] = levels[index][row[index]] }
    return result
  }

  func row(of assignment: Assignment) -> [Int] {
    factors.indices.map { index in levels[index].firstIndex { $0 == assignment[factors[index]] }! }
  }

  /// The combinations that constraints rule out. A factor that does not vary has the level of `base` in all of them.
  func forbidden(by constraints: [LevelConstraint], onto base: Assignment) -> [[CoveringProblem.Choice]] {
    constraints.flatMap { constraint -> [[CoveringProblem.Choice]] in
      let (varying, fixed) = (
        constraint.terms.filter { factors.contains($0.factor) },
        constraint.terms.filter { !factors.contains($0.factor) }
      )
      guard !varying.isEmpty, fixed.allSatisfy({ $0.holds(for: base[$0.factor]) }) else { return [] }
      let columns = varying.map { term -> [CoveringProblem.Choice] in
        let factor = factors.firstIndex(of: term.factor)!
        return levels[factor].indices.filter { term.holds(for: levels[factor][$0]) }
          .map { .init(factor: factor, level: $0) }
      }
      return columns.reduce([[]]) { rows, column in rows.flatMap { row in column.map { row + [$0] } } }
    }
  }
}
