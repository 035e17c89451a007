import EnvprobeCompare
import EnvprobeModel

/// Reads a program for the names of places that it may look for: levels that nobody would guess.
///
/// Plain text, UTF-16, base64, text of which every byte is combined with one and the same other (XOR), such text in
/// base64, and what is packed by deflate (zip, gzip, PNG and so on). A name is the more telling the more effort was made
/// to hide it, the fewer of its kind stand around it (a table of all time zones comes with every runtime), and the rarer
/// it is.
public struct Mine {
  /// Deflated streams are unpacked up to this size.
  static let largestUnpacked = 64 << 20
  private static let listedOffsets = 5

  private struct Key: Hashable {
    var kind: MinedName.Kind
    var text: String
    var encodings: [String]
  }
  private struct Place {
    var offsets: [Int] = []
    var count = 0
    var score = 0.0
  }

  private var found: [Key: Place] = [:]
  private let classifier = NameClassifier()

  /// The names in a program, the most telling first.
  public static func names(in bytes: UnsafeBufferPointer<UInt8>) -> [MinedName] {
    var mine = Mine()
    mine.dig(bytes, encodings: [], base: nil)
    return mine.ranked
  }

  private init() {}

  private mutating func dig(_ bytes: UnsafeBufferPointer<UInt8>, encodings: [String], base: Int?) {
    words(bytes, encodings, base)
    if encodings.count < 3 {
      wide(bytes, encodings, base)
      masked(bytes, encodings, base)
      if !encodings.contains("deflate") { unpack(bytes, encodings, base) }
    }
  }

  private struct Hit {
    var kind: MinedName.Kind
    var text: String
    var offset: Int
    /// Whether it stands in something that reads like text.
    var isLikely: Bool
  }

  /// Whether the bytes come from an attempt at decoding, which makes words out of noise, too.
  private static func isDecoded(_ encodings: [String]) -> Bool {
    encodings.contains { $0 == "base64" || $0.hasPrefix("xor") }
  }

  /// So many characters around a name tell text from noise.
  private static let surroundings = 24

  /// Whether what stands around a name is mostly letters, digits and what separates names. Of bytes by chance that can be
  /// printed at all, a quarter is none of these.
  private static func isLikely(_ text: String, at word: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let around = bytes[max(0, word.lowerBound - surroundings)..<min(bytes.count, word.upperBound + surroundings)]
    // A name of a zone or a locale is long enough to be no chance.
    if around.count < text.utf8.count + 6 { return text.utf8.count >= 8 }
    let plain = around.count { byte in
      (97...122).contains(byte) || (48...57).contains(byte) || (65...90).contains(byte)
        || " ,.;:|/_-\"'\n\r\0".utf8.contains(byte)
    }
    let small = around.count { (97...122).contains($0) }
    let capitals = around.count { (65...90).contains($0) }
    return Double(plain) >= 0.93 * Double(around.count) && (small >= 2 * capitals || capitals >= 4 * small)
  }

  // MARK: Words

