import EnvprobeModel
import EnvprobeRecorder
import EnvprobeSandbox

/// What HOME and /tmp held before the program ran.
struct HomeSnapshot {
  private let home: FolderSnapshot
  private let temporary: FolderSnapshot
  private let failure: RecorderError?

  init(of program: RunningProgram) {
    var failure: RecorderError?
    func snapshot(_ folder: String) -> FolderSnapshot {
      do throws(RecorderError) { return try FolderSnapshot(of: folder) } catch {
        failure = error
        return .empty
      }
    }
    home = snapshot(program.stage.home)
    temporary = snapshot(program.stage.temporary)
    self.failure = failure
  }

  /// Records what is different now.
  func recordChanges(of program: RunningProgram, sink: any EventSink, keepsChanges: Bool) {
    if let failure { sink.record(.gap(Gap(kind: .files, detail: "\(failure)"))) }
    let recorder = FileChangeRecorder(sink: sink)
    program.stage.removeHidingMarks(of: program.plan)
    if let source = program.plan.homeSource {
      recorder.record(.home, upper: program.stage.home, lower: source)
    } else {
      recorder.record(.home, folder: program.stage.home, before: home)
    }
    recorder.record(.tmp, folder: program.stage.temporary, before: temporary)
    switch program.plan.workDirectory {
    case .copyOnWrite(let path): recorder.record(.workdir, upper: program.stage.workChanges, lower: path)
    case .empty: recorder.record(.workdir, folder: program.stage.workChanges)
    case .direct:
      sink.record(.diagnostic(Diagnostic("changes in the working directory were kept there and not recorded")))
    case .existing: break
    }
  }
}
