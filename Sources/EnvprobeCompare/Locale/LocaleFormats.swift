import Glibc
import Synchronization

/// What the CLDR says of one locale: the formats and names that ICU and its like write dates and times with.
///
/// Read from ``LocaleFormatTable``, whose lines are `locale<TAB>base<TAB>key=value…`: what a line does not have is as in
/// the line of its base. Keys: `D`, `T` and `G` with a width are the formats of dates, times and both; `S` with a skeleton
/// those for chosen fields; `N` with the letter of a field its names (`'` after it: standing alone), `P` the halves of the
/// day, `#` the digit zero, `.` the decimal and the grouping mark, `O` the format of an offset, `C` the calendar, and `Z`
/// with a metazone its names: long standard and daylight, short standard and daylight.
struct LocaleFormats: Sendable {
  private let fields: [Substring: Substring]

  /// The CLDR's data for a locale as POSIX names it, `zh_CN.UTF-8`; that of its language where it has none for the
  /// region; `nil` where it has none at all.
  static func of(_ posixName: String) -> LocaleFormats? {
    var name = String(posixName.prefix { $0 != "." && $0 != "@" })
    // ICU takes the default locale of C for the English of the United States.
    if ["C", "POSIX", ""].contains(name) { name = "en_US" }
    return cache.withLock { cache in
      if let known = cache[name] { return known }
      let found = LocaleFormats(name)
      cache[name] = found
      return found
    }
  }

  private static let cache = Mutex<[String: LocaleFormats?]>([:])

  private init?(_ name: String) {
    let language = name.prefix { $0 != "_" }
    guard let line = Self.lines[name] ?? Self.lines.first(where: { $0.key.hasPrefix("\(language)_") })?.value else {
      return nil
    }
    let columns = Self.text(line).split(separator: "\t", omittingEmptySubsequences: false)
    var fields: [Substring: Substring] = [:]
    if let base = columns.count > 1 ? Self.lines[String(columns[1])] : nil {
      for column in Self.text(base).split(separator: "\t").dropFirst() { Self.read(column, into: &fields) }
    }
    for column in columns.dropFirst(2) { Self.read(column, into: &fields) }
    self.fields = fields
  }

  private static func read(_ column: Substring, into fields: inout [Substring: Substring]) {
    guard let equals = column.firstIndex(of: "=") else { return }
    fields[column[..<equals]] = column[column.index(after: equals)...]
  }

  private static func text(_ range: Range<Int>) -> String {
    LocaleFormatTable.text.withUTF8Buffer { String(decoding: $0[range], as: UTF8.self) }
  }

  /// The lines of the table, by their first column.
  private static let lines: [String: Range<Int>] = LocaleFormatTable.text.withUTF8Buffer { bytes in
    var lines: [String: Range<Int>] = [:]
    func end(of byte: Int32, from start: Int, to limit: Int) -> Int {
      guard let base = bytes.baseAddress, let found = memchr(base + start, byte, limit - start) else { return limit }
      return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
    var start = 0
    while start < bytes.count {
      let lineEnd = end(of: 0x0A, from: start, to: bytes.count)
      let nameEnd = end(of: 0x09, from: start, to: lineEnd)
      lines[String(decoding: bytes[start..<nameEnd], as: UTF8.self)] = start..<lineEnd
      start = lineEnd + 1
    }
    return lines
  }

  // MARK: What it says

  /// A field as it stands in the table; empty ones are as good as none.
  subscript(key: String) -> String? { fields[Substring(key)].flatMap { $0.isEmpty ? nil : String($0) } }

  private func list(_ key: String) -> [String] {
    self[key]?.split(separator: ";", omittingEmptySubsequences: false).map(String.init) ?? []
  }

  /// The names of a field, as ``DateFormat/Names`` has them.
  func names(_ letter: String) -> [String] { list("N" + letter) }
  var halves: [String] { list("P") }
  /// The digit zero, where numbers are not written with those of ASCII.
  var zero: Unicode.Scalar { self["#"]?.unicodeScalars.first ?? "0" }
  var decimalMark: Character? { self["."]?.first }
  var groupingMark: Character? { self["."]?.dropFirst().first }
  /// `GMT{0}`
  var offsetFormat: String { self["O"] ?? "GMT{0}" }
  /// The calendar where it is not the Gregorian one: `persian`, `buddhist`.
  var calendar: String? { self["C"] }
  /// The formats that begin with a letter, by the rest of their key, in a fixed order.
  func formats(_ letter: Character) -> [(key: String, format: String)] {
    fields.filter { $0.key.first == letter && !$0.value.isEmpty }
      .map { (String($0.key.dropFirst()), String($0.value)) }.sorted { $0.0 < $1.0 }
  }

  /// What the zone is called, in full and in short.
  func zoneName(of zone: String, isDaylight: Bool) -> (long: String?, short: String?) {
    let synonyms = [zone] + Self.aliases(of: zone)
    var names: [String] = []
    // A zone's own names go before those that it shares with others.
    for key in synonyms.compactMap({ Self.metazones[$0] }).prefix(1) + synonyms {
      for (index, name) in list("Z" + key).enumerated() where !name.isEmpty {
        while names.count <= index { names.append("") }
        names[index] = name
      }
    }
    func name(_ index: Int) -> String? { index < names.count && !names[index].isEmpty ? names[index] : nil }
    return (name(isDaylight ? 1 : 0), name(isDaylight ? 3 : 2))
  }

  /// The other names of a zone.
  static func aliases(of zone: String) -> [String] {
    let canonical = aliases[zone] ?? zone
    return ([canonical] + aliases.filter { $0.value == canonical }.keys.sorted()).filter { $0 != zone }
  }

  private static let metazones = pairs("*zones")
  private static let aliases = pairs("*aliases").merging(["UTC": "Etc/UTC"]) { known, _ in known }

  static func rowKeys(_ line: String) -> [String] { Array(pairs(line).keys) }

  static var localeNames: Set<String> { Set(lines.keys.filter { $0.first != "*" }) }

  private static func pairs(_ line: String) -> [String: String] {
    guard let range = lines[line] else { return [:] }
    var fields: [Substring: Substring] = [:]
    for column in text(range).split(separator: "\t").dropFirst() { read(column, into: &fields) }
    return Dictionary(uniqueKeysWithValues: fields.map { (String($0.key), String($0.value)) })
  }
}
