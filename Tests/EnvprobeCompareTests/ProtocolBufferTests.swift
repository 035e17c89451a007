import EnvprobeModel
import Testing

@testable import EnvprobeCompare

@Suite struct ProtocolBufferTests {
  @Test func fieldsAreReadWithoutASchema() throws {
    // The examples of the encoding's description: 150, "testing", a message of it, and fixed numbers.
    let bytes: [UInt8] =
      [0x08, 0x96, 0x01] + [0x12, 0x07] + Array("testing".utf8) + [0x1a, 0x03, 0x08, 0x96, 0x01]
      + [0x25, 1, 0, 0, 0] + [0x29, 2, 0, 0, 0, 0, 0, 0, 0] + [0x32, 0x02, 0xff, 0xff]
    let message = try #require(ProtocolBuffer(bytes[...]))
    #expect(message.fields.map(\.number) == [1, 2, 3, 4, 5, 6])
    let inner = try #require(ProtocolBuffer([0x08, 0x96, 0x01]))
    #expect(
      message.fields.map(\.value) == [
        .integer(150), .text("testing"), .message(inner.fields), .fixed32(1), .fixed64(2), .bytes([0xff, 0xff]),
      ])
  }

  @Test(
    arguments: [
      [0x08], [0x08, 0xff], [0x12, 0x05, 0x61], [0x00, 0x01], [0x0b], [0x25, 1, 2], [0x0f, 0],
      [UInt8](repeating: 0xff, count: 11),
    ] as [[UInt8]])
  func whatIsNoneIsNotRead(_ bytes: [UInt8]) {
    #expect(ProtocolBuffer(bytes[...]) == nil)
  }

  @Test func framesAreTakenApart() throws {
    let frames = try #require(ProtocolBuffer.frames([0, 0, 0, 0, 2, 8, 1, 1, 0, 0, 0, 0]))
    #expect(frames.map(\.isCompressed) == [false, true])
    #expect(frames.map { Array($0.message) } == [[8, 1], []])
    #expect(ProtocolBuffer.frames([0, 0, 0, 0, 9, 8]) == nil)
    #expect(ProtocolBuffer.frames([2, 0, 0, 0, 0]) == nil)
  }

  @Test func noBytesAreTooOdd() {
    var state: UInt64 = 7
    func next() -> UInt8 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
    for _ in 0..<20_000 {
      let bytes = (0..<Int(next() % 40)).map { _ in next() % 3 == 0 ? next() : next() & 0x1f }
      _ = ProtocolBuffer(bytes[...])
      _ = ProtocolBuffer.frames(bytes)
    }
    // Deeper than anybody looks.
    var nested: [UInt8] = [0x08, 0x01]
    while nested.count < 100 { nested = [0x0a, UInt8(nested.count)] + nested }
    #expect(ProtocolBuffer(nested[...]) != nil)
  }
}
