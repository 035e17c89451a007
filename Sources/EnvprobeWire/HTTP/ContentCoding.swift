import CBrotli
import CZlib
import CZstd

/// Undoes content codings (RFC 9110, section 8.4) within a bound.
enum ContentCoding {
  enum Failure: Error, Hashable {
    /// A coding that is not known here, by its name.
    case unknown(String)
    /// The bytes are not what the coding says, or end too early.
    case corrupt(String)
    /// The result would have more bytes than allowed.
    case tooLarge(limit: Int)
  }

  /// The body without the codings that `field` lists in the order in which they were applied; `nil` where it
  /// lists none.
  static func decode(_ body: [UInt8], codings field: String, limit: Int) throws(Failure) -> [UInt8]? {
    let codings = field.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
      .filter { $0 != "identity" && !$0.isEmpty }
    guard !codings.isEmpty else { return nil }
    var bytes = body
    for coding in codings.reversed() {
      switch coding {
      case "gzip", "x-gzip": bytes = try inflate(bytes, windowBits: 15 + 16, coding: coding, limit: limit)
      case "deflate":
        // The coding is the zlib format; clients that send the bare one are as old as the name.
        do {
          bytes = try inflate(bytes, windowBits: 15, coding: coding, limit: limit)
        } catch {
          guard case .corrupt = error else { throw error }
          bytes = try inflate(bytes, windowBits: -15, coding: coding, limit: limit)
        }
      case "br": bytes = try decodeBrotli(bytes, limit: limit)
      case "zstd": bytes = try decodeZstandard(bytes, limit: limit)
      default: throw .unknown(coding)
      }
    }
    return bytes
  }

  private static let chunkSize = 64 * 1024

  private static func inflate(
    _ input: [UInt8], windowBits: Int32, coding: String, limit: Int
  ) throws(Failure) -> [UInt8] {
    var stream = z_stream()
    guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw .corrupt(coding)
    }
    defer { inflateEnd(&stream) }
    var input = input
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: chunkSize)
    var status = Z_OK
    var consumed = 0
    repeat {
      var produced = 0
      let size = input.count
      input.withUnsafeMutableBufferPointer { source in
        chunk.withUnsafeMutableBufferPointer { target in
          stream.next_in = source.baseAddress.map { $0 + consumed }
          stream.avail_in = UInt32(clamping: size - consumed)
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          let offered = Int(stream.avail_in)
          status = CZlib.inflate(&stream, Z_NO_FLUSH)
          consumed += offered - Int(stream.avail_in)
          produced = target.count - Int(stream.avail_out)
        }
      }
      guard output.count + produced <= limit else { throw .tooLarge(limit: limit) }
      output += chunk[..<produced]
      if status == Z_STREAM_END, windowBits > 15, consumed < input.count, input[consumed] == 0x1f {
        // A gzip file may consist of several members.
        guard inflateReset(&stream) == Z_OK else { throw .corrupt(coding) }
        status = Z_OK
      } else if status == Z_OK, produced == 0, consumed == input.count {
        throw .corrupt(coding)
      }
    } while status == Z_OK
    guard status == Z_STREAM_END else { throw .corrupt(coding) }
    return output
  }

  /// A message of a WebSocket without its compression (RFC 7692, section 7.2.2): a bare deflate stream that has no end,
  /// and whose last four bytes are left out.
  static func inflateMessage(_ message: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    // An empty last block, so that the stream ends.
    try inflate(message + [0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff], windowBits: -15, coding: "deflate", limit: limit)
  }

  private static func decodeBrotli(_ input: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    guard let state = BrotliDecoderCreateInstance(nil, nil, nil) else { throw .corrupt("br") }
    defer { BrotliDecoderDestroyInstance(state) }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: chunkSize)
    var consumed = 0
    var result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT
    while result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT {
      var produced = 0
      input.withUnsafeBufferPointer { source in
        chunk.withUnsafeMutableBufferPointer { target in
          var nextIn = source.baseAddress.map { $0 + consumed }
          var availableIn = source.count - consumed
          var nextOut = target.baseAddress
          var availableOut = target.count
          result = BrotliDecoderDecompressStream(state, &availableIn, &nextIn, &availableOut, &nextOut, nil)
          consumed = source.count - availableIn
          produced = target.count - availableOut
        }
      }
      guard output.count + produced <= limit else { throw .tooLarge(limit: limit) }
      output += chunk[..<produced]
    }
    guard result == BROTLI_DECODER_RESULT_SUCCESS else { throw .corrupt("br") }
    return output
  }

  private static func decodeZstandard(_ input: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    guard let context = ZSTD_createDCtx() else { throw .corrupt("zstd") }
    defer { ZSTD_freeDCtx(context) }
    // RFC 8878 asks of senders a window of at most 8 MiB for this coding; the decoder's own bound is larger.
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: chunkSize)
    var consumed = 0
    var result = 1
    repeat {
      var produced = 0
      var used = 0
      input.withUnsafeBytes { source in
        chunk.withUnsafeMutableBytes { target in
          var into = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
          var from = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: consumed)
          result = ZSTD_decompressStream(context, &into, &from)
          used = from.pos - consumed
          produced = into.pos
        }
      }
      guard ZSTD_isError(result) == 0 else { throw .corrupt("zstd") }
      consumed += used
      guard output.count + produced <= limit else { throw .tooLarge(limit: limit) }
      output += chunk[..<produced]
      if used == 0, produced == 0 { break }
    } while consumed < input.count || result != 0
    guard result == 0 else { throw .corrupt("zstd") }
    return output
  }
}
