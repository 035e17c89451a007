import Dispatch
import Glibc

/// Sends on the signals that people and job control send to envprobe, while a program runs in its place.
final class SignalForwarding {
  private static let forwarded = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT]
  private var sources: [any DispatchSourceSignal] = []
  private var earlier: [(Int32, sigaction)] = []

  init(_ numbers: [Int32] = SignalForwarding.forwarded, to receive: @escaping @Sendable (Int32) -> Void) {
    for number in numbers {
      var old = sigaction()
      var ignore = sigaction()
      ignore.__sigaction_handler.sa_handler = SIG_IGN
      sigaction(number, &ignore, &old)
      earlier.append((number, old))
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { receive(number) }
      source.resume()
      sources.append(source)
    }
  }

  /// Gives the signals back.
  func end() {
    for source in sources { source.cancel() }
    for (number, action) in earlier {
      var action = action
      sigaction(number, &action, nil)
    }
    sources = []
    earlier = []
  }
}
