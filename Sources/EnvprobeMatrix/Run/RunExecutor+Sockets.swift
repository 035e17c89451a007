import EnvprobeModel
import EnvprobeSandbox
import EnvprobeWire
import Synchronization

extension RunExecutor {
  /// Finds sockets inside for the gateway. What it needs for it is made when it is first asked.
  static func socketIdentifier(
    _ program: RunningProgram, sink: any EventSink
  ) -> SessionConfiguration.IdentifySocket {
    let survey = LazySurvey(program, sink: sink)
    return { transport, local, remote in
      guard let local = SocketSurvey.End(local), let remote = SocketSurvey.End(remote) else { return nil }
      return survey.value?.cookie(transport: transport, local: local, remote: remote)
    }
  }
}

/// A survey of the sockets of a program, from when it is first needed.
private final class LazySurvey: Sendable {
  private enum State {
    case unasked
    case made(SocketSurvey)
    case failed
  }

  private let program: RunningProgram
  private let sink: any EventSink
  private let state = Mutex(State.unasked)

  init(_ program: RunningProgram, sink: any EventSink) {
    self.program = program
    self.sink = sink
  }

  var value: SocketSurvey? {
    state.withLock { state in
      switch state {
      case .made(let survey): return survey
      case .failed: return nil
      case .unasked:
        do throws(LaunchError) {
          let survey = try program.surveySockets()
          state = .made(survey)
          return survey
        } catch {
          state = .failed
          sink.record(.diagnostic(Diagnostic("which of several processes sent what is not known: \(error)")))
          return nil
        }
      }
    }
  }
}

extension SocketSurvey.End {
  fileprivate init?(_ end: SessionConfiguration.End) {
    guard let port = UInt16(exactly: end.port) else { return nil }
    self.init(end.address, port: port)
  }
}
