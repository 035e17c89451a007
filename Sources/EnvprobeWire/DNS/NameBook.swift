import Crypto
import Synchronization

/// The synthetic address of every name that was asked for, and the way back.
///
/// Addresses lie in 198.18.0.0/15, the range for benchmarks (RFC 2544): no real service has one. An address follows
/// from the name by a hash, so that every run of every matrix sees the same; only where two names of one matrix
/// collide does the later one get the next free address.
final class NameBook: Sendable {
  private struct Entries {
    var addresses: [String: IPAddress] = [:]
    var names: [IPAddress: String] = [:]
  }
  private let entries = Mutex(Entries())

  /// Usable addresses in the range; beyond that many names addresses are shared.
  static let capacity = 512 * 254

  /// The address of a name, given to it now where it had none. `name` is in lower case.
  func address(of name: String) -> IPAddress {
    entries.withLock { entries in
      if let address = entries.addresses[name] { return address }
      var slot = SHA256.hash(data: Array(name.utf8)).prefix(4).reduce(0) { $0 << 8 | Int($1) } % Self.capacity
      let isFull = entries.names.count >= Self.capacity
      while !isFull, entries.names[Self.address(slot: slot)] != nil { slot = (slot + 1) % Self.capacity }
      let address = Self.address(slot: slot)
      entries.addresses[name] = address
      entries.names[address] = name
      return address
    }
  }

  /// The name that was given an address.
  func name(of address: IPAddress) -> String? { entries.withLock { $0.names[address] } }

  /// Slot to address, leaving out those that end in 0 and 255.
  private static func address(slot: Int) -> IPAddress {
    let network = slot / 254
    return IPAddress(bytes: [198, UInt8(18 + network / 256), UInt8(network % 256), UInt8(1 + slot % 254)])!
  }
}
