import EnvprobeModel
import Testing

@testable import EnvprobeWire

@Suite struct ContentCodingTests {
  static let text = Array(#"{"hello": "world"}{"hello": "world"}{"hello": "world"}"#.utf8)
  static let gzip = Base64.decode("H4sIAAAAAAACA6tWykjNyclXslJQKs8vyklRqq0mQgQAdAfgeDYAAAA=")!
  static let zlib = Base64.decode("eJyrVspIzcnJV7JSUCrPL8pJUaqtJkIEAPV+EkM=")!
  static let bareDeflate = Base64.decode("q1bKSM3JyVeyUlAqzy/KSVGqrSZCBAA=")!
  static let brotliText = Base64.decode("GzUAQBwHzvkpLrILgr6Fcg8NpEXYyt6WTl91M1BYxqsTqAY=")!
  static let zstandard = Base64.decode("KLUv/QRYxQAAkHsiaGVsbG8iOiAid29ybGQifQEAFjnDsO9t+A==")!

  @Test(arguments: [
    ("gzip", gzip), ("x-gzip", gzip), ("GZIP", gzip), ("identity, gzip", gzip), ("deflate", zlib),
    ("deflate", bareDeflate), ("br", brotliText), ("zstd", zstandard),
  ])
  func undoesEveryCoding(name: String, bytes: [UInt8]) throws {
    #expect(try ContentCoding.decode(bytes, codings: name, limit: 1 << 20) == Self.text)
  }

  @Test(arguments: ["", "identity", " identity , "]) func nothingToUndoIsNoBody(name: String) throws {
    #expect(try ContentCoding.decode(Self.text, codings: name, limit: 100) == nil)
  }

  @Test func membersOfAGzipFileAreOneBody() throws {
    #expect(try ContentCoding.decode(Self.gzip + Self.gzip, codings: "gzip", limit: 1000) == Self.text + Self.text)
  }

  @Test func framesOfZstandardAreOneBody() throws {
    let twice = Self.zstandard + Self.zstandard
    #expect(try ContentCoding.decode(twice, codings: "zstd", limit: 1000) == Self.text + Self.text)
  }

  @Test(arguments: [("gzip", gzip), ("deflate", zlib), ("br", brotliText), ("zstd", zstandard)])
  func whatEndsEarlyIsCorrupt(name: String, bytes: [UInt8]) {
    for count in [1, bytes.count / 2, bytes.count - 1] {
      #expect(throws: ContentCoding.Failure.corrupt(name)) {
        try ContentCoding.decode(Array(bytes.prefix(count)), codings: name, limit: 1000)
      }
    }
  }

  @Test(arguments: [("gzip", gzip), ("deflate", zlib), ("br", brotliText), ("zstd", zstandard)])
  func survivesAnyBytes(name: String, bytes: [UInt8]) {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<500 {
      var bytes = bytes
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      _ = try? ContentCoding.decode(bytes, codings: name, limit: 1000)
    }
  }

  @Test(arguments: [("gzip", gzip), ("deflate", zlib), ("br", brotliText), ("zstd", zstandard)])
  func theResultIsBounded(name: String, bytes: [UInt8]) throws {
    #expect(throws: ContentCoding.Failure.tooLarge(limit: Self.text.count - 1)) {
      try ContentCoding.decode(bytes, codings: name, limit: Self.text.count - 1)
    }
    #expect(try ContentCoding.decode(bytes, codings: name, limit: Self.text.count) == Self.text)
  }

  /// 100 MiB of zeros in less than a hundred bytes of Brotli.
  @Test func aBombStopsAtTheLimit() {
    let bomb = Base64.decode(
      "y///P/gnAOKxQCD3/o///3/wTwDEYRGA7v0f////4J8AiMMCAN37P/7//8E/ARCHBQC693/8//+DfwIgDgsAdO//+P//B/8EQBwWAOje//H//w/+CYA4LADQvf/j//8f/BMAcVgAoHv/x///P/gnAOKwAED3/o///3/wTwDEYQGA7v0f////4J8AiMMCAN37P/7//8E/ARCHBQC693/5//+DfwIgDgsAdO9/AA=="
    )!
    #expect(throws: ContentCoding.Failure.tooLarge(limit: 1 << 20)) {
      try ContentCoding.decode(bomb, codings: "br", limit: 1 << 20)
    }
  }

  @Test func unknownCodingsAreNamed() {
    #expect(throws: ContentCoding.Failure.unknown("snappy")) {
      try ContentCoding.decode([1], codings: "snappy", limit: 10)
    }
  }
}
