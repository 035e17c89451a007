import CEnvprobeRecorder
import EnvprobeModel
import EnvprobeTestSupport
import Foundation
import Synchronization
import Testing

@testable import EnvprobeRecorder

/// The recorder beside a supervisor that is asked before every system call.
@Suite(.serialized, .enabled(if: EnvironmentReadRecorder.isSupported, "needs x86-64"), .timeLimit(.minutes(2)))
struct SupervisorTests {
  final class Supervisor: Sendable {
    private let calls = Mutex<[(number: Int32, isOwn: Bool)]>([])

    func serve(_ listener: Int32) {
      var notification = envprobe_notification()
      while true {
        let result = envprobe_notify_receive(listener, &notification)
        if result == -ENOENT {
          var source = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
          if poll(&source, 1, 100) > 0, source.revents & Int16(POLLHUP) != 0 { return }
          continue
        }
        guard result >= 0 else { return }
        let arguments = notification.arguments
        let isOwn = SupervisorTests.isOwn(
          notification.number, [arguments.0, arguments.1, arguments.2, arguments.3, arguments.4, arguments.5])
        calls.withLock { $0.append((notification.number, isOwn)) }
        _ = envprobe_notify_continue(listener, notification.id)
      }
    }

    func count(_ number: Int32, own: Bool = false) -> Int {
      calls.withLock { $0.count { $0.number == number && $0.isOwn == own } }
    }
  }

  static func isOwn(_ number: Int32, _ arguments: [UInt64]) -> Bool {
    let names: [Int32: String] = [3: "close", 9: "mmap", 319: "memfd_create"]
    guard let name = names[number], let index = EnvironmentReadRecorder.markedArgument(of: name) else { return false }
    return EnvironmentReadRecorder.isMarked(arguments[index])
  }

  static let modes: [[String]] = [
    ["names", "PROBE_SET", "PROBE_UNSET"], ["fork"], ["clone3"], ["threads", "200"], ["thread-exec"], ["race", "10"],
    ["stop"], ["signals"], ["ptrace"],
  ]

  @Test(arguments: modes, [Probes.dynamicC, Probes.staticC])
  func bothFollowTheProgram(mode: [String], recipe: Probes.Recipe) throws {
    let supervisor = Supervisor()
    let run = try TracedProgram.run(
      [try Probes.build(recipe)] + mode, options: .init(supervise: { supervisor.serve($0) }))
    #expect(run.isExitedWell)
    if !run.printed.isEmpty { #expect(run.asked.filter { $0 != "PROBE_SPIN=unset" } == run.printed) }
    #expect(run.levels.allSatisfy { $0.level == .precise }, "\(run.levels)")
    #expect(run.gaps.isEmpty)
    // Each program that is executed is given one file, which the supervisor can tell from the program's own.
    #expect(supervisor.count(319, own: true) == supervisor.count(59))
    #expect(supervisor.count(319) == 0)
    if mode == ["ptrace"] {
      #expect(run.output == "traceme=\(EPERM)\n")
      #expect(supervisor.count(101) == 1)
    }
  }

  @Test func tellsItsOwnCalls() {
    let mark: UInt64 = 0x656e_7670 << 32
    #expect(Self.isOwn(319, [0, mark | 1, 0, 0, 0, 0]))
    #expect(Self.isOwn(3, [mark | 3, 0, 0, 0, 0, 0]))
    #expect(Self.isOwn(9, [0, 4096, 5, 0x22, mark | 0xffff_ffff, 0]))
    #expect(!Self.isOwn(319, [0, 1, 0, 0, 0, 0]))
    #expect(!Self.isOwn(59, [mark, mark, mark, mark, mark, mark]))
  }
}