  /// Letters, digits, and what may stand within a name.
  private static let isNamePart: [Bool] = (0..<256).map { byte in
    let byte = UInt8(byte)
    return (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || "_-./+".utf8.contains(byte)
  }

  private mutating func words(_ bytes: UnsafeBufferPointer<UInt8>, _ encodings: [String], _ base: Int?) {
    var position = 0
    let count = bytes.count
    var hits: [Hit] = []
    Self.isNamePart.withUnsafeBufferPointer { isPart in
      while position < count {
        guard isPart[Int(bytes[position])] else {
          position += 1
          continue
        }
        let start = position
        var marks: UInt8 = 0
        var hasLower = false
        while position < count, isPart[Int(bytes[position])] {
          let byte = bytes[position]
          switch byte {
          case UInt8(ascii: "/"): marks |= 1
          case UInt8(ascii: "."): marks |= 2
          case UInt8(ascii: "_"): marks |= 4
          case UInt8(ascii: "-"): marks |= 8
          case 97...122: hasLower = true
          default: break
          }
          position += 1
        }
        let length = position - start
        if length >= 16, encodings.count < 2, marks & 2 == 0 { base64(bytes, start..<position, encodings, base) }
        let isShort = length <= 3
        guard length >= 2, length <= 400, isShort ? !hasLower : marks != 0 || length <= 8 && !hasLower else { continue }
        let isQuoted = start > 0 && position < count && Self.isQuote(bytes[start - 1]) && Self.isQuote(bytes[position])
        if isShort && !isQuoted { continue }
        for word in Self.candidates(bytes, start..<position, marks) {
          let text = String(decoding: bytes[word], as: UTF8.self)
          if let kind = classifier.kind(of: text, isQuoted: isQuoted) {
            let isLikely = !Self.isDecoded(encodings) || Self.isLikely(text, at: word, in: bytes)
            hits.append(Hit(kind: kind, text: text, offset: word.lowerBound, isLikely: isLikely))
          }
        }
      }
    }
    add(hits, encodings, base)
  }

  private static func isQuote(_ byte: UInt8) -> Bool { "\"'`\0".utf8.contains(byte) }

  /// The word; for something like a URL or a path its first part, which may be a host; the last part of a property.
  private static func candidates(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ marks: UInt8
  ) -> [Range<Int>] {
    var first = range.lowerBound
    while first < range.upperBound, bytes[first] == UInt8(ascii: "/") || bytes[first] == UInt8(ascii: ".") {
      first += 1
    }
    var last = range.upperBound
    while last > first, ".-/+".utf8.contains(bytes[last - 1]) { last -= 1 }
    guard last - first >= 2 else { return [] }
    var result = last - first <= 80 ? [first..<last] : []
    if marks & 3 == 3, let slash = bytes[first..<last].firstIndex(of: UInt8(ascii: "/")), slash - first >= 4 {
      result.append(first..<slash)
    }
    // `process.env.HTTPS_PROXY`
    if marks & 6 == 6, let dot = bytes[first..<last].lastIndex(of: UInt8(ascii: ".")), last - dot >= 3 {
      result.append(dot + 1..<last)
    }
    return result
  }

  private mutating func add(
    _ hits: [Hit], _ encodings: [String], _ base: Int?
  ) {
    // How many of a kind stand within a few kilobytes.
    var windows: [MinedName.Kind: [Int]] = [:]
    for hit in hits { windows[hit.kind, default: []].append(hit.offset) }
    for hit in hits {
      let around = windows[hit.kind]!
      var low = 0
      var high = around.count
      while low < high {
        let middle = (low + high) / 2
        if around[middle] < hit.offset - 2048 { low = middle + 1 } else { high = middle }
      }
      var crowd = 0
      while low < around.count, around[low] <= hit.offset + 2048, crowd < 200 {
        crowd += 1
        low += 1
      }
      let key = Key(kind: hit.kind, text: hit.text, encodings: encodings)
      var place = found[key] ?? Place()
      place.count += 1
      if place.offsets.count < Self.listedOffsets { place.offsets.append(base ?? hit.offset) }
      // A code of two or three letters comes out of anything; several beside each other do not.
      let isCode = hit.kind == .territory || hit.kind == .currency
      let isChance = Self.isDecoded(encodings) && (!hit.isLikely || isCode && crowd < 3)
      let weight = isChance ? Self.weight(hit.kind, []) / 20 : Self.weight(hit.kind, encodings)
      place.score = max(place.score, weight / (1 + Double(max(0, crowd - 8)) / 8))
      found[key] = place
    }
  }

  private static func weight(_ kind: MinedName.Kind, _ encodings: [String]) -> Double {
    let base: Double =
      switch kind {
      case .zone: 10
      case .variable: 6
      case .host: 5
      case .locale: 4
      case .territory, .currency: 1
      }
    return encodings.reduce(base) { weight, encoding in
      weight * (encoding.hasPrefix("xor") ? 8 : encoding == "base64" ? 4 : encoding == "utf-16" ? 1.5 : 1)
    }
  }

  private var ranked: [MinedName] {
    found.map { key, place in
      // What stands everywhere is no secret.
      let rarity = place.count > 50 ? 0.5 : 1
      return MinedName(
        kind: key.kind, text: key.text, encodings: key.encodings, offsets: place.offsets, count: place.count,
        score: (place.score * rarity * 100).rounded() / 100)
    }.sorted { a, b in
      a.score == b.score ? (a.kind.rawValue, a.text) < (b.kind.rawValue, b.text) : a.score > b.score
    }
  }

  // MARK: Encodings

  /// UTF-16 in the order of bytes that is usual: text of which every second byte is zero.
  private mutating func wide(_ bytes: UnsafeBufferPointer<UInt8>, _ encodings: [String], _ base: Int?) {
    guard encodings.isEmpty || encodings == ["deflate"] else { return }
    var position = 0
    let count = bytes.count - 1
    while position < count {
      guard bytes[position + 1] == 0, bytes[position] >= 0x20, bytes[position] < 0x7F else {
        position += 1
        continue
      }
      let start = position
      var text: [UInt8] = [0]
      while position < count, bytes[position + 1] == 0, bytes[position] >= 0x20, bytes[position] < 0x7F {
        text.append(bytes[position])
        position += 2
      }
      guard text.count >= 6 else { continue }
      text.append(0)
      text.withUnsafeBufferPointer { words($0, encodings + ["utf-16"], base ?? start) }
    }
  }

  private mutating func base64(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ encodings: [String], _ base: Int?
  ) {
    // Very long words are data of other kinds, or pictures.
    guard range.count <= 1 << 20, !encodings.contains("base64") else { return }
    let text = String(decoding: bytes[range], as: UTF8.self).replacing("-", with: "+").replacing("_", with: "/")
    let padding = String(repeating: "=", count: (4 - range.count % 4) % 4)
    guard let decoded = Base64.decode(text + padding), decoded.count >= 10 else { return }
    let inner = encodings + ["base64"]
    let place = base ?? range.lowerBound
    decoded.withUnsafeBufferPointer { decoded in
      if Self.isText(decoded) {
        words(decoded, inner, place)
      } else if decoded.count <= 1 << 16 {
        brokenMask(decoded, inner, place)
      }
    }
  }

  private static func isText(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 || $0 == 0 }
  }

