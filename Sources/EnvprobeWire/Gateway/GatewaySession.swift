import EnvprobeModel
import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One run's part of the gateway.
public final class GatewaySession: Sendable {
  private let gateway: Gateway
  private let configuration: SessionConfiguration
  private let log: SessionLog
  private let contexts: TLSContexts
  private let ownAddress: IPAddress?
  private let nameservers: Set<IPAddress>
  private let sockets = Mutex(Sockets())
  private let channels = ChannelCensus()

  struct Destination: Hashable {
    var transport: Connection.Transport
    var address: IPAddress
    var port: Int
  }

  private struct Sockets {
    enum Entry {
      case open(CInt, EventLoopFuture<any NIOCore.Channel>)
      /// The program itself listens there, or nothing can.
      case unavailable
    }
    var entries: [Destination: Entry] = [:]
    var isClosed = false
    var refused = 0
  }

  init(gateway: Gateway, configuration: SessionConfiguration) {
    self.gateway = gateway
    self.configuration = configuration
    ownAddress = IPAddress((configuration.network ?? World.defaultNetwork).address)
    nameservers = Set(configuration.nameservers.compactMap { IPAddress($0) })
    let names = NameService(
      searchDomains: configuration.searchDomains.map { DNSName($0).folded }.filter { !$0.isEmpty },
      knownHosts: Set(configuration.knownHosts.map { DNSName($0).folded }), book: gateway.book,
      isOffline: configuration.scenario?.isOffline == true)
    let log = SessionLog(configuration, redactor: gateway.redactor.redacting(configuration.secrets), names: names)
    self.log = log
    // Secrets are one session's: contexts that others share could not tell whose they are.
    contexts =
      configuration.keepsTLSSecrets
      ? TLSContexts(authority: gateway.authority) { log.sink.record(.tlsSecret(TLSSecret(line: $0))) }
      : gateway.contexts
  }

  /// Makes sure that something listens where the program is about to connect or send to; to be called before its call
  /// goes on. The first call for a destination makes a socket, later ones look it up.
  ///
  /// - Parameter use: who is about to do it, with what kind of socket.
  public func prepare(for address: EnvprobeModel.SocketAddress, by use: SocketUse) {
    guard address.isInternet, let port = address.port, port > 0, let target = IPAddress(address.address),
      isAnswered(target, port: port)
    else { return }
    if configuration.scenario?.isOffline == true, port != 53 {
      // Nothing listens, and the kernel refuses.
      if use.isStream != false { log.refuse(target, port: port, by: use.pid) }
      return
    }
    if use.isStream != false { prepare(Destination(transport: .tcp, address: target, port: port), use) }
    if use.isStream == false || (use.isStream == nil && port == 53) {
      prepare(Destination(transport: .udp, address: target, port: port), use)
    }
  }

  /// Whether an address is elsewhere. What the program does on loopback and on the machine's own address is between it
  /// and itself, but for the services that the profile puts there.
  private func isAnswered(_ address: IPAddress, port: Int) -> Bool {
    if address.isUnspecified || address.isMulticast { return false }
    guard address.isLoopback || address == ownAddress else { return true }
    return configuration.loopbackPorts.contains(port) || (port == 53 && nameservers.contains(address))
  }

  private func prepare(_ destination: Destination, _ use: SocketUse) {
    log.note(use, heading: destination)
    sockets.withLock { sockets in
      guard !sockets.isClosed, sockets.entries[destination] == nil else { return }
      guard sockets.entries.count < configuration.limits.sockets else {
        sockets.refused += 1
        return
      }
      do throws(GatewayError) {
        sockets.entries[destination] = try open(destination)
      } catch {
        sockets.entries[destination] = .unavailable
        // The program's own server holds the port: it will answer itself.
        if error.errno != EADDRINUSE { log.gap(.wire, error.description, host: destination.address.text) }
      }
    }
  }

