/// A format made out for one day: what does not depend on the time of day is text, the rest is read.
final class CompiledFormat: Sendable {
  enum Segment: Hashable, Sendable {
    case text([UInt8])
    case hour(DateFormat.Padding, ofTwelve: Bool, isAlternative: Bool)
    case minute(isAlternative: Bool), second(isAlternative: Bool)
    case half
  }

  let segments: [Segment]
  /// The day it is made out for; `nil` for formats of times.
  let day: CivilTime.Date?
  /// As in the placeholders: `<local-date:d.m.Y>`.
  let letters: String
  let vocabulary: LocaleVocabulary

  /// Whether a time in this format is one by its looks alone.
  let isTelling: Bool

  var isTimed: Bool { segments.contains { if case .text = $0 { false } else { true } } }

  /// - Returns: `nil` where the format needs what is not there: the day of a format of times, a name, an era.
  init?(_ format: DateFormat, day: CivilTime.Date?, _ vocabulary: LocaleVocabulary) {
    var segments: [Segment] = []
    var letters = ""
    func text(_ text: String) {
      if text.isEmpty { return }
      if case .text(let before)? = segments.last {
        segments[segments.count - 1] = .text(before + Array(text.utf8))
      } else {
        segments.append(.text(Array(text.utf8)))
      }
    }
    let civil = day.map { vocabulary.civil($0) }
    let era = day.flatMap { day in vocabulary.eras.first { $0.contains(day) } }
    for part in format.parts {
      let other = part.isAlternative && (vocabulary.zero != "0" || !vocabulary.numerals.isEmpty) ? "*" : ""
      switch part.field {
      case .literal(let literal):
        text(literal)
        letters += literal
      case .year:
        guard let civil else { return nil }
        text(vocabulary.number(civil.year, .none, isAlternative: part.isAlternative))
        letters += other + "Y"
      case .shortYear:
        guard let civil else { return nil }
        text(vocabulary.number(civil.year % 100, .zero, isAlternative: part.isAlternative))
        letters += other + "y"
      case .era:
        guard let era else { return nil }
        text(era.name)
        letters += "*E"
      case .eraYear:
        guard let era, let day else { return nil }
        text(vocabulary.number(era.year(of: day), .none, isAlternative: false))
        letters += "*Ey"
        // The format of an era's year is `%EC%Ey年`: what follows the number belongs to it.
        if let end = era.format.firstRange(of: "%Ey")?.upperBound {
          text(String(era.format[end...]))
          letters += era.format[end...]
        }
      case .month(let padding):
        guard let civil else { return nil }
        text(vocabulary.number(civil.month, padding, isAlternative: part.isAlternative))
        letters += other + Self.letter(padding, "m", "n")
      case .day(let padding):
        guard let civil else { return nil }
        text(vocabulary.number(civil.day, padding, isAlternative: part.isAlternative))
        letters += other + Self.letter(padding, "d", "j")
      case .name(let letter):
        guard let day, vocabulary.calendar != "persian" || letter.lowercased().hasPrefix("a"),
          let list = vocabulary.names[letter]
        else { return nil }
        let index = letter.lowercased().hasPrefix("a") ? day.weekday : day.month - 1
        guard index < list.count else { return nil }
        text(String(decoding: list[index], as: UTF8.self))
        letters += (vocabulary.foreign.contains(letter) ? "*" : "") + letter
      case .hour(let padding):
        segments.append(.hour(padding, ofTwelve: false, isAlternative: part.isAlternative))
        letters += other + Self.letter(padding, "H", "G")
      case .hourOfTwelve(let padding):
        segments.append(.hour(padding, ofTwelve: true, isAlternative: part.isAlternative))
        letters += other + Self.letter(padding, "h", "g")
      case .minute:
        segments.append(.minute(isAlternative: part.isAlternative))
        letters += other + "M"
      case .second:
        segments.append(.second(isAlternative: part.isAlternative))
        letters += other + "S"
      case .half:
        segments.append(.half)
        letters += vocabulary.halves.map { String(decoding: $0, as: UTF8.self) } == ["AM", "PM"] ? "p" : "*p"
      case .zoneAbbreviation:
        text(vocabulary.zoneAbbreviation)
        if !vocabulary.zoneAbbreviation.isEmpty { letters += "X" }
      case .zoneName:
        guard let name = vocabulary.zoneName else { return nil }
        text(name)
        letters += "Z"
      case .shortZoneName:
        guard let name = vocabulary.shortZoneName else { return nil }
        text(name)
        letters += "x"
      case .offset:
        text(vocabulary.offset)
        letters += "±hhmm"
      case .longOffset:
        guard let offset = vocabulary.longOffset else { return nil }
        text(offset)
        letters += "GMT±hh:mm"
      }
    }
    self.segments = segments
    isTelling = segments.contains { segment in
      switch segment {
      case .second, .half: true
      case .text(let text): text.contains { $0 >= 0x80 || $0 == UInt8(ascii: ":") }
      default: false
      }
    }
    self.day = day
    self.letters = letters
    self.vocabulary = vocabulary
  }

