import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeRecorder

/// Programs that print what time it is, in every way that they can ask.
@Suite(.serialized, .enabled(if: EnvironmentReadRecorder.isSupported, "needs x86-64"), .timeLimit(.minutes(2)))
struct ProgramClockTests {
  static let recipes = [
    ClockProbes.dynamicC, ClockProbes.staticC, ClockProbes.staticMusl, ClockProbes.dynamicMusl, ClockProbes.go,
    ClockProbes.rust,
  ]
  static let offsets: [Double] = [400 * 86400, -400 * 86400, 0.25, -3600.75]

  @Test(.requires("gcc", "musl-gcc", "go", "rustc"), arguments: recipes, offsets)
  func everyReadingIsShifted(recipe: ClockProbes.Recipe, offset: Double) throws {
    let run = try ClockedProgram.run([try ClockProbes.build(recipe)], ahead: offset)
    #expect(run.status == 0)
    #expect(!run.values.isEmpty)
    for (name, value) in run.values {
      // Some have whole seconds only.
      let isWhole = name.hasSuffix("time")
      #expect(
        isWhole
          ? value >= (run.began + offset - 0.011).rounded(.down) && value <= run.ended + offset
          : run.ran(at: value, ahead: offset), "\(name) \(value - run.began)")
    }
    #expect(run.gaps.isEmpty)
  }

  @Test func theHostsClockStays() throws {
    let run = try ClockedProgram.run([try ClockProbes.build(ClockProbes.dynamicC)], ahead: nil)
    #expect(run.ran(at: try #require(run["clock0"]), ahead: 0))
    #expect(run.ran(at: try #require(run["raw-clock0"]), ahead: 0))
  }

  static let commands: [(program: String, arguments: [String])] = [
    ("date", ["+now %s.%N"]), ("bash", ["-c", "echo now $EPOCHREALTIME"]),
    ("python3", ["-c", "import time; print('now', time.time())"]),
    ("perl", ["-MTime::HiRes=time", "-e", "print 'now ', time, qq(\\n)"]),
    ("node", ["-e", "console.log('now', Date.now() / 1000)"]),
  ]

  @Test(.requires("bash", "python3", "perl", "node"), arguments: commands.indices, [false, true])
  func commonProgramsSeeIt(index: Int, recordsReads: Bool) throws {
    let (name, arguments) = Self.commands[index]
    let run = try ClockedProgram.run(
      [try #require(ClockProbes.find(name))] + arguments, ahead: 1e7, recordsReads: recordsReads)
    #expect(run.ran(at: try #require(run["now"]), ahead: 1e7), "\(run.output)")
    #expect(run.gaps.isEmpty)
    #expect(run.events.contains { if case .environmentRead = $0 { true } else { false } } == recordsReads)
  }

  @Test(.requires("java", "javac")) func javaParksUntilAnInstant() throws {
    let folder = try ClockProbes.buildJava()
    let run = try ClockedProgram.run(
      [try #require(ClockProbes.find("java")), "-Xshare:auto", "-cp", folder, "Clock"], ahead: 1e7)
    #expect(run.ran(at: try #require(run["now"]), ahead: 1e7), "\(run.output)")
    #expect((290..<3000).contains(try #require(run["parked"])))
  }

  @Test(.requires("gcc")) func aNarrowProgramAsksTheKernel() throws {
    let run = try ClockedProgram.run([try ClockProbes.build(ClockProbes.narrow)], ahead: 1e7)
    #expect(run["told"] == 0)
    for name in ["time", "clock", "clock64", "timeofday"] {
      let value = try #require(run[name])
      #expect(run.ran(at: value, ahead: 1e7) || run.ran(at: value + 0.999, ahead: 1e7), "\(name)")
    }
    #expect(run["slept"] == 0 && run["slept64"] == 0)
    #expect((1900..<6000).contains(try #require(run["milliseconds"])))
    #expect(run.gaps.isEmpty)
  }

  @Test(arguments: [ClockProbes.dynamicC, ClockProbes.staticC]) func whatIsCreatedKeepsIt(recipe: ClockProbes.Recipe)
    throws
  {
    let run = try ClockedProgram.run([try ClockProbes.build(recipe), "family"], ahead: 1e7)
    for prefix in ["thread-", "fork-", "exec-", "vfork-"] {
      for name in ["clock0", "raw-clock0", "gettimeofday", "clock11"] {
        #expect(run.ran(at: try #require(run[prefix + name]), ahead: 1e7), "\(prefix)\(name)")
      }
    }
  }

  @Test func refusalsStay() throws {
    let program = try ClockProbes.build(ClockProbes.dynamicC)
    let run = try ClockedProgram.run([program, "bad"], ahead: 1e7)
    #expect(run.output == (try ClockedProgram.run([program, "bad"], ahead: nil)).output)
    #expect(run.output.contains("unmapped \(EFAULT)\n"))
  }

  // MARK: Deadlines

  static let waits = [
    "clock_nanosleep", "nanosleep", "futex-while", "sem_timedwait", "cond_timedwait", "futex", "timerfd",
    "timerfd-monotonic", "timer",
    "mq_timedreceive", "mq_timedsend",
  ]

  @Test(arguments: [ClockProbes.dynamicC, ClockProbes.staticMusl], [4e7, -4e7, 0.25])
  func deadlinesAreMet(recipe: ClockProbes.Recipe, offset: Double) throws {
    let run = try ClockedProgram.run([try ClockProbes.build(recipe), "wait"], ahead: offset)
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    for name in Self.waits {
      let line = try #require(lines.first { $0.first == name }, "\(name)")
      // After 200 ms, with the result that this has, and the deadline as it was given.
      #expect((199..<3000).contains(Int(line[1])!), "\(line)")
      #expect(["0", "\(ETIMEDOUT)"].contains(line[2]) && line[3] == "1", "\(line)")
    }
    #expect(lines.contains(["lock_pi-errno", "1"]))
    #expect(lines.contains { $0[0] == "past" && Int($0[1])! < 200 && $0[2] == "0" })
    #expect(lines.contains { $0[0] == "wrong" && $0[2] == "\(EINVAL)" })
  }

  @Test func signalsInterruptAWait() throws {
    let run = try ClockedProgram.run([try ClockProbes.build(ClockProbes.dynamicC), "interrupted"], ahead: 1e7)
    let lines = run.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    // Several handlers ran, after each of which it waited anew for the same point in time.
    #expect(lines.count == 1 && lines.first?.dropFirst(2) == ["0", "1"], "\(run.output)")
    #expect((399..<3000).contains(try #require(run["interrupted"])))
  }

  @Test func manyThreadsWait() throws {
    let run = try ClockedProgram.run([try ClockProbes.build(ClockProbes.dynamicC), "many"], ahead: 1e7)
    #expect(run["wrong"] == 0)
  }

  @Test func waitsAreRecordedWhereCallsAre() throws {
    let program = try ClockProbes.build(ClockProbes.dynamicC)
    func names(_ level: TraceLevel) throws -> Set<String> {
      Set(
        try ClockedProgram.run([program, "wait"], ahead: 1e7, level: level).events.compactMap {
          if case .syscall(let call) = $0 { call.name } else { nil }
        })
    }
    let all: Set = ["futex", "clock_nanosleep", "timerfd_settime", "timer_settime", "mq_timedsend", "mq_timedreceive"]
    #expect(try names(.full).isSuperset(of: all))
    let some = try names(.default)
    #expect(some.isSuperset(of: all.subtracting(["futex", "clock_nanosleep"])))
    #expect(some.isDisjoint(with: ["futex", "clock_nanosleep", "clock_gettime"]))
  }

  // MARK: Cost

  @Test func costsNothingThatCounts() throws {
    let program = try ClockProbes.build(ClockProbes.dynamicC)
    // The fastest of several, as the machine may be busy.
    func best(_ offset: Double?) throws -> Double {
      try (0..<3).map { _ in try #require(try ClockedProgram.run([program, "bench"], ahead: offset)["picoseconds"]) }
        .min()!
    }
    let ratio = try best(1e7) / best(nil)
    #expect(ratio < 1.5, "clock_gettime, shifted ÷ native: \(ratio)")
  }
}
