import EnvprobeModel
import Glibc
import Synchronization

/// Finds sockets inside by their two ends, with `sock_diag(7)`: one exact look-up in the kernel's own table.
public final class SocketSurvey: Sendable {
  /// One end of a connection.
  public struct End: Hashable, Sendable {
    /// 4 or 16 bytes, in network order.
    public var address: [UInt8]
    public var port: UInt16

    public init(address: [UInt8], port: UInt16) {
      self.address = address
      self.port = port
    }

    /// - Parameter address: in text form; `nil` where it is none.
    public init?(_ address: String, port: UInt16) {
      guard let bytes = addressBytes(address) else { return nil }
      self.init(address: bytes, port: port)
    }
  }

  private let descriptor: Mutex<Int32>

  /// - Parameter descriptor: a netlink socket of `NETLINK_SOCK_DIAG` in the namespace in question, non-blocking; closed
  ///   with this.
  init(descriptor: Int32) { self.descriptor = Mutex(descriptor) }

  deinit { descriptor.withLock { _ = close($0) } }

  /// The `SO_COOKIE` of the socket that has `local` for its own end and `remote` for the other; `nil` where there is
  /// none any more.
  public func cookie(transport: Connection.Transport, local: End, remote: End) -> UInt64? {
    guard local.address.count == remote.address.count else { return nil }
    let request = Self.request(transport, local: local, remote: remote)
    return descriptor.withLock { descriptor in
      guard request.withUnsafeBytes({ send(descriptor, $0.baseAddress, $0.count, 0) }) == request.count else {
        return nil
      }
      // The kernel answers before the sending returns.
      var answer = [UInt8](repeating: 0, count: 512)
      let count = recv(descriptor, &answer, answer.count, 0)
      // struct nlmsghdr, then struct inet_diag_msg up to the cookie; an error is shorter and of another type.
      guard count >= Self.cookieOffset + 8, answer[4] == Self.messageType else { return nil }
      return answer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: Self.cookieOffset, as: UInt64.self) }
    }
  }

  /// SOCK_DIAG_BY_FAMILY
  private static let messageType: UInt8 = 20
  /// 16 bytes of `nlmsghdr`, 4 before the socket's id, and ports, addresses and interface in it.
  private static let cookieOffset = 16 + 4 + 2 + 2 + 16 + 16 + 4

  /// `struct inet_diag_req_v2`.
  static func request(_ transport: Connection.Transport, local: End, remote: End) -> [UInt8] {
    func native(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
    func address(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: 16 - bytes.count) }
    // Of UDP the kernel looks for the socket that a datagram with this source and this destination would reach.
    let (source, destination) = transport == .tcp ? (local, remote) : (remote, local)
    var body: [UInt8] = [
      UInt8(local.address.count == 4 ? AF_INET : AF_INET6), UInt8(transport == .tcp ? IPPROTO_TCP : Int(IPPROTO_UDP)),
      0, 0,
    ]
    body += native(UInt32.max)  // in whatever state
    body += native(source.port.bigEndian) + native(destination.port.bigEndian)
    body += address(source.address) + address(destination.address)
    body += native(UInt32(0)) + native(UInt64.max)  // on any interface; INET_DIAG_NOCOOKIE
    return native(UInt32(16 + body.count)) + native(UInt16(messageType)) + native(UInt16(1))  // NLM_F_REQUEST
      + native(UInt32(0)) + native(UInt32(0)) + body
  }
}
