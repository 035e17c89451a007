import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeReport

/// Archives against the specification of their format, whatever the program under audit has sent.
@Suite struct HARSchemaTests {
  /// Reproducible randomness (SplitMix64; Steele, Lea and Flood, 2014).
  private struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var value = state
      value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
      value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
      return value ^ (value >> 31)
    }

    mutating func bytes(_ limit: Int) -> [UInt8] {
      (0..<Int.random(in: 0...limit, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// What text of a foreign program may be like: controls, quotes, separators, marks of direction, emoji, nothing.
    mutating func text(_ limit: Int = 12) -> String {
      let odd: [UInt32] = [
        0, 7, 10, 13, 0x22, 0x5c, 0x3d, 0x26, 0x3f, 0x2028, 0x202e, 0xfeff, 0xfffd, 0x1f600, 0x10ffff,
      ]
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...limit, using: &self) {
        let value =
          Bool.random(using: &self) ? odd.randomElement(using: &self)! : UInt32.random(in: 32...126, using: &self)
        text.append(Unicode.Scalar(value)!)
      }
      return String(text)
    }

    mutating func headers() -> [HTTPHeader] {
      let names = ["content-type", "Location", "Cookie", "transfer-encoding", ":path"]
      return (0..<Int.random(in: 0...5, using: &self)).map { _ in
        HTTPHeader(
          name: Bool.random(using: &self) ? names.randomElement(using: &self)! : text(), value: text(40))
      }
    }
  }

  private static func trace(seed: UInt64) -> Trace {
    var chance = Chance(state: seed)
    var blobs: [String: [UInt8]] = [:]
    func blob() -> Blob? {
      guard Int.random(in: 0...3, using: &chance) > 0 else { return nil }
      let bytes = Bool.random(using: &chance) ? chance.bytes(60) : Array(chance.text(60).utf8)
      let name = "b\(blobs.count)"
      // Some are not in the bundle.
      if Int.random(in: 0...5, using: &chance) > 0 { blobs[name] = bytes } else { blobs[name] = nil }
      return Blob(sha256: name, size: bytes.count)
    }
    var payloads: [Event.Payload] = []
    for number in 1...Int.random(in: 1...8, using: &chance) {
      payloads.append(
        .connection(
          Connection(
            id: number, transport: .tcp, address: Bool.random(using: &chance) ? "198.18.0.1" : "2001:db8::1",
            port: Int.random(in: 1...65535, using: &chance))))
      payloads.append(
        .request(
          HTTPRequest(
            exchange: number, connection: Bool.random(using: &chance) ? number : 99,
            scheme: Bool.random(using: &chance) ? "http" : "https", host: chance.text(),
            port: Int.random(in: 1...65535, using: &chance), via: [], method: chance.text(6), target: chance.text(80),
            version: ["HTTP/1.0", "HTTP/1.1", "HTTP/2"].randomElement(using: &chance)!, headers: chance.headers(),
            head: blob(), body: blob(), decodedBody: blob(), truncated: Bool.random(using: &chance))))
      if Bool.random(using: &chance) {
        payloads.append(
          .response(
            HTTPResponse(
              exchange: number, status: Int.random(in: 100...599, using: &chance), headers: chance.headers(),
              body: blob(), source: chance.text())))
      }
      if let content = blob() {
        payloads.append(.message(.init(exchange: number, direction: .sent, kind: .binary, content: content)))
      }
    }
    let manifest = RunManifest(
      tool: chance.text(), subject: Subject(argv: ["x"], executable: .init(path: "/x", sha256: "")), profile: nil,
      assignment: Assignment(), repetition: 1, started: seed % 3 == 0 ? chance.text() : "2026-03-01T10:00:00Z",
      surroundings: Surroundings(
        environment: [], home: "/", workingDirectory: "/", user: "u", hostname: "h", utcOffset: 0,
        zoneAbbreviation: "UTC"))
    let events = payloads.enumerated().map {
      Event(sequence: $0 + 1, time: Double($0) / 8, pid: $0 % 3 == 0 ? nil : $0, payload: $1)
    }
    return Trace(id: "r", manifest: manifest, events: events, blobs: blobs)
  }

  private func problems(_ text: String) throws -> String {
    let schema = Python.folder.appending(path: "Schemas/har-1.2.schema.json").path
    let result = try Python.run("Schemas/validate.py", [schema], input: text)
    return result.status == 0 ? "" : "\(result.output)(exit status \(result.status))"
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>) func anyTraceMakesAnArchive(seed: UInt64) throws {
    #expect(try problems(HARExport.encode(Self.trace(seed: seed))) == "")
  }

  @Test func theCheckNoticesWhatIsNone() throws {
    let text = try HARExport.encode(Self.trace(seed: 1))
    for (good, bad) in [("\"bodySize\"", "\"size\""), ("\"version\" : \"1.2\"", "\"version\" : \"1.3\"")] {
      #expect(text.contains(good))
      #expect(try problems(text.replacing(good, with: bad)) != "")
    }
  }

  /// The other writers must stand the same traces.
  @Test func otherExportsTakeAnyTrace() {
    for seed in 100..<400 as Range<UInt64> {
      let trace = Self.trace(seed: seed)
      let capture = PcapngExport.encode(trace)
      // Blocks one after the other, up to the last byte.
      var place = 0
      while place + 12 <= capture.count {
        let length = capture[place + 4..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length >= 12, length % 4 == 0, place + length <= capture.count else { break }
        place += length
      }
      #expect(place == capture.count, "seed \(seed)")
      #expect(!CurlExport.text(trace, bundle: "D").isEmpty)
    }
  }
}
