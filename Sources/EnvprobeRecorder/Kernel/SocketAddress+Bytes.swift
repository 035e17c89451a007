import EnvprobeModel
import Glibc

extension SocketAddress {
  /// Bytes of a `struct sockaddr` as a program passed them. Every sequence of bytes has a meaning: foreign ones, and
  /// those that are too short for what they claim to be, become a family without an address.
  init(bytes: [UInt8]) {
    guard bytes.count >= 2 else {
      self.init(family: "none", address: "")
      return
    }
    let number = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt16.self) }
    let family = Int32(number)
    switch family {
    case AF_INET where bytes.count >= 8:
      self.init(family: "inet", address: Self.text(AF_INET, bytes[4..<8]), port: Self.port(bytes))
    case AF_INET6 where bytes.count >= 24:
      self.init(family: "inet6", address: Self.text(AF_INET6, bytes[8..<24]), port: Self.port(bytes))
    case AF_UNIX: self.init(family: "unix", address: Self.socketName(bytes[2...]))
    case AF_NETLINK where bytes.count >= 12:
      let groups = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self) }
      self.init(family: "netlink", address: String(groups))
    case AF_INET: self.init(family: "inet", address: "")
    case AF_INET6: self.init(family: "inet6", address: "")
    case AF_NETLINK: self.init(family: "netlink", address: "")
    default: self.init(family: "family_\(number)", address: "")
    }
  }

  private static func port(_ bytes: [UInt8]) -> Int { Int(bytes[2]) << 8 | Int(bytes[3]) }

  private static func text(_ family: Int32, _ address: ArraySlice<UInt8>) -> String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    _ = address.withUnsafeBytes { inet_ntop(family, $0.baseAddress, &text, socklen_t(text.count)) }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A path ends at its first NUL; an abstract name, which begins with one, has the whole length and is written with
  /// `@` for the first NUL and for those within.
  private static func socketName(_ name: ArraySlice<UInt8>) -> String {
    guard name.first == 0 else { return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) }
    return String(decoding: name.map { $0 == 0 ? UInt8(ascii: "@") : $0 }, as: UTF8.self)
  }
}
