import EnvprobeModel
import Glibc
import Testing

@testable import EnvprobeRecorder

/// Programs that do what recorders trip over, and some that do it on purpose. None is disturbed, none stops the recorder,
/// and what is in the record is what they say.
@Suite(.timeLimit(.minutes(2))) struct TrapTests {
  private func trace(_ arguments: [String]) throws -> TracedProbe {
    try TracedProbe(arguments, program: TracedProbe.traps)
  }

  /// The lines that it printed stand in the record, in their order, each once.
  private func expectAgreement(_ probe: TracedProbe) {
    #expect(!probe.lines.isEmpty)
    var rest = probe.calls[...]
    for line in probe.lines {
      let found = rest.firstIndex(of: line)
      #expect(found != nil, "missing: \(line)")
      if let found { rest = rest[(found + 1)...] }
    }
    #expect(probe.summary.lost == 0)
  }

  @Test(arguments: ["closes-all", "own-filter", "undumpable", "traces-itself", "own-listener", "killed"])
  func isRecordedAsItRan(mode: String) throws {
    let probe = try trace([mode])
    #expect(probe.status == 0)
    expectAgreement(probe)
  }

  /// Its own filter answers first: the call never comes here.
  @Test func whatItsOwnFilterRefusesIsNotHeardOf() throws {
    let probe = try trace(["own-filter"])
    #expect(!probe.calls.contains { $0.hasPrefix("mkdir|") })
  }

  /// What is recorded of memory that another thread changes is one of what stood there, and never something else's.
  @Test func memoryThatChangesIsOnlyMisread() throws {
    let probe = try trace(["races"])
    #expect(probe.status == 0)
    expectAgreement(probe)
    let paths = probe.events.compactMap { event -> Observed<ByteString>? in
      guard case .syscall(let call) = event.payload, call.name == "openat", case .path(let path) = call.arguments.first
      else { return nil }
      return path
    }
    #expect(paths.count >= 4000)
    let two = [Array("/first-of-two".utf8), Array("/other-of-two".utf8)]
    for case .complete(let path) in paths where path.bytes.count == 13 {
      #expect(path.bytes.indices.allSatisfy { path.bytes[$0] == two[0][$0] || path.bytes[$0] == two[1][$0] })
    }
  }

  @Test func anOrphanGoesOn() throws {
    let probe = try trace(["kills-parent"])
    #expect(probe.calls.contains("access|/from-the-victim|F_OK"))
    #expect(probe.calls.contains("access|/from-the-orphan|F_OK"))
  }

  @Test func fourThousandThreadsAreAllHeard() throws {
    let probe = try trace(["threads", "4000"])
    #expect(probe.status == 0)
    let paths = probe.calls.filter { $0.hasPrefix("access|/thread-") }
    #expect(Set(paths).count == 4000 && paths.count == 4000)
    #expect(probe.summary.lost == 0)
  }

  @Test func everyForkIsHeard() throws {
    let probe = try trace(["bomb", "8"])
    #expect(probe.status == 0)
    for depth in 0...8 { #expect(probe.calls.count { $0 == "access|/bomb-\(depth)|F_OK" } == 1 << (8 - depth)) }
    let pids = Set(probe.events.map(\.pid))
    #expect(pids.count == 511)
  }

  /// `SA_RESTART`: each call is in the record once, however many signals came.
  @Test(arguments: [true, false]) func signalsRepeatNothing(waitKillable: Bool) throws {
    let probe = try TracedProbe(["interrupted"], program: TracedProbe.traps, waitKillable: waitKillable)
    #expect(probe.status == 0)
    #expect(probe.calls.filter { $0.hasPrefix("access|/signal-") } == (0..<3000).map { "access|/signal-\($0)|F_OK" })
    #expect(probe.lines.first.map { $0 != "alarms 0" } == true, "no signal came: this shows nothing")
  }

  /// Blocks of variables that are none, and one that is odd: the program that starts with it has it byte for byte.
  @Test func corruptBlocksAreSaidToBe() throws {
    let probe = try trace(["corrupt-environment"])
    #expect(probe.status == 0)
    let execs = probe.events.compactMap { if case .exec(let call) = $0.payload { call } else { nil } }
    #expect(execs.count == 5)
    #expect(execs[1].environment == .truncated(["A=1"], of: nil))
    #expect(execs[2].environment == .unreadable(errno: "EFAULT"))
    #expect(execs[3].environment == .truncated(["B=2", "B=2"], of: nil))
    let odd = ["", "=", "==", "X", "B=1", "B=2"].map { ByteString($0.utf8) } + [ByteString([0xff, 0xfe, 0x3d, 1])]
    #expect(execs[4].environment == .complete(odd))
    #expect(probe.calls.last == "access|/alone|F_OK" || probe.calls.contains("access|/alone|F_OK"))
  }
}
