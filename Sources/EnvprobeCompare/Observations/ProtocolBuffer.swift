/// A message of Protocol Buffers read without its schema (https://protobuf.dev/programming-guides/encoding/): fields by
/// their numbers, in their order.
struct ProtocolBuffer {
  indirect enum Value: Hashable {
    case integer(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    case text(String)
    case message([Field])
    case bytes([UInt8])
  }

  struct Field: Hashable {
    var number: Int
    var value: Value
  }

  var fields: [Field] = []

  /// Messages within messages that are looked for.
  private static let depthLimit = 16

  /// `nil` where the bytes are no message.
  ///
  /// Text, bytes and messages are written the same way. What is printable text is text; what else is a message from its
  /// first byte to its last is one.
  init?(_ bytes: ArraySlice<UInt8>, depth: Int = 0) {
    var rest = bytes
    while !rest.isEmpty {
      guard let key = Self.integer(&rest), key >> 3 > 0, let number = Int(exactly: key >> 3), number < 1 << 29 else {
        return nil
      }
      switch key & 7 {
      case 0:
        guard let value = Self.integer(&rest) else { return nil }
        fields.append(Field(number: number, value: .integer(value)))
      case 1:
        guard let value = Self.fixed(&rest, 8) else { return nil }
        fields.append(Field(number: number, value: .fixed64(value)))
      case 2:
        guard let length = Self.integer(&rest).flatMap({ Int(exactly: $0) }), length <= rest.count else { return nil }
        fields.append(Field(number: number, value: Self.value(rest.prefix(length), depth: depth)))
        rest = rest.dropFirst(length)
      case 5:
        guard let value = Self.fixed(&rest, 4) else { return nil }
        fields.append(Field(number: number, value: .fixed32(UInt32(value))))
      default: return nil  // groups are as good as extinct
      }
    }
  }

  private static func value(_ bytes: ArraySlice<UInt8>, depth: Int) -> Value {
    if let text = String(validating: bytes, as: UTF8.self),
      text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 || $0 == "\n" || $0 == "\r" || $0 == "\t" })
    {
      return .text(text)
    }
    if depth < depthLimit, let message = ProtocolBuffer(bytes, depth: depth + 1) { return .message(message.fields) }
    return .bytes(Array(bytes))
  }

  private static func integer(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for place in 0..<10 {
      guard let byte = rest.popFirst(), place < 9 || byte <= 1 else { return nil }
      value |= UInt64(byte & 0x7f) << (7 * UInt64(place))
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func fixed(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> UInt64? {
    guard rest.count >= count else { return nil }
    let value = rest.prefix(count).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    rest = rest.dropFirst(count)
    return value
  }

  /// The messages of a gRPC body: each with a flag and four bytes of length before it
  /// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). `nil` where it is none.
  static func frames(_ bytes: [UInt8]) -> [(isCompressed: Bool, message: ArraySlice<UInt8>)]? {
    var rest = bytes[...]
    var result: [(isCompressed: Bool, message: ArraySlice<UInt8>)] = []
    while !rest.isEmpty {
      guard rest.count >= 5, let flag = rest.popFirst(), flag <= 1 else { return nil }
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      guard length <= rest.count else { return nil }
      result.append((flag == 1, rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return result
  }
}
