import EnvprobeModel
import Foundation
import Testing

@Suite struct ByteStringTests {
  @Test(
    arguments: [[], [0x61], [0xC3, 0xA9], [0xFF], [0x00], [0xED, 0xA0, 0x80], Array("’\u{200B}".utf8)] as [[UInt8]])
  func survivesJSON(bytes: [UInt8]) throws {
    let value = ByteString(bytes)
    #expect(try JSONDecoder().decode([ByteString].self, from: JSONEncoder().encode([value])) == [value])
  }

  /// Two strings that are canonically equivalent are not the same bytes.
  @Test func comparesBytes() { #expect(ByteString("\u{E9}".utf8) != ByteString("e\u{301}".utf8)) }

  static let observed: [Observed<ByteString>] = [
    .complete("x"), .complete(ByteString([0xFF])), .truncated("x", of: 9), .truncated(ByteString([0xFF]), of: nil),
    .unreadable(errno: "EFAULT"),
  ]

  @Test(arguments: observed) func observedSurvivesJSON(value: Observed<ByteString>) throws {
    #expect(try JSONDecoder().decode([Observed<ByteString>].self, from: JSONEncoder().encode([value])) == [value])
  }
}
