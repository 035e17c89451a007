import Crypto
import EnvprobeModel

/// Hashes of what the program itself sent or wrote: a digest of a content tells nothing that the content does not, and is
/// observed as `<sha256(content)>`.
///
/// Known are bodies and files as a whole, and every object and array of those that are JSON, both as written and with
/// sorted keys, without white space (the form that content-addressed stores use; RFC 8785 for what agents write).
struct ContentDigests: Sendable {
  /// Larger documents are hashed as a whole only.
  private static let largestDocument = 4 << 20
  /// Shorter texts are not worth a digest, and are many.
  private static let shortestText = 16

  /// Lower-case hex to the algorithm's name.
  private(set) var names: [[UInt8]: String] = [:]

  init(_ trace: Trace) {
    var seen: Set<String> = []
    for event in trace.events {
      let blobs: [Blob?]
      switch event.payload {
      case .request(let request): blobs = [request.body, request.decodedBody]
      case .file(let change): blobs = [change.content]
      default: continue
      }
      for case let blob? in blobs where seen.insert(blob.sha256).inserted {
        names[Array(blob.sha256.utf8)] = "sha256"
        guard let bytes = trace.blobs[blob.sha256], bytes.count <= Self.largestDocument else { continue }
        add(documentsOf: bytes)
      }
    }
  }

  private mutating func add(documentsOf bytes: [UInt8]) {
    guard let first = bytes.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return }
    if let document = JSONText.parse(bytes) {
      _ = add(document.root)
      return
    }
    for line in bytes.split(separator: 0x0A) {
      guard let document = JSONText.parse(line) else { return }
      _ = add(document.root)
    }
  }

  /// Adds a value and all that it holds. Returns it as written and with sorted keys.
  private mutating func add(_ value: JSONText) -> (written: [UInt8], sorted: [UInt8]) {
    switch value {
    case .literal(let text):
      let bytes = Array(text.utf8)
      return (bytes, bytes)
    case .string(let text):
      let bytes = Self.quoted(text)
      return (bytes, bytes)
    case .array(let elements):
      let parts = elements.map { add($0) }
      return note(
        Self.joined(parts.map(\.written), "[", "]"), Self.joined(parts.map(\.sorted), "[", "]"))
    case .object(let members):
      let parts = members.map { member in
        let value = add(member.value)
        let key = Self.quoted(member.key) + [UInt8(ascii: ":")]
        return (key: Text(member.key), written: key + value.written, sorted: key + value.sorted)
      }
      return note(
        Self.joined(parts.map(\.written), "{", "}"),
        Self.joined(parts.sorted { $0.key < $1.key }.map(\.sorted), "{", "}"))
    }
  }

  private mutating func note(_ written: [UInt8], _ sorted: [UInt8]) -> (written: [UInt8], sorted: [UInt8]) {
    for text in written == sorted ? [written] : [written, sorted] where text.count >= Self.shortestText {
      names[Hexadecimal.digits(of: SHA256.hash(data: text))] = "sha256"
      names[Hexadecimal.digits(of: Insecure.SHA1.hash(data: text))] = "sha1"
      names[Hexadecimal.digits(of: Insecure.MD5.hash(data: text))] = "md5"
    }
    return (written, sorted)
  }

  private static func joined(_ parts: [[UInt8]], _ open: Unicode.Scalar, _ close: Unicode.Scalar) -> [UInt8] {
    var result = [UInt8(ascii: open)]
    result.reserveCapacity(parts.reduce(2) { $0 + $1.count + 1 })
    for (index, part) in parts.enumerated() {
      if index > 0 { result.append(UInt8(ascii: ",")) }
      result += part
    }
    result.append(UInt8(ascii: close))
    return result
  }

  /// As JavaScript's `JSON.stringify` has it, which RFC 8785 adopts.
  private static func quoted(_ text: String) -> [UInt8] {
    var result = [UInt8(ascii: "\"")]
    result.reserveCapacity(text.utf8.count + 2)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
      case 0x08: result += Array("\\b".utf8)
      case 0x09: result += Array("\\t".utf8)
      case 0x0A: result += Array("\\n".utf8)
      case 0x0C: result += Array("\\f".utf8)
      case 0x0D: result += Array("\\r".utf8)
      case 0..<0x20: result += Array("\\u00".utf8) + Hexadecimal.digits(of: [byte])
      default: result.append(byte)
      }
    }
    result.append(UInt8(ascii: "\""))
    return result
  }

  /// The placeholder for a whole word of hex digits; `nil` where it is no digest of a content.
  func placeholder(for word: UnsafeBufferPointer<UInt8>.SubSequence) -> String? {
    guard [32, 40, 64].contains(word.count) else { return nil }
    let lower = word.map { (65...70).contains($0) ? $0 + 32 : $0 }
    return names[lower].map { "<\($0)(content)>" }
  }
}