  private static func letter(_ padding: DateFormat.Padding, _ padded: String, _ bare: String) -> String {
    switch padding {
    case .zero: padded
    case .none: bare
    case .space: "_" + padded
    }
  }

  // MARK: Reading

  struct Reading {
    var end: Int
    /// Seconds since midnight, for formats with a time.
    var second: Int?
    /// For how many seconds the text holds true.
    var width: Int
  }

  /// What stands at a position in this format; `nil` where it does not.
  func read(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Reading? {
    var position = start
    var hour: (value: Int, ofTwelve: Bool)?
    var minute: Int?
    var second: Int?
    var isAfternoon: Bool?
    for segment in segments {
      switch segment {
      case .text(let text):
        guard Self.stands(text, in: bytes, at: position) else { return nil }
        position += text.count
      case .hour(let padding, let ofTwelve, let isAlternative):
        guard let value = number(bytes, &position, padding, isAlternative), value < 25 else { return nil }
        hour = (value, ofTwelve)
      case .minute(let isAlternative):
        guard let value = number(bytes, &position, .zero, isAlternative), value < 60 else { return nil }
        minute = value
      case .second(let isAlternative):
        guard let value = number(bytes, &position, .zero, isAlternative), value < 61 else { return nil }
        second = value
      case .half:
        // A language without halves of the day writes nothing.
        guard !vocabulary.halves.isEmpty else { continue }
        guard let index = vocabulary.halves.firstIndex(where: { Self.stands($0, in: bytes, at: position) }) else {
          return nil
        }
        isAfternoon = index == 1
        position += vocabulary.halves[index].count
      }
    }
    guard position >= bytes.count || position == start || !isWord(bytes[position - 1]) || !isWord(bytes[position])
    else { return nil }
    guard let hour else { return Reading(end: position, second: nil, width: 86_400) }
    var value = hour.value
    if hour.ofTwelve, let isAfternoon { value = value % 12 + (isAfternoon ? 12 : 0) }
    return Reading(
      end: position, second: value * 3600 + (minute ?? 0) * 60 + (second ?? 0),
      width: second != nil ? 1 : minute != nil ? 60 : 3600)
  }

  private static func stands(_ text: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
    guard position + text.count <= bytes.count else { return false }
    for (offset, byte) in text.enumerated() where bytes[position + offset] != byte { return false }
    return true
  }

  /// A number of one or two digits.
  private func number(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ padding: DateFormat.Padding, _ isAlternative: Bool
  ) -> Int? {
    if isAlternative, !vocabulary.numerals.isEmpty {
      // The longest that stands here: `十一` begins with `十`.
      var best: (value: Int, length: Int)?
      for (value, numeral) in vocabulary.numerals.enumerated() {
        let text = Array(numeral.utf8)
        if text.count > best?.length ?? 0, Self.stands(text, in: bytes, at: position) { best = (value, text.count) }
      }
      if let best { position += best.length }
      return best?.value
    }
    let zero = isAlternative ? vocabulary.zeroBytes : LocaleVocabulary.plainZero
    let width = zero.count
    var value = 0
    var digits = 0
    var next = position
    if padding == .space, next < bytes.count, bytes[next] == 0x20 {
      next += 1
      digits = 1
    }
    while digits < 2, next + width <= bytes.count {
      // The ten digits of a script differ in their last byte only.
      guard (0..<width - 1).allSatisfy({ bytes[next + $0] == zero[$0] }) else { break }
      let last = bytes[next + width - 1]
      guard last >= zero[width - 1], last - zero[width - 1] < 10 else { break }
      value = value * 10 + Int(last - zero[width - 1])
      digits += 1
      next += width
    }
    guard digits == 2 || digits == 1 && padding == .none else { return nil }
    position = next
    return value
  }
}
