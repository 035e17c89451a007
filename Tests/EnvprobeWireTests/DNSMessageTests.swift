import Testing

@testable import EnvprobeWire

@Suite struct DNSMessageTests {
  /// A question of glibc's resolver for the addresses of `api.example.com`, with EDNS.
  static let question: [UInt8] =
    [0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1] + [3] + Array("api".utf8) + [7] + Array("example".utf8) + [3]
    + Array("com".utf8) + [0, 0, 1, 0, 1] + [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]

  @Test func readsAQuestion() throws {
    let message = try #require(DNSMessage(Self.question))
    #expect(message.id == 0x1234)
    #expect(!message.isResponse)
    #expect(message.questions == [.init(name: DNSName("api.example.com"), type: .a)])
    #expect(message.additionals.map(\.type) == [.opt])
    #expect(message.additionals.first?.recordClass == 1232)
  }

  @Test func encodingAndDecodingAreInverse() throws {
    let name = DNSName("Api.Example.com")
    let message = DNSMessage(
      id: 7, flags: 0x8180, questions: [.init(name: name, type: .any)],
      answers: [
        .init(name: name, type: .a, timeToLive: 300, data: [1, 2, 3, 4]),
        .init(name: DNSName("other.example"), type: .aaaa, timeToLive: 0xffff_ffff, data: Array(0..<16)),
      ], authorities: [.init(name: DNSName(labels: []), type: .soa, timeToLive: 1, data: [0, 0])],
      additionals: [.init(name: DNSName(labels: []), type: .opt, recordClass: 4096, timeToLive: 0, data: [])])
    #expect(DNSMessage(message.bytes) == message)
  }

  @Test func followsPointersBackwards() throws {
    let bytes: [UInt8] =
      [0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0] + [1, 0x61, 1, 0x62, 0, 0, 1, 0, 1]
      + [1, 0x63, 0xc0, 14, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 9, 9, 9, 9]
    let message = try #require(DNSMessage(bytes))
    #expect(message.questions.first?.name.text == "a.b")
    #expect(message.answers.first?.name.text == "c.b")
  }

  @Test(
    arguments: [
      [0xc0, 12, 0, 1, 0, 1],  // a pointer to itself
      [0xc0, 0xff, 0, 1, 0, 1],  // a pointer beyond the end
      [0x40, 1, 0, 0, 1, 0, 1],  // a label of a kind that does not exist
      [63, 1, 2, 3],  // a label that is longer than what is left
      [0, 0, 1],  // no class
    ] as [[UInt8]])
  func refusesWhatIsNoName(question: [UInt8]) {
    #expect(DNSMessage([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + question) == nil)
  }

  @Test func refusesNamesLongerThan255Bytes() {
    let label = [63] + [UInt8](repeating: 0x61, count: 63)
    let name = label + label + label + label + [0]
    #expect(DNSMessage([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + name + [0, 1, 0, 1]) == nil)
  }

  @Test func survivesAnyBytes() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<20_000 {
      var bytes = Self.question
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      bytes.removeLast(Int.random(in: 0...bytes.count, using: &generator))
      guard let message = DNSMessage(bytes) else { continue }
      // What was understood can be written and is understood the same way again.
      #expect(DNSMessage(message.bytes) == message)
    }
  }

  @Test(arguments: [
    ("example.com", "example.com"), ("Example.COM.", "Example.COM"), ("", ""),
  ])
  func namesHaveTheirUsualNotation(text: String, expected: String) {
    #expect(DNSName(text).text == expected)
  }

  @Test func oddBytesInNamesAreEscaped() {
    #expect(DNSName(labels: [[0x61, 0x2e, 0x00], [0xff]]).text == #"a\.\000.\255"#)
  }

  @Test(arguments: [
    ("4.3.2.1.in-addr.arpa", "1.2.3.4"), ("4.3.2.in-addr.arpa", nil),
    ("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "2001:db8::1"), ("example.com", nil),
  ])
  func reverseNamesStandForAddresses(name: String, address: String?) {
    #expect(DNSName(name).reversedAddress?.text == address)
  }
}

/// Reproducible randomness (SplitMix64; Steele, Lea and Flood, 2014).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
