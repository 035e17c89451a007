import EnvprobeModel

/// How much a matrix does: its design with the numbers that decide how many runs it makes.
public struct MatrixOutline: Hashable, Sendable {
  public var design: Design
  public var repeats: Int
  public var limits: AttributionLimits
  public var settling: Settling
  /// What a budget left out; sentences.
  public var cuts: [String] = []

  public init(
    design: Design, repeats: Int, limits: AttributionLimits = AttributionLimits(), settling: Settling = Settling()
  ) {
    self.design = design
    self.repeats = repeats
    self.limits = limits
    self.settling = settling
  }

  /// How many runs it makes at least.
  public var runCount: Int { Schedule(of: design, repeats: repeats, seed: 0).runs.count + settling.fewest }

  public func plan(
    tool: String, subject: Subject, seed: UInt64, jobs: Int, time: (seconds: Double, basis: MatrixPlan.Estimate.Basis)?,
    budget: Double?
  ) -> MatrixPlan {
    let runs = Schedule(of: design, repeats: repeats, seed: seed).runs
    return MatrixPlan(
      tool: tool, subject: subject, baseline: design.baseline.name,
      profiles: design.arms.filter(\.isProfile).map { .init(name: $0.name, factors: $0.assignment) },
      design: design.reported(seed: seed, repeats: repeats),
      runs: runs.map {
        .init(id: $0.id, assignment: design.arm(of: $0.assignment)?.name ?? $0.id, repetition: $0.repetition)
      },
      further: .init(quiet: settling.quiet, settling: settling.most, assignments: limits.assignments), jobs: jobs,
      estimate: time.map {
        .init(
          basis: $0.basis, run: $0.seconds,
          total: Budget(seconds: 0, run: $0.seconds, jobs: jobs).time(of: runs.count + settling.fewest))
      }, budget: budget, cuts: cuts)
  }
}

extension Design {
  /// The design as plans and reports tell it.
  /// - Parameter repeats: runs of each assignment at least.
  func reported(seed: UInt64, repeats: Int) -> Report.Design {
    let power = kind.power
    return Report.Design(
      kind: kind.description, seed: seed, repeats: repeats, factors: varyingFactors,
      assignments: arms.filter { !$0.isProfile }.map { .init(name: $0.name, factors: $0.assignment) },
      detects: power.detects, misses: power.misses, power: DetectionPower(runs: repeats).reported)
  }
}
