import EnvprobeModel
import Testing

@testable import EnvprobeRecorder

@Suite struct SocketAddressTests {
  @Test(
    arguments: [
      ([], "none", "", nil),
      ([2], "none", "", nil),
      ([2, 0, 1, 187, 93, 184, 216, 34], "inet", "93.184.216.34", 443),
      ([2, 0, 1, 187, 93, 184, 216], "inet", "", nil),
      (
        [10, 0, 0, 80, 9, 9, 9, 9, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "inet6", "2001:db8::1",
        80
      ),
      (
        [10, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1, 7, 0, 0, 0], "inet6",
        "::ffff:127.0.0.1", 80
      ),
      ([1, 0], "unix", "", nil),
      ([1, 0, 47, 97, 0, 98], "unix", "/a", nil),
      ([1, 0, 0, 97, 0, 98], "unix", "@a@b", nil),
      ([16, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0], "netlink", "258", nil),
      ([17, 0, 1, 2, 3], "family_17", "", nil),
    ] as [([UInt8], String, String, Int?)])
  func bytesHaveAMeaning(bytes: [UInt8], family: String, address: String, port: Int?) {
    #expect(SocketAddress(bytes: bytes) == SocketAddress(family: family, address: address, port: port))
  }

  /// Whatever a program passes, there is an answer, and it can be written and read back.
  @Test func anyBytesAreAccepted() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      var bytes = (0..<Int.random(in: 0...128, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if bytes.count > 1, Bool.random(using: &random) {
        bytes[0] = [1, 2, 10, 16].randomElement(using: &random)!
        bytes[1] = 0
      }
      let address = SocketAddress(bytes: bytes)
      #expect(!address.family.isEmpty)
      #expect(address.port.map { (0...65535).contains($0) } ?? true)
    }
  }
}

/// Repeatable random numbers (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
