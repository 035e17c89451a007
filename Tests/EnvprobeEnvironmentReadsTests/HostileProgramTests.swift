import EnvprobeModel
import EnvprobeTestSupport
import Foundation
import Testing

@testable import EnvprobeRecorder

/// Programs that work against the recorder. It must neither hang nor crash; what it lost it says.
@Suite(.serialized, .enabled(if: EnvironmentReadRecorder.isSupported, "needs x86-64"), .timeLimit(.minutes(2)))
struct HostileProgramTests {
  @Test func unmapsTheHookPage() throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "unmap"])
    #expect(run.output == "found=1\n")
    #expect(run.status == SIGSEGV || run.status == SIGSEGV | 0x80)
  }

  @Test func scribblesOverTheRing() throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "scribble"])
    #expect(run.output == "found=1\n")
    #expect(run.isExitedWell)
    #expect(run.gaps.map(\.kind) == [.lostEvents])
  }

  @Test func createsThousandsOfThreads() throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "threads", "4000"])
    #expect(run.isExitedWell)
    #expect(run.asked == run.printed)
    #expect(run.asked.count == 4000)
    #expect(run.gaps.isEmpty)
  }

  @Test func forksWithoutEnd() throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "bomb", "9"])
    #expect(run.isExitedWell)
    #expect(Set(run.reads.map(\.pid)).count >= 256)
    #expect(run.gaps.isEmpty)
  }

  @Test(arguments: 0..<5) func isKilledInTheMiddle(round: Int) throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "killed"])
    #expect(run.status == SIGKILL)
  }

  @Test func hasAFilterOfItsOwn() throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "filter"])
    #expect(run.printed == ["PROBE_FILTERED=unset"])
    #expect(run.levels.last?.level == .notInstrumented)
    #expect(run.levels.last?.reason == "it runs under a system call filter of its own")
  }

  @Test func hasNoLibraryFilter() throws {
    // A sandbox that forgot it: the program must run all the same.
    let run = try TracedProgram.run(
      [try Probes.build(Probes.dynamicC), "names", "PROBE_SET"], options: .init(libraryFilter: []))
    #expect(run.isExitedWell)
    #expect(run.printed == ["PROBE_SET=set"])
    #expect(run.levels.map(\.level) == [.notInstrumented])
  }

  @Test func isNoProgramAtAll() throws {
    let run = try TracedProgram.run(["/nonexistent"])
    #expect(run.status == 127 << 8)
    #expect(run.events.isEmpty)
  }
}
