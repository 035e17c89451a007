import Glibc

/// The numbers in `/proc/PID/status`.
struct StatusFields {
  private let bytes: [UInt8]

  /// `nil` where there is no such thread.
  init?(_ thread: Int32) {
    let file = open("/proc/\(thread)/status", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    // One page holds all of it, but for a process with hundreds of groups: what is asked for comes before those or in the
    // first lines of a second page.
    self.init(
      [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
        count = max(0, read(file, buffer.baseAddress, buffer.count))
      })
  }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The numbers of a line, by the text with its colon that begins it. A name that is shown there has no line breaks.
  subscript(key: StaticString) -> [Int] {
    bytes.withUnsafeBytes { text in
      var position = 0
      while position + key.utf8CodeUnitCount < text.count {
        let line = text.baseAddress! + position
        if memcmp(line, key.utf8Start, key.utf8CodeUnitCount) == 0 {
          return Self.numbers(text[(position + key.utf8CodeUnitCount)...])
        }
        guard let end = memchr(line, 10, text.count - position) else { break }
        position = UnsafeRawPointer(end) - text.baseAddress! + 1
      }
      return []
    }
  }

  private static func numbers(_ text: Slice<UnsafeRawBufferPointer>) -> [Int] {
    var numbers: [Int] = []
    var number: Int?
    for byte in text {
      let digit = byte &- UInt8(ascii: "0")
      if digit < 10 {
        number = (number ?? 0) &* 10 &+ Int(digit)
      } else {
        if let whole = number { numbers.append(whole) }
        number = nil
        if byte == UInt8(ascii: "\n") { return numbers }
      }
    }
    return number.map { numbers + [$0] } ?? numbers
  }
}
