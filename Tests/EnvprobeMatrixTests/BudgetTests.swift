import EnvprobeModel
import Testing

@testable import EnvprobeMatrix

@Suite struct BudgetTests {
  private let profiles: [Design.Arm]

  init() throws {
    let library = ProfileLibrary { _ in "" }
    profiles = try ProfileLibrary.defaultMatrix.map {
      Design.Arm(name: $0, assignment: try library.profile($0).assignment)
    }
  }

  private func design(_ kind: DesignKind, _ count: Int? = nil) throws -> Design {
    if let factor = kind.sweptFactor {
      let levels = (1...100).map { Level.variable("\($0)") }
      return try DesignMaker(profiles: [profiles[0]], seed: 3).sweep(of: factor, levels: levels, atMost: count)
    }
    return try DesignMaker(profiles: Array(profiles.prefix(count ?? 7)), seed: 3).design(kind)
  }

  private func fit(_ kind: DesignKind, repeats: Int, seconds: Double) throws -> MatrixOutline {
    let outline = MatrixOutline(design: try design(kind), repeats: repeats, settling: Settling(quiet: 0))
    return try Budget(seconds: seconds, run: 1, jobs: 2).fit(outline) { try design($0, $1) }
  }

  @Test func whatFitsStays() throws {
    let outline = try fit(.profiles, repeats: 5, seconds: 1000)
    #expect(outline.cuts == [])
    #expect(outline.repeats == 5)
  }

  @Test func repeatsGoFirst() throws {
    let outline = try fit(.profiles, repeats: 11, seconds: 40)
    #expect(outline.repeats == 8)
    #expect(outline.design.kind == .profiles)
    #expect(outline.cuts[0] == "Each assignment runs 8 times and not 11.")
  }

  @Test func thenTheStrength() throws {
    let outline = try fit(.covering(strength: 3), repeats: 2, seconds: 40)
    #expect(outline.design.kind == .covering(strength: 2))
    #expect(outline.runCount <= 60)
    #expect(outline.cuts[0].hasPrefix("The design is pairwise and not t=3:"))
  }

  @Test func thenProfilesOrLevels() throws {
    let few = try fit(.profiles, repeats: 2, seconds: 6)
    #expect(few.design.arms.map(\.name) == ["us", "us-gateway", "sg-gateway", "jp"])
    #expect(few.cuts[0] == "Left out: cn, cn-gateway, cn-corp.")
    let sweep = try fit(.sweep(.variable("A")), repeats: 1, seconds: 30)
    #expect(sweep.runCount <= 45)
    #expect(sweep.cuts[0] == "\(sweep.design.arms.count - 1) of 100 levels are tried, chosen by the seed.")
    #expect(throws: MatrixError.self) { try fit(.profiles, repeats: 2, seconds: 1) }
  }

  @Test(arguments: [5.0, 8, 15, 30, 60, 200], [DesignKind.profiles, .oneAtATime, .covering(strength: 2)])
  func theDesignFits(seconds: Double, kind: DesignKind) throws {
    let outline = try fit(kind, repeats: 4, seconds: seconds)
    #expect(Double(outline.runCount) / 2 <= seconds * Budget.shareOfDesign)
  }

  @Test func theSamePlanFromTheSameSeed() throws {
    let subject = Subject(argv: ["a"], executable: .init(path: "/a", sha256: ""))
    func plan(_ seed: UInt64) throws -> MatrixPlan {
      let design = try DesignMaker(profiles: profiles, seed: seed).design(.covering(strength: 2))
      return MatrixOutline(design: design, repeats: 2).plan(
        tool: "envprobe 1", subject: subject, seed: seed, jobs: 2, time: (1, .stored), budget: nil)
    }
    #expect(try plan(3) == plan(3))
    #expect(try plan(3) != plan(4))
    let made = try plan(3)
    // Interleaved: every assignment once before any again.
    let half = made.runs.count / 2
    #expect(Set(made.runs.prefix(half).map(\.assignment)).count == half)
    #expect(made.estimate?.total == Double(made.runs.count + 3) / 2)
  }

  @Test func aSweepRunsItsBaselineAllAlong() throws {
    let sweep = try design(.sweep(.variable("A")))
    let runs = Schedule(of: sweep, repeats: 1, seed: 2).runs
    let positions = runs.indices.filter { runs[$0].assignment == sweep.baseline.assignment }
    #expect(positions.count == Schedule.baselineRepeats)
    #expect(Set(positions.map { runs[$0].repetition }) == Set(1...Schedule.baselineRepeats))
    #expect(positions.last! - positions.first! > runs.count / 2)
    #expect(Set(runs.map(\.id)).count == runs.count)
  }
}
