/// A file of the time zone database, read as far as it takes to know the local time.
///
/// RFC 8536 (TZif). Instants after the last transition follow the rule in the footer, which "slim" files need already
/// for the present.
public struct ZoneFile: Hashable, Sendable {
  /// What holds at one instant.
  public struct Moment: Hashable, Sendable, Codable {
    /// Seconds east of Greenwich.
    public var offset: Int
    public var abbreviation: String
    /// Whether clocks are put forward.
    public var isDaylight: Bool

    public init(offset: Int, abbreviation: String, isDaylight: Bool = false) {
      self.offset = offset
      self.abbreviation = abbreviation
      self.isDaylight = isDaylight
    }

    public static let utc = Moment(offset: 0, abbreviation: "UTC")
  }

  private var transitions: [(time: Int64, type: Int)]
  private var types: [Moment]
  private var footer: ZoneRule?

  public static func == (a: ZoneFile, b: ZoneFile) -> Bool {
    a.types == b.types && a.footer == b.footer && a.transitions.elementsEqual(b.transitions, by: ==)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(types)
    hasher.combine(transitions.count)
  }

  /// `nil` where the bytes are no such file.
  public init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes[...])
    guard let first = reader.header() else { return nil }
    var header = first
    var timeSize = 4
    if first.version >= UInt8(ascii: "2") {
      // The first block is there for readers of version 1.
      guard reader.skip(first.blockSize(timeSize: 4)), let second = reader.header() else { return nil }
      header = second
      timeSize = 8
    }
    guard header.typeCount > 0 else { return nil }
    var times: [Int64] = []
    for _ in 0..<header.timeCount {
      guard let time = reader.integer(size: timeSize) else { return nil }
      times.append(time)
    }
    guard let indices = reader.take(header.timeCount) else { return nil }
    guard indices.allSatisfy({ Int($0) < header.typeCount }) else { return nil }
    transitions = zip(times, indices).map { (time: $0, type: Int($1)) }
    var raw: [(offset: Int, isDaylight: Bool, name: Int)] = []
    for _ in 0..<header.typeCount {
      guard let offset = reader.integer(size: 4), let daylight = reader.take(1), let name = reader.take(1) else {
        return nil
      }
      raw.append((Int(offset), daylight.first! != 0, Int(name.first!)))
    }
    guard let names = reader.take(header.nameCount) else { return nil }
    types = []
    for type in raw {
      guard type.name < names.count else { return nil }
      let name = names.dropFirst(type.name).prefix { $0 != 0 }
      types.append(
        Moment(
          offset: type.offset, abbreviation: String(decoding: name, as: UTF8.self), isDaylight: type.isDaylight))
    }
    let tail = header.leapCount * (timeSize + 4) + header.standardCount + header.universalCount
    guard reader.skip(tail) else { return nil }
    if timeSize == 8, reader.take(1)?.first == UInt8(ascii: "\n") {
      let line = reader.bytes.prefix { $0 != UInt8(ascii: "\n") }
      footer = ZoneRule(String(decoding: line, as: UTF8.self))
    }
  }

  /// What holds at an instant, in seconds since 1970.
  public func moment(at instant: Int64) -> Moment {
    if let footer, transitions.last.map({ instant >= $0.time }) ?? true { return footer.moment(at: instant) }
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].time <= instant { low = middle + 1 } else { high = middle }
    }
    return types[low == 0 ? 0 : transitions[low - 1].type]
  }
}

private struct Reader {
  struct Header {
    var version: UInt8
    var universalCount, standardCount, leapCount, timeCount, typeCount, nameCount: Int

    func blockSize(timeSize: Int) -> Int {
      timeCount * (timeSize + 1) + typeCount * 6 + nameCount + leapCount * (timeSize + 4) + standardCount
        + universalCount
    }
  }
  var bytes: ArraySlice<UInt8>

  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, bytes.count >= count else { return nil }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  mutating func skip(_ count: Int) -> Bool { take(count) != nil }

  /// A signed big-endian integer.
  mutating func integer(size: Int) -> Int64? {
    guard let taken = take(size) else { return nil }
    let value = taken.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
  }

  mutating func header() -> Header? {
    guard let magic = take(4), magic.elementsEqual("TZif".utf8), let version = take(1)?.first, skip(15) else {
      return nil
    }
    var counts: [Int] = []
    for _ in 0..<6 {
      guard let count = integer(size: 4), (0...1_000_000).contains(count) else { return nil }
      counts.append(Int(count))
    }
    return Header(
      version: version, universalCount: counts[0], standardCount: counts[1], leapCount: counts[2],
      timeCount: counts[3], typeCount: counts[4], nameCount: counts[5])
  }
}
