import EnvprobeModel

extension TraceReader {
  /// Whether a media type says that a body is made of Protocol Buffers, and was observed as such.
  mutating func protocolBuffers(
    _ bytes: [UInt8], media: String, _ channel: Channel, _ location: String, _ tier: Observation.Tier
  ) -> Bool {
    let kind = media.prefix { $0 != ";" && $0 != " " }
    if kind == "application/grpc" || kind == "application/grpc+proto" || kind == "application/grpc-web"
      || kind == "application/grpc-web+proto"
    {
      guard let frames = ProtocolBuffer.frames(bytes) else { return false }
      run.add("\(frames.count)", at: Place(channel, "\(location) messages"), tier: tier)
      for frame in frames {
        guard !frame.isCompressed, let message = ProtocolBuffer(frame.message) else {
          content(Array(frame.message), type: nil, channel, "\(location)(message)", tier)
          continue
        }
        walk(message.fields, channel, "\(location)(message)", tier)
      }
      return true
    }
    guard ["application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf"].contains(kind),
      let message = ProtocolBuffer(bytes[...])
    else { return false }
    walk(message.fields, channel, "\(location)(protobuf)", tier)
    return true
  }

  private mutating func walk(
    _ fields: [ProtocolBuffer.Field], _ channel: Channel, _ location: String, _ tier: Observation.Tier
  ) {
    for field in fields {
      let place = "\(location).\(field.number)"
      switch field.value {
      case .integer(let value): add(channel, place, String(value), tier)
      case .fixed32(let bits): add(channel, place, "fixed32 \(bits)", tier)
      case .fixed64(let bits): add(channel, place, "fixed64 \(bits)", tier)
      case .message(let inner): walk(inner, channel, place, tier)
      // Empty text is content as well.
      case .text(""): add(channel, place, "", tier)
      case .text(let text): content(Array(text.utf8), type: nil, channel, place, tier)
      case .bytes(let bytes): content(bytes, type: nil, channel, place, tier)
      }
    }
    addOrder(channel, "\(location) field order", fields.map { String($0.number) }, tier)
  }
}
