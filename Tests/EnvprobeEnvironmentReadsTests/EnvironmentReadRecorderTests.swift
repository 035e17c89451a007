import CEnvironmentReadsTestSupport
import EnvprobeModel
import EnvprobeTestSupport
import Foundation
import Testing

@testable import EnvprobeRecorder

/// Programs that print what they ask for, and traces that must say the same.
@Suite(.serialized, .enabled(if: EnvironmentReadRecorder.isSupported, "needs x86-64"), .timeLimit(.minutes(2)))
struct EnvironmentReadRecorderTests {
  static let names = ["PROBE_SET", "PROBE_UNSET", "PROBE_EMPTY", "PROBE_SET"]

  static let precise: [Probes.Recipe] = [
    Probes.dynamicC, Probes.staticC, Probes.staticPIE, Probes.musl, Probes.dynamicMusl, Probes.strippedC,
    Probes.strippedMusl, Probes.rust, Probes.go, Probes.strippedGo, Probes.pieGo,
  ]

  @Test(.requires("gcc", "musl-gcc", "rustc", "go"), arguments: precise)
  func agreesWithWhatTheProgramPrints(recipe: Probes.Recipe) throws {
    let program = try Probes.build(recipe)
    let run = try TracedProgram.run([program, "names"] + Self.names)
    #expect(run.isExitedWell)
    #expect(run.printed.count >= 3)
    #expect(run.asked == run.printed)
    #expect(run.gaps.isEmpty)
    #expect(run.levels.map(\.level) == [.precise], "\(run.levels)")
    #expect(run.levels.first?.executable == program)
    // The trace does not come from the program's own account: nothing is recorded without the recorder.
    let control = try TracedProgram.run([program, "names"] + Self.names, options: .init(isRecorded: false))
    #expect(control.output == run.output)
    #expect(control.events.isEmpty)
  }

  @Test(.requires("node")) func nodeIsPreciseUntilItEnumerates() throws {
    let node = try #require(Probes.find("node"))
    let script = "for (const n of process.argv.slice(1)) console.log(n + '=' + (n in process.env ? 'set' : 'unset'))"
    let read =
      "for (const n of process.argv.slice(1)) console.log(n + '=' + (process.env[n] === undefined ? 'unset' : 'set'))"
    for code in [script, read] {
      let run = try TracedProgram.run([node, "-e", code] + Self.names)
      #expect(run.isExitedWell)
      #expect(run.asked == run.printed)
      #expect(run.levels.last?.level == .precise)
      #expect(run.levels.last?.runtime == "node")
    }
    let all = try TracedProgram.run([node, "-e", "Object.keys(process.env)"])
    #expect(all.levels.last?.level == .bulkCopy)
    #expect(all.levels.last?.reason == "process.env was enumerated in Node.js")
  }

  static let copiers: [(program: String, arguments: [String], runtime: String)] = [
    ("/usr/bin/python3", ["-c", "import os; print(os.environ.get('PROBE_SET'))"], "python"),
    ("/usr/bin/bash", ["-c", "echo $PROBE_SET"], "bash"),
    ("/usr/bin/perl", ["-e", "print $ENV{PROBE_SET}"], "perl"),
  ]

  @Test(.requires("bash", "perl", "python3"), arguments: copiers.indices) func namesTheCopier(index: Int) throws {
    let (program, arguments, runtime) = Self.copiers[index]
    let run = try TracedProgram.run([program] + arguments)
    #expect(run.isExitedWell)
    #expect(run.output.contains("1"))
    #expect(run.levels.map(\.level) == [.bulkCopy])
    #expect(run.levels.first?.runtime == runtime)
    #expect(run.levels.first?.reason == BulkCopier.table.first { $0.runtime == runtime }?.reason)
  }

