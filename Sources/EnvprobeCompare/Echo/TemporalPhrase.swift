/// Dates and times of the run's clock in running text, whatever way they are written.
///
/// Found is what names a moment of the run, in its zone or in UTC; it becomes a placeholder that keeps the *format* and
/// drops the moment: `<local-date:Y-m-d>` for `2026-06-30`, `<instant:a b d H:M:S X Y>` for `date`'s output. So a
/// roll-over at midnight vanishes and a changed separator, order or padding survives.
///
/// Letters: `Y` year, `y` two digits of it, `m` and `d` month and day in two digits, `n` and `j` without a leading zero,
/// `B` `b` name of the month in full and short, `A` `a` of the weekday (`^` before it in capitals, `_` in small letters),
/// `H` hour, `h` hour of twelve, `G` `g` these without a leading zero, `M` minute, `S` second, `.3` `.6` `.9` its
/// fraction to that precision, `p` AM or PM, `X` the zone's abbreviation, `±hh:mm` the zone's offset. `*` before a letter
/// says that it is written as the locale of the run has it: `*B` is `Juni`, `B` is `June`, there as everywhere.
struct TemporalPhrase {
  let windows: [ClockWindow]
  /// The zone's abbreviation, empty where it has none.
  let abbreviation: [UInt8]
  /// How the run's locale writes dates.
  private(set) var locale: LocalePhrases?
  private var starts: StartTable

  init(windows: [ClockWindow], abbreviation: [UInt8]) {
    self.windows = windows
    self.abbreviation = abbreviation
    starts = Cursor.englishStarts
    for digit in UInt8(ascii: "0")...UInt8(ascii: "9") { starts.insert(digit, nil) }
  }

  /// Adds what a locale writes.
  mutating func write(in locale: LocalePhrases) {
    self.locale = locale
    starts.formUnion(locale.starts)
  }

  struct Match {
    /// How many bytes it takes.
    var length: Int
    var placeholder: String
    /// The names of all formats that write this: see ``FormatEcho``.
    var readings: Set<String>
  }

