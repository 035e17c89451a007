import CZlib

/// Raw deflate streams (RFC 1951), as zip archives hold them.
enum Deflate {
  /// How much larger than its stream a text can be: a match of 258 bytes takes two bits at least.
  static let largestRatio = 1032

  static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    // A negative window is a stream without a zlib header. The arguments are constants, so that only memory can lack.
    let status = deflateInit2_(
      &stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "no memory to compress with")
    defer { deflateEnd(&stream) }
    return run(&stream, over: bytes, limit: .max) { deflate($0, $1 ? Z_FINISH : Z_NO_FLUSH) }!
  }

  /// The text of a stream; `nil` where the stream is none, ends early or late, or its text is not of that size.
  static func decompress(_ bytes: [UInt8], size: Int) -> [UInt8]? {
    guard size <= (bytes.count + 1) * largestRatio else { return nil }
    var stream = z_stream()
    let status = inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "no memory to decompress with")
    defer { inflateEnd(&stream) }
    let text = run(&stream, over: bytes, limit: size) { stream, _ in inflate(stream, Z_NO_FLUSH) }
    return text?.count == size ? text : nil
  }

  /// Drives zlib over all of the bytes; `nil` where it does not end exactly with them.
  private static func run(
    _ stream: inout z_stream, over bytes: [UInt8], limit: Int,
    step: (UnsafeMutablePointer<z_stream>, _ isLast: Bool) -> Int32
  ) -> [UInt8]? {
    let piece = 1 << 20
    var result: [UInt8] = []
    var output = [UInt8](repeating: 0, count: 1 << 16)
    return bytes.withUnsafeBufferPointer { input in
      var offset = 0
      while true {
        let count = min(piece, input.count - offset)
        let isLast = offset + count == input.count
        // zlib does not write through this pointer.
        stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + offset) }
        stream.avail_in = UInt32(count)
        var status = Z_OK
        repeat {
          let room = output.count
          status = output.withUnsafeMutableBufferPointer { buffer in
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(room)
            return step(&stream, isLast)
          }
          result += output[..<(room - Int(stream.avail_out))]
          if result.count > limit { return nil }
        } while status == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0)
        offset += count - Int(stream.avail_in)
        if status == Z_STREAM_END { return offset == input.count ? result : nil }
        // A full piece of input without progress asks for the next.
        guard status == Z_OK || status == Z_BUF_ERROR, !isLast else { return nil }
      }
    }
  }
}
