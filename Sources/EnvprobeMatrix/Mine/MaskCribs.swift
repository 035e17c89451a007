/// Beginnings of words that a hidden list of places is likely to hold, found under any mask of one byte.
struct MaskCribs: Sendable {
  static let shared = MaskCribs()
  /// The length of every crib.
  static let width = 6

  /// Regions of time zones, schemes of URLs, ends of host names as they stand in lists.
  private static let words = [
    "Asia/S", "Asia/T", "Asia/H", "Asia/U", "Asia/C", "Asia/K", "Europe", "Americ", "Africa", "Pacifi", "Austra",
    "https:", "http:/", ".com\",", ".com,", ".cn\",\"", ".com\",\"", ".com\0", ".com\n", ".cn,", "zh_CN.", "zh-CN\"",
    ".com.c", ".aliyu", "proxy.", "_PROXY", "BASE_U",
  ]

  private struct Crib: Sendable {
    var text: [UInt8]
    var differences: UInt64
    var bits: UInt64
  }
  private let cribs: [Crib]
  /// By the first two differences: whether some crib has them.
  private let filter: [Bool]

  private init() {
    var filter = [Bool](repeating: false, count: 1 << 16)
    cribs = Self.words.filter { $0.utf8.count >= 4 }.map { word in
      let text = Array(word.utf8.prefix(Self.width))
      var differences: UInt64 = 0
      for index in 1..<text.count { differences |= UInt64(text[index] ^ text[index - 1]) << UInt64(8 * (index - 1)) }
      filter[Int(differences & 0xFFFF)] = true
      return Crib(text: text, differences: differences, bits: (1 << UInt64(8 * (text.count - 1))) - 1)
    }
    self.filter = filter
  }

  /// The mask under which a crib stands at a position; `nil` where none does.
  @inline(__always)
  func mask(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> UInt8? {
    let first = bytes[position] ^ bytes[position + 1]
    let second = bytes[position + 1] ^ bytes[position + 2]
    let isPossible = filter.withUnsafeBufferPointer { $0[Int(first) | Int(second) << 8] }
    return isPossible ? slowMask(bytes, at: position) : nil
  }

  private func slowMask(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> UInt8? {
    var differences: UInt64 = 0
    for index in 1..<Self.width {
      differences |= UInt64(bytes[position + index] ^ bytes[position + index - 1]) << UInt64(8 * (index - 1))
    }
    for crib in cribs where (differences ^ crib.differences) & crib.bits == 0 { return bytes[position] ^ crib.text[0] }
    return nil
  }
}