  /// Whether a phrase could start at a place, by the bytes that stand there.
  func canStart(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool { starts.contains(bytes, at: place) }

  /// The longest phrase that starts at `start`, which must not stand within a word.
  func match(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Match? {
    var cursor = Cursor(bytes: bytes, position: start)
    let english = (cursor.mayBegin ? moment(&cursor) : nil).map { found in
      var names = found.names
      // Where the names of the locale are those of English, so is what is written with them.
      if locale?.isEnglish ?? true { names.formUnion(found.names.map { Self.localised($0) }) }
      return Phrase(end: found.end, kind: found.kind, letters: found.letters, names: names)
    }
    var phrases: [Phrase] = english.map { [$0] } ?? []
    if let locale, locale.starts.contains(bytes, at: start) { phrases += self.phrases(of: locale, bytes, at: start) }
    guard let end = phrases.map(\.end).max() else { return epoch(bytes, at: start) }
    phrases.removeAll { $0.end < end }
    return Match(
      length: end - start, placeholder: "<\(phrases[0].kind):\(phrases[0].letters)>",
      readings: phrases.reduce(into: []) { $0.formUnion($1.names) })
  }

  /// One way to read what stands at a place.
  struct Phrase {
    var end: Int
    /// `instant` or `local-date`.
    var kind: String
    var letters: String
    /// The format under the names it has in every locale: `%x` or `yMMMd`; `=` before letters that stand for
    /// themselves, `~` before those whose names are in the language of the locale.
    var names: Set<String>
  }

  private static func localised(_ name: String) -> String { "~" + name.dropFirst().replacing("*", with: "") }

  // MARK: Dates and times

  /// A date with its weekday, where it has one.
  func datePart(_ cursor: inout Cursor) -> Cursor.DateRead? {
    let start = cursor
    var format = ""
    var weekday: Int?
    if let name = cursor.weekdayName() {
      guard let separator = cursor.separator() else {
        cursor = start
        return nil
      }
      weekday = name.index
      format = name.letter + separator
    }
    guard var date = cursor.date(windows), weekday == nil || weekday == date.value.weekday else {
      cursor = start
      return nil
    }
    date.format = format + date.format
    return date
  }

  func moment(_ cursor: inout Cursor) -> Phrase? {
    if var date = datePart(&cursor) {
      var format = date.format
      var end = cursor
      var hasTime = false
      if let separator = cursor.dateTimeSeparator(), let time = cursor.time() {
        var tail = separator + time.format
        let afterTime = cursor
        var zone = cursor.zone(abbreviation: abbreviation, windows: windows)
        if let offset = zone?.offset, !date.lacksYear, !isNow(date.value, time.second, time.width, zoneOffset: offset) {
          // What follows is no zone, or not the time's.
          zone = nil
          cursor = afterTime
        }
        // The year of ctime(3) follows the time and the zone.
        if date.lacksYear, let separator = cursor.separator(), let year = cursor.number(), year.length == 4 {
          date.value.year = year.value
          tail += (zone?.format ?? "") + separator + "Y"
          date.lacksYear = false
        } else {
          tail += zone?.format ?? ""
        }
        if cursor.atWordEnd, isNow(date.value, time.second, time.width, zoneOffset: zone?.offset) {
          format += tail
          end = cursor
          hasTime = true
        }
      }
      guard end.atWordEnd, hasTime || windows.contains(where: { $0.contains(date.value) }) else { return nil }
      return Phrase(
        end: end.position, kind: hasTime ? "instant" : "local-date", letters: format,
        names: Self.names(format, isAmbiguous: cursor.hasAmbiguousName))
    }
    guard let time = cursor.time(), time.isTelling else { return nil }
    var end = cursor
    var format = time.format
    guard windows.contains(where: { $0.containsTime(time.second, width: time.width) }) else { return nil }
    if let zone = cursor.zone(abbreviation: abbreviation, windows: windows), cursor.atWordEnd {
      format += zone.format
      end = cursor
    }
    guard end.atWordEnd else { return nil }
    return Phrase(end: end.position, kind: "instant", letters: format, names: ["=" + format])
  }

  /// `May` is as long as its abbreviation, and in some languages all names are: then both are meant.
  static func names(_ format: String, isAmbiguous: Bool) -> Set<String> {
    guard isAmbiguous else { return ["=" + format] }
    return [
      "=" + format, "=" + format.replacing("B", with: "b"), "=" + format.replacing("A", with: "a"),
      "=" + format.replacing("B", with: "b").replacing("A", with: "a"),
    ]
  }

  func isNow(_ date: CivilTime.Date, _ second: Int, _ width: Int, zoneOffset: Int?) -> Bool {
    let epoch = CivilTime.epoch(date, second)
    return windows.contains { window in
      (zoneOffset.map { [$0] } ?? [window.offset, 0]).contains { offset in
        window.instants.overlaps(epoch - offset...epoch - offset + width - 1)
      }
    }
  }

  // MARK: Seconds since 1970

  private func epoch(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Match? {
    var end = start
    // Nineteen digits fit this type and not `Int`.
    var value: UInt64 = 0
    while end < bytes.count, (48...57).contains(bytes[end]), end - start < 19 {
      value = value * 10 + UInt64(bytes[end] - 48)
      end += 1
    }
    let unit: (name: String, scale: UInt64)
    switch end - start {
    case 10: unit = ("s", 1)
    case 13: unit = ("ms", 1000)
    case 16: unit = ("us", 1_000_000)
    case 19: unit = ("ns", 1_000_000_000)
    default: return nil
    }
    guard windows.contains(where: { $0.instants.contains(Int(value / unit.scale)) }) else { return nil }
    var format = "epoch-" + unit.name
    if end + 1 < bytes.count, bytes[end] == UInt8(ascii: "."), (48...57).contains(bytes[end + 1]) {
      end += 1
      while end < bytes.count, (48...57).contains(bytes[end]) { end += 1 }
      format += ".f"
    }
    guard end == bytes.count || !isWord(bytes[end]) else { return nil }
    return Match(length: end - start, placeholder: "<instant:\(format)>", readings: ["=" + format])
  }
}

/// Letters and digits of ASCII. What stands next to one is within a word.
@inline(__always)
func isWord(_ byte: UInt8) -> Bool {
  (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
}
