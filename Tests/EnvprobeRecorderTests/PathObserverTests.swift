import CRecorderTestSupport
import EnvprobeModel
import Glibc
import Testing

@testable import EnvprobeRecorder

@Suite struct PathObserverTests {
  private static func text(_ payload: Event.Payload) -> String? {
    guard case .syscall(let call) = payload,
      call.arguments.contains(where: { if case .path = $0 { true } else { false } })
    else { return nil }
    let targets = (call.observed ?? []).map { target in
      switch target {
      case .present: "."
      case .missing: "-"
      case .unknown: "?"
      case .elsewhere(let path): path.displayText
      }
    }
    return ([call.name] + targets).joined(separator: "|")
  }

  /// What was there, what was not, and where it led, as the program made and removed it.
  @Test func targetsAreThoseOfTheMomentOfTheCall() throws {
    var template = Array("/tmp/recorder-targets-XXXXXX".utf8CString)
    let folder = String(cString: try #require(mkdtemp(&template)))
    defer { run(["/usr/bin/env", "rm", "-r", folder]) }
    let probe = try TracedProbe(["targets", folder])
    #expect(probe.status == 0)
    let calls = probe.events.map(\.payload).compactMap(Self.text)
    #expect(probe.lines.count > 2000)
    // What the loader asked for comes first.
    let ours = Array(calls.suffix(probe.lines.count))
    #expect(ours.count == probe.lines.count)
    let wrong = ours.indices.first { ours[$0] != probe.lines[$0] }
    #expect(wrong == nil, "call \(wrong ?? 0) is \(ours[wrong ?? 0]) and not \(probe.lines[wrong ?? 0])")
  }

  @Test func aProgramReachedByALinkIsNamed() throws {
    let link = "/tmp/recorder-link-\(getpid())"
    symlink(TracedProbe.program, link)
    defer { unlink(link) }
    let probe = try TracedProbe(["run", "exec", link, "access", "/x"])
    let execs = probe.events.compactMap { if case .exec(let call) = $0.payload { call } else { nil } }
    let exec = try #require(execs.last)
    #expect(exec.exists == true)
    #expect(exec.resolved?.displayText == TracedProbe.program)
    #expect(execs.first?.resolved == nil)
  }

  /// The paths of a program's own root, of which envprobe has another.
  @Test(arguments: [RECORDER_PIVOT, RECORDER_CHROOT])
  func targetsAreThoseInsideAnotherRoot(isolation: recorder_isolation) throws {
    let probe = try TracedProbe(["chdir-open", "/usr/lib", "../../work"], isolation: isolation)
    let opened = probe.events.compactMap { event -> SyscallCall? in
      if case .syscall(let call) = event.payload, call.name == "openat" { call } else { nil }
    }.last
    #expect(opened?.path?.displayText == "/usr/lib/../../work")
    #expect(opened?.observed == [.elsewhere("/work")])
    #expect(access("/work/never-here", F_OK) < 0)
  }
}
