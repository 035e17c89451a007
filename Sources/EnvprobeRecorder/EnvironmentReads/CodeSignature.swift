/// The machine code of `getenv` in a C library as distributed, for static programs without symbols. It holds for one
/// build of one library: what is not listed here stays `not instrumented`.
struct CodeSignature: Sendable {
  /// Where it is from.
  let origin: String
  /// `nil` where the linker fills something in.
  let bytes: [UInt8?]
  /// The longest stretch without holes, and where it starts: what is searched for.
  private let key: (offset: Int, bytes: [UInt8])

  /// - Parameter pattern: In hex, with `..` for a byte that the linker fills in.
  init(origin: String, _ pattern: String) {
    self.origin = origin
    let digits = Array(pattern.utf8)
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
    var best = 0..<0
    var start = 0
    for index in 0...bytes.count where index == bytes.count || bytes[index] == nil {
      if index - start > best.count { best = start..<index }
      start = index + 1
    }
    self.bytes = bytes
    key = (best.lowerBound, bytes[best].map { $0! })
  }

  static let table = [
    CodeSignature(
      origin: "glibc 2.36 (Debian 12)",
      """
      415741564155415455534883ec08488b2d........4885ed0f84aa0000000fb6074989fd84c00f849c000000807f0100488b5d00753a80cc\
      3d4885db750feb16488b5d084883c5084885db7409663b0375ee4883c3024883c4084889d85b5d415c415d415e415fc30f1f840000000000\
      e8........4983c502450fb765fe4989c64c8d78fe4885db7513ebca0f1f4000488b5d084883c5084885db74b966443b2375ed488d7b024c\
      89fa4c89eee8........85c075da42803c333d75d34a8d5c3301eb920f1f400031dbeb8a
      """),
    CodeSignature(
      origin: "musl 1.2.3 (Debian 12)",
      """
      4154be3d000000554889fd53e8........4989c44929ec7414803800750f48............488b184885db75285b31c05d415cc30f1f4000\
      4c89e24889efe8........85c0750a488b0342803c203d740f4883c308488b334885f675dbebce904a8d4420015b5d415cc3
      """),
  ]

  private static let pieceSize = 1 << 20

  /// The link-time address of the only place where one of the signatures fits; `nil` where none does, or several.
  static func find(in file: FileBytes, segments: ExecutableFile) -> UInt64? {
    var found: Set<UInt64> = []
    for segment in segments.segments where segment.isExecutable {
      var done: UInt64 = 0
      while done < segment.fileSize {
        let (start, overflow) = segment.offset.addingReportingOverflow(done)
        guard !overflow, start < file.size else { break }
        let count = min(segment.fileSize - done, file.size - start, UInt64(pieceSize))
        guard let piece = file.bytes(at: start, count: Int(count)) else { break }
        for signature in table {
          for offset in signature.matches(in: piece) { found.insert(segment.address &+ done &+ UInt64(offset)) }
        }
        if count < UInt64(pieceSize) { break }
        // Pieces overlap, so that what lies across a boundary is found.
        done += UInt64(pieceSize - 512)
      }
    }
    return found.count == 1 ? found.first : nil
  }

  func matches(in code: [UInt8]) -> [Int] {
    var result: [Int] = []
    var from = 0
    while let range = key.bytes.firstRange(in: code, from: from) {
      from = range.lowerBound + 1
      let start = range.lowerBound - key.offset
      guard start >= 0, start + bytes.count <= code.count else { continue }
      if bytes.indices.allSatisfy({ bytes[$0] == nil || bytes[$0] == code[start + $0] }) { result.append(start) }
    }
    return result
  }
}