  private func open(_ destination: Destination) throws(GatewayError) -> Sockets.Entry {
    let group = try gateway.eventLoops()
    let descriptor = try configuration.makeSocket(
      destination.transport, destination.address.text, destination.port)
    let (log, contexts, channels) = (log, contexts, channels)
    let keepsSegments = configuration.keepsTLSSecrets
    switch destination.transport {
    case .tcp:
      // The program connects as soon as this returns, whatever the event loop has come to by then.
      guard listen(descriptor, 512) == 0 else {
        let error = errno
        Glibc.close(descriptor)
        throw GatewayError(
          .listen, subject: "\(destination.address.text) port \(destination.port)", errno: error)
      }
      let channel = ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 512)
        .serverChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(AcceptCounter(census: channels))
          }
        }
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            // The socket may be bound to every address.
            let address = channel.localAddress?.ipAddress.flatMap { IPAddress($0) } ?? destination.address
            let connection = log.openConnection(
              .tcp, address: address, port: destination.port, from: channel.remoteAddress)
            let meter = TrafficMeter(keep: keepsSegments ? log.segmentKeeper(of: connection) : nil)
            try channel.pipeline.syncOperations.addHandlers([
              meter, ConversationHandler(log: log, contexts: contexts, connection: connection, meter: meter),
            ])
          }
        }
        .withBoundSocket(descriptor)
      return .open(descriptor, channel)
    case .udp:
      let channel = DatagramBootstrap(group: group)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            if destination.port == 53 {
              try channel.pipeline.syncOperations.addHandler(
                DNSDatagramHandler(log: log, server: destination.address))
            } else {
              try channel.pipeline.syncOperations.addHandler(
                RawDatagramHandler(log: log, address: destination.address, port: destination.port))
            }
          }
        }
        .withBoundSocket(descriptor)
      return .open(descriptor, channel)
    }
  }

  /// Ends the session, after the program and all of its processes have ended: waits until what they sent has been read
  /// and recorded, then closes every socket. Requests that were cut off are recorded as such.
  ///
  /// Blocks the calling thread.
  ///
  /// - Parameter seconds: the longest to wait for connections to end by themselves.
  public func close(within seconds: Double = 2) {
    let (entries, refused) = sockets.withLock { sockets in
      sockets.isClosed = true
      defer { sockets.entries = [:] }
      return (sockets.entries, sockets.refused)
    }
    if refused > 0 {
      log.sink.record(
        .gap(Gap(kind: .wire, detail: "destinations beyond the limit of sockets were not answered", count: refused)))
    }
    var listeners:
      [(descriptor: CInt, transport: Connection.Transport, channel: EventLoopFuture<any NIOCore.Channel>)] = []
    for (destination, entry) in entries {
      if case .open(let descriptor, let channel) = entry {
        listeners.append((descriptor, destination.transport, channel))
      }
    }
    defer { log.finish() }
    guard !listeners.isEmpty, let group = try? gateway.eventLoops() else { return }
    let deadline = NIODeadline.now() + .milliseconds(Int64(seconds * 1000))
    var isQuiet = false
    while !isQuiet, NIODeadline.now() < deadline {
      isQuiet = listeners.allSatisfy { Self.pending(on: $0.descriptor, $0.transport) == 0 }
      // What was taken from a queue a moment ago has been counted once every loop has come round.
      for loop in group.makeIterator() { try? loop.submit {}.wait() }
      isQuiet = isQuiet && channels.count == 0
      if !isQuiet { usleep(500) }
    }
    for listener in listeners {
      if let channel = try? listener.channel.wait() { try? channel.close().wait() }
    }
    let left = channels.closeAll()
    if left > 0 {
      log.sink.record(.diagnostic(Diagnostic("\(left) connections were still open at the end and were closed")))
    }
  }

  /// Rules of the scenario that have answered nothing, by name and line; of a bundled scenario none is told.
  public var unusedRules: [String] { log.unusedRules }

  /// Connections that wait to be accepted, or bytes that wait to be read.
  private static func pending(on descriptor: CInt, _ transport: Connection.Transport) -> Int {
    switch transport {
    case .tcp:
      // For a listening socket `tcpi_unacked` is the length of its accept queue (net/ipv4/tcp.c, tcp_get_info).
      var info = tcp_info()
      var length = socklen_t(MemoryLayout<tcp_info>.size)
      guard getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &info, &length) == 0 else { return 0 }
      return Int(info.tcpi_unacked)
    case .udp:
      var count: CInt = 0
      return ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }
  }
}

/// The open connections of a session.
final class ChannelCensus: Sendable {
  private let channels = Mutex<[ObjectIdentifier: any NIOCore.Channel]>([:])

  var count: Int { channels.withLock { $0.count } }

  func add(_ channel: any NIOCore.Channel) {
    let key = ObjectIdentifier(channel)
    channels.withLock { $0[key] = channel }
    channel.closeFuture.whenComplete { [self] _ in channels.withLock { $0[key] = nil } }
  }

  /// Closes what is open, waits until its end has been recorded, and says how many there were.
  func closeAll() -> Int {
    let open = channels.withLock { Array($0.values) }
    for channel in open {
      try? channel.close().wait()
      // The handlers learn of it one turn of the loop later.
      try? channel.eventLoop.submit {}.wait()
    }
    return open.count
  }
}

/// Counts connections in the moment they are accepted.
private final class AcceptCounter: ChannelInboundHandler {
  typealias InboundIn = any NIOCore.Channel
  private let census: ChannelCensus

  init(census: ChannelCensus) { self.census = census }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    census.add(unwrapInboundIn(data))
    context.fireChannelRead(data)
  }
}
