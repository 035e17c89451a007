import EnvprobeModel
import EnvprobeReport
import Testing

@Suite struct TraceFilterTests {
  private static func path(_ text: String) -> SyscallCall.Argument { .path(.complete(ByteString(text.utf8))) }

  private static func read(_ name: String) -> Event.Payload {
    .environmentRead(
      .init(
        name: .complete(ByteString(name.utf8)), isSet: false, reader: .init(module: "/bin/x", symbol: "f", offset: 0),
        count: 1, firstTime: 0))
  }

  private static let trace = Trace(
    id: "t", manifest: SampleTraces.manifest,
    events: SampleTraces.events([
      (2, .process(.init(parent: 1, executable: "/bin/x"))),
      (2, .exec(.init(path: .complete("/bin/x"), arguments: .complete(["x"]), environment: .complete([])))),
      (2, .syscall(.init(name: "openat", arguments: [path("/etc/passwd")]))),
      (2, .syscall(.init(name: "openat", arguments: [path("/etcetera")]))),
      (2, .syscall(.init(name: "newfstatat", arguments: [path("/etc")]))),
      (2, .syscall(.init(name: "socket", arguments: []))),
      (2, .syscall(.init(name: "getuid", arguments: []))),
      (2, read("TZ")), (2, read("LC_ALL")), (2, read("LANG")),
      (nil, .file(.init(root: .tmp, path: "a/b", change: .created, kind: .file))),
    ]))

  /// What is listed, in a word each.
  private static func listed(_ expressions: [String], _ paths: [String] = []) throws -> [String] {
    let filter = try TraceFilter(expressions: expressions, paths: paths)
    return TraceListing(trace, filter: filter).timeline.map { event in
      switch event.payload {
      case .syscall(let call): call.path.map { "\(call.name) \($0.displayText)" } ?? call.name
      case .environmentRead(let read): read.name.value!.displayText
      default: event.payload.kind
      }
    }
  }

  static let files = ["openat /etc/passwd", "openat /etcetera", "newfstatat /etc"]

  @Test(arguments: [
    (["trace=%file"], [], ["exec"] + files), (["trace=openat"], [], Array(files.prefix(2))),
    (["openat,getuid"], [], Array(files.prefix(2)) + ["getuid"]), (["trace=!%file"], [], ["socket", "getuid"]),
    (["trace=%net"], [], ["socket"]), (["trace=%network"], [], ["socket"]), (["trace=%creds"], [], ["getuid"]),
    (["trace=all"], [], ["exec"] + files + ["socket", "getuid"]), (["trace=none"], [], []),
    (["trace=%stat"], [], ["newfstatat /etc"]), (["trace=?made_up"], [], []),
    ([], ["/etc"], ["openat /etc/passwd", "newfstatat /etc"]), (["openat"], ["/etc/"], ["openat /etc/passwd"]),
    ([], ["/tmp/a"], ["file"]), (["env=TZ"], [], ["TZ"]), (["env=TZ,LC_*"], [], ["TZ", "LC_ALL"]),
    (["env=LANG", "trace=socket"], [], ["socket", "LANG"]),
  ])
  func selects(_ expressions: [String], _ paths: [String], _ expected: [String]) throws {
    #expect(try Self.listed(expressions, paths) == expected)
  }

  @Test(arguments: [
    ("trace=opennat", "'opennat' is no known system call; did you mean 'openat'? ('?opennat' if not)"),
    ("signal=none", "'signal=' is no filter; there are trace= and env="),
    ("trace=", "'' names no system call"),
    (
      "trace=%files",
      "'%files' is no class of system calls; there are %file, %desc, %net, %process, %signal, %memory, %creds, %clock, "
        + "%ipc, %stat"
    ),
  ])
  func saysWhatMeansNothing(_ expression: String, _ text: String) {
    #expect { try TraceFilter(expressions: [expression]) } throws: { "\($0)" == text }
  }

  /// Who asked is known whatever is listed.
  @Test func keepsTheFrame() throws {
    let listing = TraceListing(Self.trace, filter: try TraceFilter(expressions: ["env=TZ"]))
    #expect(listing.processes.map(\.pid) == [2])
    #expect(listing.variables.map(\.name) == ["TZ"])
    #expect(listing.syscalls.isEmpty)
  }

  @Test func everyClassHoldsACall() {
    for kind in SyscallClass.allCases {
      #expect(SyscallRule.all.contains { kind.contains($0.name) }, "\(kind)")
      #expect(!kind.summary.isEmpty)
    }
  }
}
