import EnvprobeModel
import Testing

@testable import EnvprobeMatrix

/// Names of places are found however they are written, and ordinary words are none.
struct MineTests {
  private static func names(_ bytes: [UInt8]) -> [MinedName] {
    bytes.withUnsafeBufferPointer { Mine.names(in: $0) }
  }

  private static let filler = Array("function a(b){return b.length+\"x\"};".utf8)

  private static func masked(_ text: String, _ mask: UInt8) -> [UInt8] {
    text.utf8.map { $0 ^ mask }
  }

  static let encoded: [(name: String, bytes: [UInt8], encodings: [String])] = [
    ("plain", Array("if(tz===\"Asia/Urumqi\")".utf8), []),
    ("UTF-16", "Asia/Urumqi".utf16.flatMap { [UInt8($0), 0] }, ["utf-16"]),
    (
      "base64", Array("\"\(Base64.encode(Array("Asia/Urumqi,Asia/Shanghai".utf8)))\"".utf8),
      ["base64"]
    ),
    ("XOR", masked("|Asia/Urumqi|example|", 0x5A), ["xor 0x5a"]),
    (
      "base64 and XOR", Array("'\(Base64.encode(masked("Asia/Urumqi,Asia/Harbin", 0x21)))'".utf8),
      ["base64", "xor 0x21"]
    ),
  ]

  @Test(arguments: encoded)
  func aZoneIsFound(_ name: String, _ bytes: [UInt8], _ encodings: [String]) throws {
    let found = Self.names(
      [0xFF, 0xC3] + Self.filler + [0xE1, 0x90] + bytes + [0xE1, 0x90] + Self.filler)
    let zone = try #require(found.first { $0.text == "Asia/Urumqi" }, "\(found)")
    #expect(zone.kind == .zone)
    #expect(zone.encodings == encodings)
    #expect(zone.count == 1)
    #expect(zone.offsets.count == 1)
  }

  static let plain: [(text: String, kind: MinedName.Kind, name: String)] = [
    ("x=\"https://gateway.example.com/v1\"", .host, "gateway.example.com"),
    ("'zh-CN'", .locale, "zh-CN"),
    ("[\"CN\",\"RU\"]", .territory, "RU"), ("\"CNY\"", .currency, "CNY"),
    ("process.env.ANTHROPIC_BASE_URL", .variable, "ANTHROPIC_BASE_URL"),
    ("getenv(\"TZ\")", .variable, "TZ"),
    ("HTTPS_PROXY\0", .variable, "HTTPS_PROXY"),
  ]

  @Test(arguments: plain) func everyKindIsFound(
    _ text: String, _ kind: MinedName.Kind, _ name: String
  ) {
    let found = Self.names(Array(" \(text) ".utf8))
    #expect(found.contains { $0.kind == kind && $0.text == name }, "\(found)")
  }

  @Test(arguments: [
    "window.top a.in e.de this.info", "IN and OR", "Asia", "foo_bar MAX_VALUE", "CN",
  ])
  func ordinaryWordsAreNone(_ text: String) {
    #expect(Self.names(Array(text.utf8)).isEmpty, "\(Self.names(Array(text.utf8)))")
  }

  @Test func whatWasHiddenComesFirst() throws {
    let bytes = Array("\"Europe/Berlin\" \"\(Base64.encode(Array("x Asia/Urumqi y".utf8)))\"".utf8)
    #expect(Self.names(bytes).map(\.text) == ["Asia/Urumqi", "Europe/Berlin"])
  }

  @Test func archivesAreOpened() throws {
    // gzip -9n of `tz == "Asia/Urumqi"`.
    let packed = try #require(
      Base64.decode("H4sIAAAAAAACAyupUrC1VVByLM5M1A8tKs0tzFQCAJvo8hkTAAAA"))
    let found = Self.names([0, 1, 2] + packed + [3])
    let zone = try #require(found.first { $0.kind == .zone }, "\(found)")
    #expect(zone.text == "Asia/Urumqi")
    #expect(zone.encodings == ["deflate"])
    #expect(zone.offsets == [3])
  }

  /// Noise that happens to decode to a code or a host is not ahead of what stands there in plain sight.
  @Test func noiseIsNotMistakenForWhatIsHidden() throws {
    var generator = SeededGenerator(seed: 3)
    let noise = (0..<400_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let hidden = Self.masked("|Asia/Urumqi|baidu.cn|alibaba-inc.com|", 0x5A)
    let found = Self.names(noise + hidden + noise + Array("\"Europe/Berlin\"".utf8))
    let first = try #require(found.first)
    #expect(["Asia/Urumqi", "alibaba-inc.com"].contains(first.text), "\(found.prefix(5))")
    let berlin = try #require(found.firstIndex { $0.text == "Europe/Berlin" })
    #expect(
      !found[..<berlin].contains { $0.kind == .territory || $0.kind == .currency },
      "\(found.prefix(8))")
  }
}
