import EnvprobeModel
import Testing

@testable import EnvprobeMatrix

@Suite struct MatrixStateTests {
  private func identity(
    _ argv: [String] = ["claude", "-p", "say hi"], sha256: String = "aa", design: Design = SampleDesign.design,
    scenario: MatrixIdentity.Scenario? = nil, options: [String: String] = ["record": "default"]
  ) -> MatrixIdentity {
    MatrixIdentity(
      tool: "envprobe 0.1.0", subject: Subject(argv: argv, executable: .init(path: "/bin/claude", sha256: sha256)),
      design: design, scenario: scenario, options: options)
  }

  private func header(_ identity: MatrixIdentity, repeats: Int = 2, seed: UInt64 = 3) -> JournalEntry.Header {
    JournalEntry.Header(identity: identity, seed: seed, repeats: repeats)
  }

  /// A matrix of which the first `count` runs are done.
  private func journal(finished count: Int) -> [JournalEntry] {
    let head = header(identity())
    let runs = MatrixState(header: head).plannedRuns()
    return [.header(head)]
      + runs.prefix(count).flatMap { run -> [JournalEntry] in
        [.started(run), .finished(.init(run: run.id, seconds: 1.5, exit: nil, complete: true))]
      }
  }

  @Test func aJournalIsReadBackAsItWas() throws {
    var entries = journal(finished: 3)
    entries.append(.failed(.init(run: "us-2", reason: "no space left on device")))
    let bytes = try entries.flatMap { try JournalCodec.line($0) }
    let decoded = try JournalCodec.decode(bytes, path: "m")
    #expect(decoded.entries == entries)
    #expect(decoded.validBytes == bytes.count)
  }

  @Test func aTornLastLineIsDropped() throws {
    let entries = journal(finished: 2)
    let bytes = try entries.flatMap { try JournalCodec.line($0) }
    let torn = bytes + Array(#"{"finished":{"run":"#.utf8)
    let decoded = try JournalCodec.decode(torn, path: "m")
    #expect(decoded.entries == entries)
    #expect(decoded.validBytes == bytes.count)
    #expect(try JournalCodec.decode([], path: "m").entries.isEmpty)
  }

  /// Wherever the writer is killed, what is left can be read, and says no more than what had happened.
  @Test func everyPrefixIsReadable() throws {
    let entries = journal(finished: 2)
    let bytes = try entries.flatMap { try JournalCodec.line($0) }
    for length in stride(from: 0, through: bytes.count, by: 7) {
      let decoded = try JournalCodec.decode(Array(bytes.prefix(length)), path: "m").entries
      #expect(entries.starts(with: decoded))
    }
  }

  @Test func aBrokenLineIsAnError() throws {
    let bytes = try JournalCodec.line(.header(header(identity()))) + Array("{}\n".utf8)
    let error = #expect(throws: MatrixError.self) { try JournalCodec.decode(bytes, path: "out/matrix.ndjson") }
    #expect(error?.subject == "out/matrix.ndjson:2")
    #expect(throws: MatrixError.self) { try MatrixState([], path: "m") }
  }

  @Test func resumingContinuesWhereItStopped() throws {
    let state = try MatrixState(journal(finished: 5), path: "m")
    let resumed = try state.resumed(as: header(identity(), repeats: 2, seed: 99), path: "m")
    let all = Schedule(of: SampleDesign.design, repeats: 2, seed: 3).runs
    #expect(resumed.plannedRuns() == Array(all.dropFirst(5)))
    // More repeats may be asked for, never fewer.
    #expect(try state.resumed(as: header(identity(), repeats: 3), path: "m").plannedRuns().count == 16)
    #expect(try state.resumed(as: header(identity(), repeats: 1), path: "m").plannedRuns().count == 9)
  }

  @Test func aRunThatFailedOrWasCutShortIsMadeAgain() throws {
    var entries = journal(finished: 1)
    let runs = MatrixState(header: header(identity())).plannedRuns()
    entries += [.started(runs[1]), .started(runs[2]), .failed(.init(run: runs[2].id, reason: "x"))]
    let state = try MatrixState(entries, path: "m")
    #expect(state.plannedRuns() == Array(runs.dropFirst(1)))
    #expect(state.failures == [runs[2].id: "x"])
  }

  @Test(arguments: 0..<7)
  func resumingRefusesAnotherMatrix(index: Int) throws {
    var arms = SampleDesign.design.arms
    arms[4].assignment[.timezone] = .timezone("q")
    let cases: [(MatrixIdentity, String)] = [
      (identity(["claude", "-p", "ho"]), "the command is 'claude -p 'say hi'' there and 'claude -p ho' now"),
      (identity(sha256: "bb"), "the program /bin/claude has changed since"),
      (identity(design: try Design(profiles: arms)), "the profile 'cn' has timezone 'c' there and 'q' now"),
      (
        identity(design: try Design(profiles: Array(SampleDesign.design.arms.prefix(2)))),
        "the profiles are us,us-gateway,de,sg-gateway,cn,cn-gateway,cn-corp there and us,us-gateway now"
      ),
      (
        identity(scenario: .init(name: "tools", sha256: "1")),
        "the scenario is the built-in one there and 'tools' now"
      ),
      (identity(options: ["record": "full"]), "record is 'default' there and 'full' now"),
      (identity(options: [:]), "record is 'default' there and not set now"),
    ]
    let state = try MatrixState(journal(finished: 1), path: "m")
    let error = #expect(throws: MatrixError.self) { try state.resumed(as: header(cases[index].0), path: "out") }
    #expect(
      error?.description == "cannot resume out: \(cases[index].1)\n"
        + "hint: repeat the invocation that began it, or start anew with another --out")
  }

  @Test func experimentsGetNamesAndReuseRuns() throws {
    var state = try MatrixState(journal(finished: 14), path: "m")
    #expect(state.plannedRuns().isEmpty)
    let (us, cn) = (SampleDesign.design.arms[0].assignment, SampleDesign.design.arms[4].assignment)
    let mixed = us.taking([.timezone], from: cn)
    let other = us.taking([.locale], from: cn)
    #expect(state.runs(for: [Experiment(assignment: us, repeats: 2)]).isEmpty)
    let more = state.runs(for: [Experiment(assignment: us, repeats: 3)])
    #expect(more.map(\.id) == ["us-3"])
    #expect(more[0].profile == "us")

    let runs = state.runs(for: [
      Experiment(assignment: mixed, repeats: 2), Experiment(assignment: other, repeats: 2),
    ])
    #expect(Set(runs.map(\.id)) == ["x01-1", "x01-2", "x02-1", "x02-2"])
    #expect(Set(runs.prefix(2).map(\.assignment)) == [mixed, other])
    #expect(runs.allSatisfy { $0.profile == nil })
    for run in runs.prefix(3) {
      state.apply(.started(run))
      state.apply(.finished(.init(run: run.id, seconds: 1, exit: nil, complete: true)))
    }
    // As after a kill: names come from the journal, and only what is missing is run.
    var reread = try MatrixState(journal(finished: 14), path: "m")
    for run in runs.prefix(3) {
      reread.apply(.started(run))
      reread.apply(.finished(.init(run: run.id, seconds: 1, exit: nil, complete: true)))
    }
    let rest = reread.runs(for: [
      Experiment(assignment: other, repeats: 2), Experiment(assignment: mixed, repeats: 2),
    ])
    #expect(rest == [runs[3]])
    #expect(reread.finishedRuns[mixed]!.count + reread.finishedRuns[other]!.count == 3)
  }
}
