import EnvprobeModel
import EnvprobeRecorder
import EnvprobeSandbox
import Glibc

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

  /// Stops this process as its program was stopped, and returns when both may go on.
  func stop(like signal: Int32) {
    // To this thread, which goes no further until the process is continued. Where nobody could continue it, as there is no
    // shell, the kernel ignores all but SIGSTOP, as it would have done to the program.
    terminal?.suspend { raise(signal) }
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
