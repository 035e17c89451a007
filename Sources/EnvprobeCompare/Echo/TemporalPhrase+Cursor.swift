import EnvprobeModel

extension TemporalPhrase {
  /// Reads the parts of a date or time; each method leaves the position alone where it finds nothing.
  struct Cursor {
    let bytes: UnsafeBufferPointer<UInt8>
    var position: Int
    /// The names of months and weekdays; those of English where there is none.
    var vocabulary: NameTable?
    /// Whether a name was read that is the same in full and in short.
    private(set) var hasAmbiguousName = false

    struct DateRead {
      var value: CivilTime.Date
      var format: String
      var lacksYear = false
    }

    struct Time {
      /// Since midnight.
      var second: Int
      /// For how many seconds the text holds true: 60 where it names no second.
      var width: Int
      var format: String
      /// Whether it is a time by its looks alone.
      var isTelling: Bool
    }

    struct Zone {
      /// Seconds east of UTC, `nil` where the text does not say.
      var offset: Int?
      var format: String
    }

    var atWordEnd: Bool { position >= bytes.count || !isWord(bytes[position]) }

    private func peek(_ offset: Int = 0) -> UInt8? {
      position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private func isDigit(_ byte: UInt8?) -> Bool { byte.map { (48...57).contains($0) } ?? false }

    /// A run of at most 8 digits.
    mutating func number() -> (value: Int, length: Int)? {
      var end = position
      var value = 0
      while end < bytes.count, (48...57).contains(bytes[end]) {
        value = value * 10 + Int(bytes[end] - 48)
        end += 1
        if end - position > 8 { return nil }
      }
      guard end > position else { return nil }
      defer { position = end }
      return (value, end - position)
    }

    /// One to four bytes that are no letters or digits of ASCII; `年` is such a separator as much as `-`.
    mutating func separator() -> String? {
      var end = position
      while end < bytes.count, !isWord(bytes[end]), bytes[end] >= 0x20, end - position < 5, !nameStands(at: end) {
        end += 1
      }
      guard end > position, end - position <= 4 else { return nil }
      guard let text = String(validating: bytes[position..<end], as: UTF8.self) else { return nil }
      position = end
      return text
    }

    mutating func dateTimeSeparator() -> String? {
      if peek() == UInt8(ascii: "T"), isDigit(peek(1)) {
        position += 1
        return "T"
      }
      let back = self
      guard var text = separator() else { return nil }
      if text == " ", peek() == UInt8(ascii: "a"), peek(1) == UInt8(ascii: "t"), peek(2) == 0x20 {
        position += 3
        text = " at "
      }
      if isDigit(peek()) { return text }
      self = back
      return nil
    }

    mutating func weekdayName() -> (index: Int, letter: String)? {
      if let vocabulary { return name(in: vocabulary.weekdays) }
      return englishName(of: Self.weekdays, letters: ("A", "a"))
    }

    mutating func monthName() -> (index: Int, letter: String)? {
      if let vocabulary { return name(in: vocabulary.months) }
      return englishName(of: Self.months, letters: ("B", "b"))
    }

    private static let months = LocaleCalendar.posix.months.map { Array($0.utf8) }
    private static let weekdays = LocaleCalendar.posix.weekdays.map { Array($0.utf8) }

    /// With what the English names begin, in capital and small letters.
    static let englishStarts: StartTable = {
      var table = StartTable()
      for name in months + weekdays {
        for first in [name[0], name[0] | 0x20] {
          for second in [name[1], name[1] & ~0x20] { table.insert(first, second) }
        }
      }
      return table
    }()

    /// Whether a number stands here that a date or a time could begin with: what follows it decides that mostly.
    var digitsMayBegin: Bool {
      var end = position
      while end < bytes.count, (48...57).contains(bytes[end]) {
        end += 1
        if end - position > 8 { return false }
      }
      let length = end - position
      if length == 8 { return true }
      guard length > 0, length <= 4, end < bytes.count else { return false }
      // `21st`.
      if isWord(bytes[end]) { return length <= 2 && [0x73, 0x6E, 0x72, 0x74].contains(bytes[end]) }
      for place in end..<min(end + 5, bytes.count) {
        if isDigit(bytes[place]) || nameMayBegin(at: place) { return true }
        if isWord(bytes[place]) || bytes[place] < 0x20 { return false }
      }
      return false
    }

    private func nameMayBegin(at place: Int) -> Bool {
      (vocabulary?.starts ?? Self.englishStarts).contains(bytes, at: place)
    }

    /// Whether a date with its weekday, or a time, could stand here.
    var mayBegin: Bool {
      guard position < bytes.count else { return false }
      if isDigit(bytes[position]) { return digitsMayBegin }
      return nameMayBegin(at: position)
    }

    /// Whether a name of the vocabulary begins at a place, which is no separator for not being of ASCII.
    private func nameStands(at place: Int) -> Bool {
      guard let vocabulary, bytes[place] >= 0xC0 else { return false }
      return vocabulary.weekdays.stands(in: bytes, at: place) || vocabulary.months.stands(in: bytes, at: place)
    }

    private mutating func name(in list: NameTable.List) -> (index: Int, letter: String)? {
      guard let found = list.longest(in: bytes, at: position) else { return nil }
      if found.isAmbiguous { hasAmbiguousName = true }
      position += found.name.bytes.count
      return (found.name.index, found.name.letter)
    }

    private mutating func englishName(
      of names: [[UInt8]], letters: (String, String)
    ) -> (index: Int, letter: String)? {
      guard position + 3 <= bytes.count, Self.englishStarts.contains(bytes, at: position) else { return nil }
      func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
      for (index, name) in names.enumerated() {
        guard lower(bytes[position]) == lower(name[0]), lower(bytes[position + 1]) == lower(name[1]),
          lower(bytes[position + 2]) == lower(name[2])
        else { continue }
        var end = position + 3
        while end < bytes.count, end - position < name.count, lower(bytes[end]) == lower(name[end - position]) {
          end += 1
        }
        guard end == bytes.count || !isWord(bytes[end]) || (48...57).contains(bytes[end]) else { continue }
        guard end - position == 3 || end - position == name.count else { continue }
        // May is as long as its abbreviation: the longer form is taken for it, always.
        let letter = end - position == name.count ? letters.0 : letters.1
        let first = bytes[position] < 97
        let second = bytes[position + 1] < 97
        if name.count == 3 { hasAmbiguousName = true }
        position = end
        return (index, first ? (second ? "^" + letter : letter) : "_" + letter)
      }
      return nil
    }

    // MARK: Date

    mutating func date(_ windows: [ClockWindow]) -> DateRead? {
      let back = self
      func letter(_ value: (value: Int, length: Int), _ padded: String, _ bare: String) -> String {
        value.length == 1 ? bare : padded
      }
      func holds(_ date: CivilTime.Date) -> Bool {
        (1...12).contains(date.month) && (1...31).contains(date.day)
      }
      if let month = monthName() {
        guard let first = separator(), let day = number(), day.length <= 2 else { return restore(back) }
        var format = month.letter + first + letter(day, "d", "j")
        format += ordinal()
        let beforeYear = self
        if let second = separator(), let year = number(), year.length == 4, peek() != UInt8(ascii: ":") {
          let date = CivilTime.Date(year: year.value, month: month.index + 1, day: day.value)
          return holds(date) ? DateRead(value: date, format: format + second + "Y") : restore(back)
        }
        self = beforeYear
        return withoutYear(month: month.index + 1, day: day.value, format: format, windows) ?? restore(back)
      }
      guard let first = number() else { return nil }
      if first.length == 8 {
        let date = CivilTime.Date(year: first.value / 10_000, month: first.value / 100 % 100, day: first.value % 100)
        return holds(date) && windows.contains { $0.contains(date) }
          ? DateRead(value: date, format: "Ymd") : restore(back)
      }
      if first.length <= 2 {
        let suffix = ordinal()
        let afterDay = self
        if let separator = separator(), let month = monthName() {
          var format = letter(first, "d", "j") + suffix + separator + month.letter
          let beforeYear = self
          if let second = self.separator(), let year = number(), year.length == 4 {
            format += second + "Y"
            let date = CivilTime.Date(year: year.value, month: month.index + 1, day: first.value)
            return holds(date) ? DateRead(value: date, format: format) : restore(back)
          }
          self = beforeYear
          return withoutYear(month: month.index + 1, day: first.value, format: format, windows) ?? restore(back)
        }
        self = afterDay
      }
      guard let separator1 = separator(), let second = number(), second.length <= 2, let separator2 = separator(),
        let third = number()
      else { return restore(back) }
      if first.length == 4, third.length <= 2 {
        let date = CivilTime.Date(year: first.value, month: second.value, day: third.value)
        let format = "Y" + separator1 + letter(second, "m", "n") + separator2 + letter(third, "d", "j")
        return holds(date) && windows.contains { $0.contains(date) }
          ? DateRead(value: date, format: format) : restore(back)
      }
      guard first.length <= 2, third.length == 4 || third.length == 2 else { return restore(back) }
      let year = third.length == 4 ? third.value : 2000 + third.value
      let yearLetter = third.length == 4 ? "Y" : "y"
      let dayFirst = CivilTime.Date(year: year, month: second.value, day: first.value)
      let monthFirst = CivilTime.Date(year: year, month: first.value, day: second.value)
      if holds(monthFirst), windows.contains(where: { $0.contains(monthFirst) }) {
        return DateRead(
          value: monthFirst,
          format: letter(first, "m", "n") + separator1 + letter(second, "d", "j") + separator2 + yearLetter)
      }
      if holds(dayFirst), windows.contains(where: { $0.contains(dayFirst) }) {
        return DateRead(
          value: dayFirst,
          format: letter(first, "d", "j") + separator1 + letter(second, "m", "n") + separator2 + yearLetter)
      }
      return restore(back)
    }

    private mutating func restore(_ back: Cursor) -> DateRead? {
      self = back
      return nil
    }

    private mutating func ordinal() -> String {
      for suffix in ["st", "nd", "rd", "th"] where position + 2 <= bytes.count {
        let letters = Array(suffix.utf8)
        if bytes[position] == letters[0], bytes[position + 1] == letters[1],
          position + 2 == bytes.count || !isWord(bytes[position + 2])
        {
          position += 2
          return "th"
        }
      }
      return ""
    }

    private func withoutYear(month: Int, day: Int, format: String, _ windows: [ClockWindow]) -> DateRead? {
      for window in windows {
        for second in [window.instants.lowerBound, window.instants.upperBound] {
          let year = CivilTime.Date(dayNumber: (second + window.offset) / 86_400).year
          let date = CivilTime.Date(year: year, month: month, day: day)
          if window.contains(date) { return DateRead(value: date, format: format, lacksYear: true) }
        }
      }
      return nil
    }

    // MARK: Time of day

    mutating func time() -> Time? {
      let back = self
      guard let hour = number(), hour.length <= 2, hour.value < 25 else {
        self = back
        return compactTime()
      }
      guard let colon = peek(), colon == UInt8(ascii: ":") || colon == UInt8(ascii: "-") || colon == UInt8(ascii: "."),
        isDigit(peek(1))
      else {
        self = back
        return nil
      }
      position += 1
      guard let minute = number(), minute.length == 2, minute.value < 60 else {
        self = back
        return nil
      }
      let mark = String(UnicodeScalar(colon))
      var format = mark + "M"
      var second = hour.value * 3600 + minute.value * 60
      var width = 60
      if peek() == colon, isDigit(peek(1)) {
        let beforeSecond = self
        position += 1
        if let seconds = number(), seconds.length == 2, seconds.value < 61 {
          second += seconds.value
          width = 1
          format += mark + "S" + fraction()
        } else {
          self = beforeSecond
        }
      }
      var twelve = false
      let beforeHalf = self
      if peek() == 0x20 { position += 1 }
      if let half = peek(), let m = peek(1), [0x41, 0x61, 0x50, 0x70].contains(half), m | 0x20 == UInt8(ascii: "m"),
        position + 2 >= bytes.count || !isWord(bytes[position + 2])
      {
        twelve = true
        format += (beforeHalf.position == position ? "" : " ") + (half < 97 ? "p" : "_p")
        if half | 0x20 == UInt8(ascii: "p"), hour.value < 12 { second += 12 * 3600 }
        if half | 0x20 == UInt8(ascii: "a"), hour.value == 12 { second -= 12 * 3600 }
        position += 2
      } else {
        self = beforeHalf
      }
      let letter = twelve ? (hour.length == 1 ? "g" : "h") : (hour.length == 1 ? "G" : "H")
      return Time(second: second, width: width, format: letter + format, isTelling: colon == UInt8(ascii: ":"))
    }

    /// `040012`, as after `20260630T`.
    private mutating func compactTime() -> Time? {
      let back = self
      guard let number = number(), number.length == 6 else {
        self = back
        return nil
      }
      let (hour, minute, second) = (number.value / 10_000, number.value / 100 % 100, number.value % 100)
      guard hour < 25, minute < 60, second < 61 else {
        self = back
        return nil
      }
      return Time(second: hour * 3600 + minute * 60 + second, width: 1, format: "HMS" + fraction(), isTelling: false)
    }

    private mutating func fraction() -> String {
      guard let mark = peek(), mark == UInt8(ascii: ".") || mark == UInt8(ascii: ","), isDigit(peek(1)) else {
        return ""
      }
      var end = position + 1
      while end < bytes.count, (48...57).contains(bytes[end]) { end += 1 }
      let digits = end - position - 1
      guard digits <= 9 else { return "" }
      position = end
      // Some writers drop trailing zeros: the precision is what counts, not the digits that chance left.
      return String(UnicodeScalar(mark)) + (digits <= 3 ? "3" : digits <= 6 ? "6" : "9")
    }

    // MARK: Zone

    mutating func zone(abbreviation: [UInt8], windows: [ClockWindow]) -> Zone? {
      let back = self
      if peek() == UInt8(ascii: "Z"), position + 1 >= bytes.count || !isWord(bytes[position + 1]) {
        position += 1
        return Zone(offset: 0, format: "Z")
      }
      var space = ""
      if peek() == 0x20 {
        position += 1
        space = " "
      }
      // Zones without an abbreviation of their own have a number for one, which date(1) sets apart by a space.
      let isNumeric = abbreviation.first == UInt8(ascii: "+") || abbreviation.first == UInt8(ascii: "-")
      if !space.isEmpty, isNumeric, let zone = abbreviated(abbreviation, nil, " X") { return zone }
      // `GMT+0800`, as JavaScript has it.
      let beforeName = self
      if let name = [Array("GMT".utf8), Array("UTC".utf8)].first(where: { stands($0) }) {
        position += name.count
        if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-"), isDigit(peek(1)) {
          space += String(decoding: name, as: UTF8.self)
        } else {
          self = beforeName
        }
      }
      if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), isDigit(peek(1)) {
        position += 1
        if let hours = number(), hours.length == 2 || hours.length == 4 {
          var seconds = hours.length == 4 ? hours.value / 100 * 3600 + hours.value % 100 * 60 : hours.value * 3600
          var format = hours.length == 4 ? "±hhmm" : "±hh"
          if hours.length == 2, peek() == UInt8(ascii: ":"), isDigit(peek(1)) {
            position += 1
            if let minutes = number(), minutes.length == 2 {
              seconds += minutes.value * 60
              format = "±hh:mm"
            }
          }
          if sign == UInt8(ascii: "-") { seconds = -seconds }
          if windows.contains(where: { $0.offset == seconds }) { return Zone(offset: seconds, format: space + format) }
          // Not the run's own zone: written out, so that it is seen.
          let written = String(decoding: bytes[(back.position + space.utf8.count)..<position], as: UTF8.self)
          return Zone(offset: seconds, format: space + written)
        }
        self = back
        return nil
      }
      if let zone = abbreviated(abbreviation, nil, space + "X") ?? abbreviated(Array("UTC".utf8), 0, space + "UTC")
        ?? abbreviated(Array("GMT".utf8), 0, space + "GMT")
      {
        return zone
      }
      self = back
      return nil
    }

    private func stands(_ text: [UInt8]) -> Bool {
      position + text.count <= bytes.count && bytes[position..<position + text.count].elementsEqual(text)
    }

    private mutating func abbreviated(_ name: [UInt8], _ offset: Int?, _ format: String) -> Zone? {
      let end = position + name.count
      guard !name.isEmpty, end <= bytes.count, bytes[position..<end].elementsEqual(name),
        end == bytes.count || !isWord(bytes[end])
      else { return nil }
      position = end
      return Zone(offset: offset, format: format)
    }
  }
}
