#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An IPv4 or IPv6 address in network byte order. An IPv4 address mapped into IPv6 is the IPv4 address.
struct IPAddress: Hashable, Sendable {
  /// 4 or 16 of them.
  let bytes: [UInt8]

  init?(bytes: [UInt8]) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    self.bytes = bytes.starts(with: mapped) && bytes.count == 16 ? Array(bytes.suffix(4)) : bytes
  }

  /// From the text form; a zone (`%eth0`) is dropped.
  init?(_ text: String) {
    let host = text.prefix { $0 != "%" }
    var storage = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, String(host), &storage) == 1 {
      self.init(bytes: Array(storage.prefix(4)))
    } else if inet_pton(AF_INET6, String(host), &storage) == 1 {
      self.init(bytes: storage)
    } else {
      return nil
    }
  }

  var isIPv4: Bool { bytes.count == 4 }

  /// The canonical text form (RFC 5952 for IPv6).
  var text: String {
    var storage = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    inet_ntop(isIPv4 ? AF_INET : AF_INET6, bytes, &storage, socklen_t(storage.count))
    return String(decoding: storage.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  var isLoopback: Bool { isIPv4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1] }
  var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }
  /// Whether it names a group, or everybody, and no single machine.
  var isMulticast: Bool {
    isIPv4 ? bytes[0] & 0xf0 == 0xe0 || bytes.allSatisfy { $0 == 255 } : bytes[0] == 0xff
  }
}
