import Glibc

/// What `/proc/PID/status` tells of a process.
struct TraceeStatus {
  var parent: Int32 = 0
  /// The process id in the innermost namespace.
  var insideID: Int?
  /// How many system call filters it has (since Linux 5.9).
  var filterCount: Int?

  /// `nil` where there is no such process.
  init?(_ id: Int32) {
    let file = open("/proc/\(id)/status", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let text = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      count = max(0, read(file, buffer.baseAddress, 4096))
    }
    for line in text.split(separator: UInt8(ascii: "\n")) {
      if let value = Self.value(of: "PPid:", line) { parent = Int32(value.last ?? 0) }
      if let value = Self.value(of: "NSpid:", line) { insideID = value.last }
      if let value = Self.value(of: "Seccomp_filters:", line) { filterCount = value.last }
    }
  }

  private static func value(of key: StaticString, _ line: ArraySlice<UInt8>) -> [Int]? {
    let key = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
    guard line.starts(with: key) else { return nil }
    return line.dropFirst(key.count).split(whereSeparator: { $0 == 9 || $0 == 32 }).compactMap {
      Int(String(decoding: $0, as: UTF8.self))
    }
  }
}
