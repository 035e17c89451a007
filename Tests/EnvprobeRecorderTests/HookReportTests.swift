import EnvprobeModel
import Testing

@testable import EnvprobeRecorder

@Suite struct HookReportTests {
  private let thread = TraceeThread(id: 1, innerID: 1, process: Tracee(group: 1, pid: 7), lastCall: 0)

  private func call(_ report: String) -> Event.Payload {
    .syscall(
      SyscallCall(name: "access", arguments: [.path(.complete(ByteString((RuntimeHook.reports + report).utf8)))]))
  }

  @Test func looksAreReadsOfVariables() throws {
    var reports = HookReports()
    #expect(reports.isReport(call("x")))
    #expect(!reports.isReport(.syscall(SyscallCall(name: "access", arguments: [.path(.complete("/etc/envprobe"))]))))
    let told = reports.event(call(##"["env","TZ",false,["f (/w/a.js:3:7)","/w/a.js:9:1"]]"##), of: thread)
    guard case .environmentRead(let read) = told else { throw Failure.notARead }
    #expect(read.name == .complete("TZ") && read.isSet == false && read.count == 1)
    #expect(read.reader == EnvironmentReader(module: "/w/a.js", symbol: "f", offset: 3))
    #expect(read.stack == ["f (/w/a.js:3:7)", "/w/a.js:9:1"])
    guard case .environmentRead(let whole) = reports.event(call(##"["count","TZ","env",[],12]"##), of: thread) else {
      throw Failure.notARead
    }
    #expect(whole.count == 12 && whole.firstTime == read.firstTime && whole.stack == read.stack)
    guard case .runtimeCall(let called) = reports.event(call(##"["call","os.hostname",null,["g"]]"##), of: thread)
    else {
      throw Failure.notARead
    }
    #expect(called.name == "os.hostname" && called.stack == ["g"] && called.count == 1)
  }

  private enum Failure: Error { case notARead }

  /// Whatever a program asks about under that path.
  @Test(arguments: [
    "", "[", "[]", "{}", "null", #"["env"]"#, #"["env","A"]"#, #"["count","never told","env",[],3]"#,
    #"["other","A",true,[]]"#,
    #"["env","A",{},[]]"#, #"["env","A",true,[1]]"#, #"["env","A",true,[],99999999999999999999]"#,
  ])
  func whatNoHookWritesIsNothing(text: String) {
    var reports = HookReports()
    #expect(reports.event(call(text), of: thread) == nil)
  }

  @Test(
    arguments: [
      ("f (/a.js:3:7)", "f", "/a.js", 3), ("/a.js:3:7", nil, "/a.js", 3), ("main (/w/a.py:12)", "main", "/w/a.py", 12),
      ("new F (C:x/a.js:1:2)", "new F", "C:x/a.js", 1), ("native", nil, "native", 0), ("", nil, nil, 0),
      ("(:", nil, "(:", 0),
    ] as [(String, String?, String?, UInt64)])
  func placesAreRead(text: String, function: String?, file: String?, line: UInt64) {
    let place = SourcePlace(text)
    #expect(place.function == function && place.file == file && place.line == line)
  }

  @Test func hooksAreChainedOntoWhatIsThere() {
    #expect(RuntimeHook.node.chained(onto: nil) == "--require /etc/envprobe/preload.js")
    #expect(RuntimeHook.node.chained(onto: "--no-warnings") == "--no-warnings --require /etc/envprobe/preload.js")
    #expect(RuntimeHook.bun.chained(onto: "") == "--preload /etc/envprobe/preload.js")
    #expect(RuntimeHook.python.chained(onto: "/lib:/x") == "/etc/envprobe/python:/lib:/x")
  }
}
