import EnvprobeModel
import NIOCore

/// Which processes connected which sockets: told when they are about to, asked when a connection has arrived.
///
/// A destination that only one process has ever headed for needs no more than that. Where several have, the kernel is
/// asked which socket is at the other end; one that is closed by then is nobody's. A process that got its socket from
/// another, by inheritance or otherwise, goes by the one that connected it.
struct ConnectionOwners {
  private enum Callers {
    case one(Int)
    case several
  }

  private var callers: [GatewaySession.Destination: Callers] = [:]
  private var pids: [UInt64: Int] = [:]

  /// Sockets that are remembered; beyond that all are forgotten.
  static let capacity = 1 << 16

  mutating func note(_ use: SocketUse, heading destination: GatewaySession.Destination) {
    guard let pid = use.pid else {
      callers[destination] = .several
      return
    }
    switch callers[destination] {
    case nil: callers[destination] = .one(pid)
    case .one(pid), .several: break
    case .one: callers[destination] = .several
    }
    guard let cookie = use.cookie else { return }
    if pids.count >= Self.capacity { pids.removeAll(keepingCapacity: true) }
    pids[cookie] = pid
  }

  enum Owner: Hashable {
    case process(Int)
    /// The socket must be known to tell.
    case ask
    case unknown
  }

  func owner(of destination: GatewaySession.Destination) -> Owner {
    switch callers[destination] {
    case .one(let pid): .process(pid)
    case .several: .ask
    case nil: .unknown
    }
  }

  func owner(of cookie: UInt64) -> Int? { pids[cookie] }
}
