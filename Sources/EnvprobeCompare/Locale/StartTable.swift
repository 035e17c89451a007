/// With which two bytes something can begin: most places of a text are told by these alone.
struct StartTable: Sendable {
  private var bits = [UInt64](repeating: 0, count: 1 << 10)

  /// - Parameter second: `nil` where any byte may follow.
  mutating func insert(_ first: UInt8, _ second: UInt8?) {
    if let second {
      bits[Int(first) << 2 | Int(second) >> 6] |= 1 << UInt64(second & 63)
    } else {
      for word in 0..<4 { bits[Int(first) << 2 | word] = .max }
    }
  }

  /// What begins with a text.
  mutating func insert(_ text: [UInt8]) {
    guard let first = text.first else { return }
    insert(first, text.count > 1 ? text[1] : nil)
  }

  mutating func formUnion(_ other: StartTable) {
    for word in bits.indices { bits[word] |= other.bits[word] }
  }

  /// Whether something can begin at a place. The last byte of a text may begin anything.
  @inline(__always)
  func contains(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
    guard place + 1 < bytes.count else { return true }
    let second = bytes[place + 1]
    return bits[Int(bytes[place]) << 2 | Int(second) >> 6] & 1 << UInt64(second & 63) != 0
  }
}
