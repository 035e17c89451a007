import EnvprobeModel
import Testing

@testable import EnvprobeMatrix

@Suite struct ScheduleTests {
  private let design = SampleDesign.design

  @Test func everyRoundHasEveryArmOnce() {
    let schedule = Schedule(of: design, repeats: 3, seed: 7)
    #expect(schedule.rounds.count == 3)
    for (index, round) in schedule.rounds.enumerated() {
      #expect(Set(round.map(\.assignment)) == Set(design.arms.map(\.assignment)))
      #expect(round.count == design.arms.count)
      #expect(round.allSatisfy { $0.repetition == index + 1 && $0.id == "\($0.profile!)-\(index + 1)" })
    }
    #expect(Set(schedule.rounds.map { $0.map(\.profile) }).count == 3)
  }

  @Test func theSeedDecidesTheOrder() {
    #expect(Schedule(of: design, repeats: 4, seed: 7) == Schedule(of: design, repeats: 4, seed: 7))
    #expect(Schedule(of: design, repeats: 4, seed: 7) != Schedule(of: design, repeats: 4, seed: 8))
    // The order of a seed is part of what a report promises to repeat.
    #expect(
      Schedule(of: design, repeats: 1, seed: 1).runs.map(\.id) == [
        "us-1", "de-1", "cn-corp-1", "us-gateway-1", "cn-gateway-1", "cn-1", "sg-gateway-1",
      ])
  }

  @Test(arguments: [
    ("cn-gateway", "cn-gateway"), ("./my profile.yaml", "-my-profile.yaml"), ("...", "profile"), ("", "profile"),
    ("../../etc", "-..-etc"), ("日本", "--"),
  ])
  func foldersAreSafe(profile: String, folder: String) {
    #expect(RunName.folder(for: profile) == folder)
  }

  @Test func experimentsAreNeverMistakenForProfiles() {
    #expect(RunName.experimentPrefix(besides: ["us", "xenon"]) == "x")
    #expect(RunName.experimentPrefix(besides: ["us", "x07", "xx1"]) == "xxx")
    #expect(RunName.experiment(7, prefix: "x") == "x07")
    #expect(RunName.experiment(107, prefix: "x") == "x107")
  }
}

@Suite struct DesignTests {
  @Test func aDesignNeedsProfilesThatDiffer() {
    func message(_ arms: [Design.Arm]) -> String? {
      do {
        _ = try Design(profiles: arms)
        return nil
      } catch { return error.description }
    }
    #expect(
      message([]) == "cannot plan the matrix: there is no profile\nhint: name at least one with --profiles")
    #expect(
      message([SampleDesign.arm("a", "u"), SampleDesign.arm("b", "u")])
        == "cannot plan the matrix: the profiles 'a' and 'b' set the same levels\n"
        + "hint: use --repeat to run one profile several times")
    #expect(
      message([SampleDesign.arm("a b", "u"), SampleDesign.arm("a-b", "c")])
        == "cannot plan the matrix: two profiles are called 'a b' and 'a-b'\n"
        + "hint: name each profile once, and give profiles names that differ in letters or digits")
  }

  @Test func levelsInOrderOfAppearance() {
    let design = SampleDesign.design
    #expect(design.levels(of: .endpoint) == [nil, .endpoint("g"), .endpoint("h")])
    #expect(design.varyingFactors == SampleDesign.factors.sorted())
  }

  @Test func theDefaultSetHasItsControls() throws {
    let library = ProfileLibrary { _ in "" }
    let arms = try DefaultProfile.all.map {
      Design.Arm(name: $0.name, assignment: try library.profile($0.name).assignment)
    }
    let design = try Design(profiles: arms)
    #expect(design.arms.map(\.name) == ProfileLibrary.defaultMatrix)
    let names = Set(design.arms.map(\.name))
    #expect(DefaultProfile.all.flatMap { $0.controls }.allSatisfy { names.contains($0) })
    func assignment(_ name: String) -> Assignment { arms.first { $0.name == name }!.assignment }
    #expect(assignment("us-gateway").differingFactors(from: assignment("us")) == [.endpoint])
    #expect(assignment("cn-gateway").differingFactors(from: assignment("cn")) == [.endpoint])
    #expect(assignment("us-gateway").endpoint == assignment("cn-gateway").endpoint)
    #expect(assignment("sg-gateway").endpoint == assignment("cn-gateway").endpoint)
  }
}
