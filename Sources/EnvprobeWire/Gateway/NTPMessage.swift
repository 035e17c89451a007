/// A question to a time server and the answer (RFC 5905, section 7.3), as much of them as simple clients use.
struct NTPMessage: Hashable, Sendable {
  /// The version of the question, to be answered in kind.
  var version: UInt8
  /// The client's transmit timestamp, which the answer repeats as it came.
  var transmitted: [UInt8]

  /// Seconds from 1900 to 1970.
  static let epoch = 2_208_988_800

  /// From the bytes of a datagram; `nil` where it is no client's question.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 48, bytes[0] & 7 == 3, 1...4 ~= bytes[0] >> 3 & 7 else { return nil }
    version = bytes[0] >> 3 & 7
    transmitted = Array(bytes[40..<48])
  }

  /// The answer of a server of stratum 2.
  ///
  /// - Parameter now: seconds since 1970-01-01T00:00:00Z.
  func answer(now: Int) -> [UInt8] {
    let seconds = UInt32(truncatingIfNeeded: now + Self.epoch)
    let time = [UInt8(seconds >> 24), UInt8(seconds >> 16 & 255), UInt8(seconds >> 8 & 255), UInt8(seconds & 255)]
    // Leap and mode, stratum, poll interval, precision (2^-20 s), root delay and dispersion, reference.
    var bytes: [UInt8] = [version << 3 | 4, 2, 6, 0xec, 0, 0, 2, 0, 0, 0, 1, 0, 198, 18, 0, 1]
    bytes += time + [0, 0, 0, 0] + transmitted
    return bytes + time + [0, 0, 0, 0] + time + [0, 0, 0, 0]
  }
}
