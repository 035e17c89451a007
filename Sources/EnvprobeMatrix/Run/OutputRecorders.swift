import EnvprobeModel
import EnvprobeRecorder
import EnvprobeSandbox

/// What records the program's standard streams.
struct OutputRecorders {
  private var streams: [StreamRecorder] = []
  private var terminal: TerminalRecorder?

  init(_ program: RunningProgram, streams wanted: RunStreams, sink: any EventSink) throws(RecorderError) {
    switch program.streams {
    case .pipes(let output, let error):
      let isPassedOn = if case .passedOn = wanted { true } else { false }
      streams = [
        try StreamRecorder(
          .stdout, source: output, destination: isPassedOn ? 1 : nil, sink: sink, whenClosed: .closeSource),
        try StreamRecorder(.stderr, source: error, destination: isPassedOn ? 2 : nil, sink: sink),
      ]
    case .terminal(let master):
      terminal = try TerminalRecorder(master: master, terminal: 0, destination: 1, sink: sink)
    }
  }

  func finish() {
    for stream in streams { stream.finish() }
    terminal?.finish()
  }

  func stop() {
    for stream in streams { stream.stop() }
    terminal?.stop()
  }
}