  @Test(.requires("java", "javac")) func namesJavaAsACopier() throws {
    let folder = try Probes.buildJava()
    let java = try #require(Probes.find("java"))
    let run = try TracedProgram.run([java, "-cp", folder, "Probe", "names"] + Self.names)
    #expect(run.isExitedWell)
    #expect(run.printed == ["PROBE_EMPTY=set", "PROBE_SET=set", "PROBE_UNSET=unset"])
    #expect(run.levels.last?.level == .bulkCopy)
    #expect(run.levels.last?.runtime == "java")
  }

  @Test(.requires("dash")) func namesAProgramThatLooksForItself() throws {
    let run = try TracedProgram.run(["/usr/bin/dash", "-c", ":"])
    #expect(run.levels.map(\.reason) == ["dash can look at the variables itself (it refers to environ)"])
  }

  @Test(.requires("go")) func aGoProgramThatAsksForAll() throws {
    let run = try TracedProgram.run([try Probes.build(Probes.go), "all"])
    #expect(run.levels.map(\.level) == [.bulkCopy])
    #expect(run.levels.first?.reason == "the Go program asked for all variables")
  }

  // MARK: What is asked for

  @Test func seesTheLibrarysOwnReads() throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "zone"], environment: ["TZ=Asia/Tokyo"])
    let read = try #require(run.reads.first { $0.read.name == .complete("TZ") }).read
    #expect(read.isSet == true)
    #expect(read.reader.module?.hasSuffix("libc.so.6") == true)
  }

  @Test func namesTheReader() throws {
    let program = try Probes.build(Probes.dynamicC)
    let run = try TracedProgram.run([program, "names", "PROBE_SET"])
    let read = try #require(run.reads.first { $0.read.name == .complete("PROBE_SET") }).read
    #expect(read.reader.module == program)
    #expect(read.reader.symbol == "ask")
    #expect(read.reader.offset < 0x100)
    #expect(read.firstTime > 0)
    // The same in another run, whatever the addresses are.
    let again = try TracedProgram.run([program, "names", "PROBE_SET"])
    #expect(again.reads.first { $0.read.name == .complete("PROBE_SET") }?.read.reader == read.reader)
  }

  @Test func followsChangesOfTheEnvironment() throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "change"])
    #expect(run.asked == ["PROBE_NEW=unset", "PROBE_NEW_2=set", "PROBE_NEW_2=unset"])
  }

  @Test func keepsTheBeginningOfALongName() throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "long"])
    let names = run.reads.map(\.read.name).filter { $0.value?.displayText.hasPrefix("PROBE_") == true }
    let long = ByteString(Array("PROBE_".utf8) + Array(repeating: UInt8(ascii: "L"), count: 81))
    #expect(names == [.truncated(long, of: nil), .complete(long)])
  }

  @Test(arguments: [1, 3, 4, 1000, 300_000]) func countsRepetitions(number: Int) throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "repeat", String(number)])
    #expect(run.count(of: "PROBE_REPEATED") == number)
    #expect(run.reads.filter { $0.read.name == .complete("PROBE_REPEATED") }.count == (number > 1 ? 2 : 1))
    #expect(run.gaps.isEmpty)
  }

  @Test func losesNothingWhenEveryNameIsInOneBuffer() throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "buffer", "60000"])
    #expect((0..<300).allSatisfy { run.count(of: "PROBE_\($0)") == 200 })
    #expect(run.gaps.isEmpty)
  }

  // MARK: Processes, threads and signals

  static let families: [(mode: [String], asked: [String]?)] = [
    (["fork"], nil), (["clone3"], nil), (["threads", "300"], nil), (["close"], nil),
    (["thread-exec"], nil), (["race", "20"], nil), (["stop"], nil),
    (["vfork"], ["PROBE_CHILD=unset", "PROBE_EXECUTED=unset", "PROBE_PARENT=unset"]),
  ]

  @Test(.requires("gcc", "musl-gcc"), arguments: families.indices, [Probes.dynamicC, Probes.staticC, Probes.musl])
  func followsEverythingThatIsCreated(index: Int, recipe: Probes.Recipe) throws {
    let (mode, expected) = Self.families[index]
    let run = try TracedProgram.run([try Probes.build(recipe)] + mode)
    #expect(run.isExitedWell)
    #expect(!run.printed.isEmpty)
    #expect(run.asked.filter { $0 != "PROBE_SPIN=unset" } == expected ?? run.printed)
    #expect(run.levels.allSatisfy { $0.level == .precise }, "\(run.levels)")
    #expect(run.gaps.isEmpty)
    if mode == ["stop"] { #expect(run.output.contains("stopped=1") && run.output.contains("exited=1")) }
  }

  @Test func givesAReadToTheProcessThatMadeIt() throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "vfork"])
    func pids(_ name: String) -> Set<Int?> {
      Set(run.reads.filter { $0.read.name == .complete(.init(name.utf8)) }.map(\.pid))
    }
    let child = run.output.split(separator: "\n").first { $0.hasPrefix("child=") }.flatMap { Int($0.dropFirst(6)) }
    #expect(pids("PROBE_CHILD") == [child])
    #expect(pids("PROBE_EXECUTED") == [child])
    #expect(pids("PROBE_PARENT").isDisjoint(with: [child]))
    let forks = try TracedProgram.run([try Probes.build(Probes.dynamicC), "fork"])
    #expect(
      Set(forks.reads.filter { $0.read.name.value?.displayText.hasPrefix("PROBE_") == true }.map(\.pid)).count == 6)
  }

  @Test func deliversSignals() throws {
    let program = try Probes.build(Probes.dynamicC)
    let run = try TracedProgram.run([program, "signals"])
    #expect(run.output == "signals=1\n")
    #expect(run.count(of: "PROBE_IN_HANDLER") >= 300)
    #expect(try TracedProgram.run([program, "trap"]).output == "traps=2\n")
  }

  @Test func theProgramCannotBeTracedByAnother() throws {
    let run = try TracedProgram.run([try Probes.build(Probes.dynamicC), "ptrace"])
    #expect(run.output == "traceme=\(EPERM)\n")
  }

  // MARK: Privileges

  @Test(.enabled(if: geteuid() == 0, "needs root, to be another user"), arguments: [true, false])
  func rootFollowsAnotherUser(hasUserNamespace: Bool) throws {
    let run = try TracedProgram.run(
      [try Probes.build(Probes.dynamicC), "names"] + Self.names,
      options: .init(hasUserNamespace: hasUserNamespace, uid: 65534))
    #expect(run.isExitedWell)
    #expect(run.asked == run.printed)
    #expect(run.levels.map(\.level) == [.precise])
    if hasUserNamespace { #expect(run.reads.allSatisfy { $0.pid == 1 }) }
  }

  @Test(.enabled(if: geteuid() == 0, "needs root, to be another user"), arguments: [true, false])
  func needsNoPrivilege(hasUserNamespace: Bool) throws {
    let program = try Probes.build(Probes.dynamicC)
    let result = try onThread {
      guard test_become(65534) == 0 else { throw TracedProgram.Failure(what: "become nobody") }
      return try TracedProgram.run(
        [program, "names"] + Self.names,
        options: .init(hasUserNamespace: hasUserNamespace, catalog: ExecutableCatalog()))
    }
    #expect(result.isExitedWell)
    #expect(result.asked == result.printed)
    #expect(result.levels.map(\.level) == [.precise])
  }

  @Test func saysWhyItCannotFollow() throws {
    #expect {
      try EnvironmentReadRecorder(program: Int32.max - 1, sink: Events())
    } throws: { error in
      String(describing: error) == "cannot follow process 2147483646: No such process (ESRCH)"
    }
  }
}

/// Runs `body` on a thread of its own, which may become another user.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
  let done = DispatchSemaphore(value: 0)
  nonisolated(unsafe) var result: Result<Value, any Error>?  // written before the semaphore is signalled, read after
  Thread {
    result = Result { try body() }
    done.signal()
  }.start()
  done.wait()
  return try result!.get()
}
