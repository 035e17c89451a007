import CRecorderTestSupport
import EnvprobeModel
import Glibc
import Testing

@testable import EnvprobeRecorder

@Suite struct KernelRecorderTests {
  /// The trace holds what the probe says it did, in its order, and nothing else of those calls.
  @Test(arguments: ["files", "sockets", "hostile", "compat", "denied", "clones"])
  func traceAgreesWithProbe(mode: String) throws {
    let probe = try TracedProbe([mode])
    #expect(probe.status == 0)
    #expect(!probe.lines.isEmpty)
    var rest = probe.calls[...]
    for line in probe.lines {
      let found = rest.firstIndex(of: line)
      #expect(found != nil, "missing: \(line.prefix(200))")
      if let found { rest = rest[(found + 1)...] }
      if found == nil { print(rest.prefix(6).map { String($0.prefix(200)) }) }
    }
    #expect(probe.summary.lost == 0)
    #expect(!probe.events.contains { if case .gap = $0.payload { true } else { false } })
  }
}

@Suite struct KernelRecorderProcessTests {
  private func execs(_ probe: TracedProbe) -> [ExecCall] {
    probe.events.compactMap { if case .exec(let call) = $0.payload { call } else { nil } }
  }

  private func processes(_ probe: TracedProbe) -> [(pid: Int?, seen: ProcessSeen)] {
    probe.events.compactMap { event in
      if case .process(let seen) = event.payload { (event.pid, seen) } else { nil }
    }
  }

  @Test(arguments: ["exec", "vfork", "fork", "fexec"])
  func programsAreRecordedWithArgumentsAndEnvironment(how: String) throws {
    let environment = ["A=1", "EMPTY=", "A=2", "=odd", "ÄÖ=ü"]
    let probe = try TracedProbe(
      ["run", how, TracedProbe.program, "access", "/after-\(how)"], environment: environment)
    #expect(probe.status == 0)
    let inner = try #require(execs(probe).last)
    #expect(inner.path == .complete(ByteString(TracedProbe.program.utf8)))
    #expect(
      inner.arguments.value?.map(\.displayText) == [TracedProbe.program, "access", "/after-\(how)"])
    #expect(inner.environment == .complete(environment.map { ByteString($0.utf8) }))
    #expect(inner.exists == true)
    // What the new program says is read from its own memory.
    #expect(probe.calls.contains("access|/after-\(how)|F_OK"))
    if how == "fork" {
      #expect(probe.calls.contains("access|/from-the-child|F_OK"))
      #expect(probe.calls.contains("access|/from-the-parent|F_OK"))
    }
  }

  @Test func processTreeHasParentsAndExecutables() throws {
    let probe = try TracedProbe(["run", "fork", TracedProbe.program, "access", "/x"])
    let seen = processes(probe)
    #expect(seen.count == 2)
    #expect(seen.last?.seen.parent == seen.first?.pid)
    #expect(seen.last?.pid != seen.first?.pid)
    #expect(seen.last?.seen.executable == TracedProbe.program)
    let child = probe.events.first { TracedProbe.text($0.payload) == "access|/x|F_OK" }
    #expect(child?.pid == seen.last?.pid)
  }

  @Test func aProgramThatDoesNotExistIsSaidSo() throws {
    let probe = try TracedProbe(["run", "exec", "/no/such/program"])
    #expect(execs(probe).last?.exists == false)
  }

  /// The thread's id becomes that of the leader, whose own last calls may come in between.
  @Test func execFromAThreadSwitchesMemory() throws {
    let probe = try TracedProbe(["thread-exec", "x", TracedProbe.program, "access", "/after"])
    #expect(probe.status == 0)
    #expect(probe.calls.contains("access|/from-the-leader|F_OK"))
    #expect(probe.calls.last { $0.hasPrefix("access|") } == "access|/after|F_OK")
    #expect(Set(probe.events.map(\.pid)).count == 1)
  }

  @Test func threadsBelongToOneProcess() throws {
    let probe = try TracedProbe(["threads"])
    let paths = Set(probe.calls.filter { $0.hasPrefix("access|/thread-") })
    #expect(paths.count == 200)
    #expect(processes(probe).count == 1)
    #expect(Set(probe.events.map(\.pid)).count == 1)
  }

  /// Without `WAIT_KILLABLE_RECV` a signal takes the call back from envprobe, and the kernel makes it again.
  @Test func callsThatAreMadeAgainAreRecordedOnce() throws {
    let probe = try TracedProbe(["restarted"], waitKillable: false)
    let calls = probe.calls.filter { $0.hasPrefix("access|/restarted-") }
    #expect(calls == (0..<3000).map { "access|/restarted-\($0)|F_OK" })
    #expect(probe.summary.repeated > 0, "no call was interrupted, so that this shows nothing")
  }

  /// Links under /proc are read from another mount namespace here, and paths must still be those inside.
  @Test(arguments: [RECORDER_PIVOT, RECORDER_CHROOT])
  func pathsAreThoseInsideAnotherRoot(isolation: recorder_isolation) throws {
    for (folder, path) in [("/work", "/work/x"), ("/", "/x"), ("/usr/lib", "/usr/lib/x")] {
      let probe = try TracedProbe(["chdir-open", folder, "x"], isolation: isolation)
      #expect(probe.status == 0)
      #expect(probe.calls.contains("openat|\(path)|O_RDONLY"), "\(probe.calls)")
      let exec = try #require(execs(probe).first)
      #expect(exec.exists == true)
      // The first process of its own process id namespace; its parent is outside.
      #expect(probe.pid == 1)
      #expect(processes(probe).map(\.seen) == [ProcessSeen(parent: 0, executable: TracedProbe.program)])
    }
  }

  @Test func addressesAreAnnouncedBeforeTheyAreUsed() throws {
    let probe = try TracedProbe(["sockets"])
    #expect(
      probe.announced == [
        "127.0.0.1 9 stream", "::1 443 stream", "2001:db8::1:0:0:9 80 stream", "127.0.0.2 53 datagram",
        "127.0.0.2 53 datagram", "127.0.0.2 53 datagram", "127.0.0.3 5353 datagram",
      ])
  }
}
