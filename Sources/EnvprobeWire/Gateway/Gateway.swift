import EnvprobeModel
import NIOCore
import NIOPosix
import Synchronization

/// The only thing a program under audit can reach: it answers for every name, address and port, and records what it is
/// told. One for a matrix; each run has a ``GatewaySession`` of it.
///
/// Event loops start with the first socket, so that a run that uses no network does not pay for them.
public final class Gateway: Sendable {
  public let authority: CertificateAuthority
  public let redactor: Redactor
  let contexts: TLSContexts
  let book = NameBook()

  private enum Loops {
    case none
    case running(MultiThreadedEventLoopGroup)
    case stopped
  }
  private let loops = Mutex(Loops.none)

  /// - Parameter redactionKey: secret, random, 32 bytes; the same for all runs that are to be compared.
  public init(authority: CertificateAuthority, redactionKey: [UInt8]) {
    self.authority = authority
    redactor = Redactor(key: redactionKey)
    contexts = TLSContexts(authority: authority)
  }

  public func openSession(_ configuration: SessionConfiguration) -> GatewaySession {
    GatewaySession(gateway: self, configuration: configuration)
  }

  /// Ends the event loops, after all sessions were closed. Blocks; nothing can be opened afterwards.
  public func shutdown() {
    let loops = loops.withLock { loops in
      defer { loops = .stopped }
      return loops
    }
    if case .running(let group) = loops { try? group.syncShutdownGracefully() }
  }

  /// The event loops, started now where they were not.
  func eventLoops() throws(GatewayError) -> MultiThreadedEventLoopGroup {
    let group = loops.withLock { loops -> MultiThreadedEventLoopGroup? in
      switch loops {
      case .running(let group): return group
      case .stopped: return nil
      case .none:
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(4, System.coreCount))
        loops = .running(group)
        // Reading the common rules takes milliseconds, which the program spends on its way to the first request; an
        // event loop would be late with its first answers.
        Task.detached { Scenario.warmUp() }
        return group
      }
    }
    guard let group else { throw GatewayError(.listen, subject: "the gateway", reason: "it has been shut down") }
    return group
  }
}
