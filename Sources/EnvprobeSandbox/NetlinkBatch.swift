import Glibc

/// Route-netlink requests, one after the other, as they go over the socket.
///
/// The loopback interface of a new network namespace is up, has the profile's address, and every address is local on
/// it: the kernel answers connections to anything with whoever listens. Replies, and connections, come from the
/// profile's address, as `RTA_PREFSRC` says. 127.0.0.0/8 and ::1 keep the routes that the kernel gives them.
struct NetlinkBatch: Hashable, Sendable {
  private(set) var bytes: [UInt8] = []
  private(set) var count = 0

  /// The loopback interface is the first of every namespace.
  private static let loopback: UInt32 = 1

  /// Brings the loopback interface up.
  mutating func bringUp() {
    // struct ifinfomsg
    var body: [UInt8] = [0, 0]
    body += native(UInt16(0))
    body += native(Self.loopback)
    body += native(UInt32(IFF_UP))
    body += native(UInt32(IFF_UP))
    append(type: 16, flags: 0, body)  // RTM_NEWLINK
  }

  /// Adds an address of 4 or 16 bytes, with itself as its network.
  mutating func addAddress(_ address: [UInt8]) {
    let isVersion4 = address.count == 4
    // struct ifaddrmsg. IFA_F_NODAD: the address is usable at once.
    var body: [UInt8] = [family(address), UInt8(address.count * 8), isVersion4 ? 0 : 0x02, 0]
    body += native(Self.loopback)
    body += attribute(1, address)  // IFA_ADDRESS
    body += attribute(2, address)  // IFA_LOCAL
    append(type: 20, flags: 0x400 | 0x200, body)  // RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL
  }

  /// Makes every address of the family local, with `source` as the address that connections come from.
  mutating func addLocalDefault(source: [UInt8]) {
    // struct rtmsg: RT_TABLE_LOCAL, RTPROT_BOOT, RT_SCOPE_HOST or RT_SCOPE_UNIVERSE, RTN_LOCAL.
    var body: [UInt8] = [family(source), 0, 0, 0, 255, 3, source.count == 4 ? 254 : 0, 2]
    body += native(UInt32(0))
    body += attribute(4, native(Self.loopback))  // RTA_OIF
    body += attribute(7, source)  // RTA_PREFSRC
    append(type: 24, flags: 0x400, body)  // RTM_NEWROUTE, NLM_F_CREATE
  }

  private func family(_ address: [UInt8]) -> UInt8 { UInt8(address.count == 4 ? AF_INET : AF_INET6) }

  private func native(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

  private func attribute(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
    let length = 4 + payload.count
    return native(UInt16(length)) + native(type) + payload + [UInt8](repeating: 0, count: (4 - length % 4) % 4)
  }

  private mutating func append(type: UInt16, flags: UInt16, _ body: [UInt8]) {
    count += 1
    bytes += native(UInt32(16 + body.count)) + native(type)
    bytes += native(flags | 0x1 | 0x4)  // NLM_F_REQUEST | NLM_F_ACK
    bytes += native(UInt32(count)) + native(UInt32(0)) + body
  }
}

/// The bytes of an address in text form: 4 or 16, in network order; `nil` where it is none.
func addressBytes(_ text: String) -> [UInt8]? {
  var version4 = in_addr()
  if inet_pton(AF_INET, text, &version4) == 1 { return withUnsafeBytes(of: version4) { Array($0) } }
  var version6 = in6_addr()
  if inet_pton(AF_INET6, text, &version6) == 1 { return withUnsafeBytes(of: version6) { Array($0) } }
  return nil
}