  /// A short text under every mask of one byte: the ones under which all of it is text are looked at.
  private mutating func brokenMask(_ bytes: UnsafeBufferPointer<UInt8>, _ encodings: [String], _ base: Int) {
    var low: UInt8 = 0xFF
    var high: UInt8 = 0
    for byte in bytes {
      low &= byte
      high |= byte
    }
    // Text of ASCII has its highest bit clear throughout: under a mask it is the same throughout.
    guard (low ^ high) & 0x80 == 0 else { return }
    for mask in UInt8(1)...255 {
      guard bytes.prefix(64).allSatisfy({ Self.isTextByte($0 ^ mask) }),
        bytes.allSatisfy({ Self.isTextByte($0 ^ mask) })
      else { continue }
      bytes.map { $0 ^ mask }.withUnsafeBufferPointer { words($0, encodings + [Self.name(of: mask)], base) }
    }
  }

  private static func isTextByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte < 0x7F || byte == 0x0A || byte == 0 }

  private static func name(of mask: UInt8) -> String { "xor 0x" + Hexadecimal.encode([mask]) }

  /// Texts under a mask of one byte. The difference of neighbouring bytes does not depend on the mask, so words that such
  /// texts are likely to hold are looked for by theirs.
  private mutating func masked(_ bytes: UnsafeBufferPointer<UInt8>, _ encodings: [String], _ base: Int?) {
    guard encodings.isEmpty || encodings == ["deflate"], bytes.count > 16 else { return }
    var seen = 0
    let cribs = MaskCribs.shared
    var position = 0
    let end = bytes.count - MaskCribs.width
    while position < end {
      guard let mask = cribs.mask(bytes, at: position), mask != 0, position >= seen else {
        position += 1
        continue
      }
      var first = position
      while first > 0, position - first < 1 << 16, Self.isTextByte(bytes[first - 1] ^ mask) { first -= 1 }
      var last = position
      while last < bytes.count, last - position < 1 << 16, Self.isTextByte(bytes[last] ^ mask) { last += 1 }
      if last - first >= 10 {
        bytes[first..<last].map { $0 ^ mask }.withUnsafeBufferPointer {
          words($0, encodings + [Self.name(of: mask)], base ?? first)
        }
        seen = last
      }
      position = max(position + 1, last)
    }
  }

  // MARK: Archives

  /// Streams of gzip and members of zip archives.
  private mutating func unpack(_ bytes: UnsafeBufferPointer<UInt8>, _ encodings: [String], _ base: Int?) {
    for stream in PackedStreams(bytes) {
      guard let content = stream.content(in: bytes, atMost: Self.largestUnpacked) else { continue }
      content.withUnsafeBufferPointer { dig($0, encodings: encodings + ["deflate"], base: base ?? stream.start) }
    }
  }
}
