import CZlib

/// The deflated streams in a file: gzip (RFC 1952) and the members of zip archives (APPNOTE 6.3, section 4.3.7).
struct PackedStreams: Sequence {
  struct Stream {
    /// Where its header begins.
    var start: Int
    /// Where the compressed bytes begin.
    var data: Int
    /// As zlib counts: negative for a stream without a header of its own, 31 for gzip.
    var windowBits: Int32

    /// What is in it, as far as it can be read; `nil` where it is nothing that was deflated.
    func content(in bytes: UnsafeBufferPointer<UInt8>, atMost limit: Int) -> [UInt8]? {
      var stream = z_stream()
      guard
        inflateInit2_(&stream, windowBits, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK
      else { return nil }
      defer { inflateEnd(&stream) }
      var result: [UInt8] = []
      stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress! + data)
      stream.avail_in = UInt32(Swift.min(bytes.count - data, limit))
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      while result.count < limit {
        let status = chunk.withUnsafeMutableBufferPointer { chunk in
          stream.next_out = chunk.baseAddress
          stream.avail_out = UInt32(chunk.count)
          return inflate(&stream, Z_NO_FLUSH)
        }
        result += chunk[..<(chunk.count - Int(stream.avail_out))]
        if status == Z_STREAM_END { break }
        guard status == Z_OK else { return result.count >= 64 ? result : nil }
      }
      return result.isEmpty ? nil : result
    }
  }

  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  func makeIterator() -> AnyIterator<Stream> {
    var position = 0
    return AnyIterator {
      while position + 30 < bytes.count {
        let start = position
        position += 1
        if bytes[start] == 0x1F, bytes[start + 1] == 0x8B, bytes[start + 2] == 8, bytes[start + 3] & 0xE0 == 0 {
          return Stream(start: start, data: start, windowBits: 31)
        }
        // PK 3 4, with the method 8.
        if bytes[start] == 0x50, bytes[start + 1] == 0x4B, bytes[start + 2] == 3, bytes[start + 3] == 4,
          bytes[start + 8] == 8, bytes[start + 9] == 0
        {
          let name = Int(bytes[start + 26]) | Int(bytes[start + 27]) << 8
          let extra = Int(bytes[start + 28]) | Int(bytes[start + 29]) << 8
          let data = start + 30 + name + extra
          if data < bytes.count { return Stream(start: start, data: data, windowBits: -15) }
        }
      }
      return nil
    }
  }
}
