import EnvprobeModel
import NIOCore

/// Answers questions to a name server over UDP.
final class DNSDatagramHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>
  typealias OutboundOut = AddressedEnvelope<ByteBuffer>

  private let log: SessionLog
  private let server: IPAddress

  init(log: SessionLog, server: IPAddress) {
    self.log = log
    self.server = server
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    let pid = log.owner(heading: .init(transport: .udp, address: server, port: 53), from: envelope.remoteAddress)
    guard
      let answer = log.answer(
        dns: Array(envelope.data.readableBytesView), transport: .udp, server: server.text, by: pid)
    else { return }
    let reply = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer))
    context.writeAndFlush(wrapOutboundOut(reply), promise: nil)
  }
}

/// Records what is sent to any other port over UDP; the answer is silence, but for the time.
final class RawDatagramHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>
  typealias OutboundOut = AddressedEnvelope<ByteBuffer>

  private let log: SessionLog
  private let address: IPAddress
  private let port: Int
  private var flows: [NIOCore.SocketAddress: (connection: Connection, received: Int, sent: Int)] = [:]

  init(log: SessionLog, address: IPAddress, port: Int) {
    self.log = log
    self.address = address
    self.port = port
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    var flow =
      flows[envelope.remoteAddress]
      ?? (log.openConnection(.udp, address: address, port: port, from: envelope.remoteAddress), 0, 0)
    let room = max(0, log.limits.raw - flow.received)
    if envelope.data.readableBytes <= room {
      log.raw(.received, on: flow.connection, Array(envelope.data.readableBytesView))
    } else if flow.received <= log.limits.raw {
      log.gap(.wire, "datagrams to \(address.text) port \(port) were not kept", host: flow.connection.name)
    }
    flow.received += envelope.data.readableBytes
    if port == 123, let question = NTPMessage(Array(envelope.data.readableBytesView)) {
      let answer = question.answer(now: log.now())
      log.raw(.sent, on: flow.connection, answer)
      flow.sent += answer.count
      let reply = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer))
      context.writeAndFlush(wrapOutboundOut(reply), promise: nil)
    }
    flows[envelope.remoteAddress] = flow
  }

  func channelInactive(context: ChannelHandlerContext) {
    for (_, flow) in flows.sorted(by: { $0.value.connection.id < $1.value.connection.id }) {
      log.close(ConnectionClosed(connection: flow.connection.id, received: flow.received, sent: flow.sent))
    }
    flows = [:]
    context.fireChannelInactive()
  }
}
