/// The body of a gRPC call: messages, each with a flag that says whether it is compressed and four bytes of length
/// before it (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
enum GRPCBody {
  /// The same messages, none of them compressed; `nil` where the body is none, or none of them was.
  static func decompressed(
    _ body: [UInt8], coding: String, limit: Int
  ) throws(ContentCoding.Failure) -> [UInt8]? {
    var rest = body[...]
    var result: [UInt8] = []
    var wasCompressed = false
    while !rest.isEmpty {
      guard rest.count >= 5, let flag = rest.popFirst(), flag <= 1 else { return nil }
      let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      guard count <= rest.count else { return nil }
      var message = Array(rest.prefix(count))
      rest = rest.dropFirst(count)
      if flag == 1 {
        wasCompressed = true
        message = try ContentCoding.decode(message, codings: coding, limit: max(0, limit - result.count)) ?? message
      }
      let length = UInt32(message.count)
      result += [0] + withUnsafeBytes(of: length.bigEndian) { Array($0) }
      result += message
    }
    return wasCompressed ? result : nil
  }
}
