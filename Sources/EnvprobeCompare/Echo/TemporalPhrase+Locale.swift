extension TemporalPhrase {
  /// What the locale of the run makes of a place: names of its language, and the formats of its catalogues.
  func phrases(of locale: LocalePhrases, _ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> [Phrase] {
    var phrases: [Phrase] = []
    for vocabulary in locale.vocabularies {
      var cursor = Cursor(bytes: bytes, position: start, vocabulary: vocabulary.table)
      guard cursor.mayBegin, var phrase = moment(&cursor), phrase.letters.contains("*") else { continue }
      phrase.names = Set(phrase.names.map { "~" + $0.dropFirst().replacing("*", with: "") })
      phrases.append(phrase)
    }
    locale.moments.read(bytes, at: start) { format, names, reading in
      guard let second = reading.second, isNow(format.day!, second, reading.width, zoneOffset: nil) else { return }
      phrases.append(.init(end: reading.end, kind: "instant", letters: format.letters, names: names))
    }
    var dates: [DatePart] = []
    locale.dates.read(bytes, at: start) { format, names, reading in
      dates.append(.init(end: reading.end, letters: format.letters, names: names, day: format.day!))
    }
    locale.times.read(bytes, at: start) { format, names, reading in
      guard format.isTelling, let second = reading.second,
        windows.contains(where: { $0.containsTime(second, width: reading.width) })
      else { return }
      phrases.append(.init(end: reading.end, kind: "instant", letters: format.letters, names: names))
    }
    dates += madeUpDates(locale, bytes, at: start, hasOthers: !dates.isEmpty)
    for date in dates {
      phrases.append(.init(end: date.end, kind: "local-date", letters: date.letters, names: date.names))
    }
    return phrases + composed(dates, locale, bytes)
  }

  private struct DatePart {
    var end: Int
    var letters: String
    var names: Set<String>
    var day: CivilTime.Date
    var isMadeUp = false
  }

  /// Dates in a format of the program's own.
  private func madeUpDates(
    _ locale: LocalePhrases, _ bytes: UnsafeBufferPointer<UInt8>, at start: Int, hasOthers: Bool
  ) -> [DatePart] {
    var parts: [DatePart] = []
    for vocabulary in locale.vocabularies.map(\.table) + [nil] {
      var cursor = Cursor(bytes: bytes, position: start, vocabulary: vocabulary)
      guard cursor.mayBegin, let date = datePart(&cursor), cursor.atWordEnd,
        windows.contains(where: { $0.contains(date.value) })
      else { continue }
      let isLocal = date.format.contains("*")
      // In English throughout: what the catalogues do not have either is no matter of the locale.
      guard isLocal || hasOthers || !parts.isEmpty || vocabulary == nil && locale.isEnglish else { continue }
      var names = Self.names(date.format, isAmbiguous: cursor.hasAmbiguousName)
      if isLocal || locale.isEnglish {
        let local = names.map { "~" + $0.dropFirst().replacing("*", with: "") }
        names = isLocal ? Set(local) : names.union(local)
      }
      parts.append(.init(end: cursor.position, letters: date.format, names: names, day: date.value, isMadeUp: true))
    }
    return parts
  }

  /// A date and a time in formats of which one is the locale's.
  private func composed(
    _ dates: [DatePart], _ locale: LocalePhrases, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> [Phrase] {
    var phrases: [Phrase] = []
    for end in Set(dates.map(\.end)).sorted() {
      for joint in joints(locale, bytes, at: end) {
        for date in dates where date.end == end {
          for time in times(locale, bytes, at: joint.end, day: date.day) {
            // Both made up by the program: read as one already.
            if date.isMadeUp, time.names.allSatisfy({ $0.hasPrefix("=") }) { continue }
            var names: Set<String> = []
            for first in date.names {
              for middle in joint.names { for last in time.names { names.insert("\(first)\(middle)\(last)") } }
            }
            phrases.append(
              .init(end: time.end, kind: "instant", letters: date.letters + joint.text + time.letters, names: names))
          }
        }
      }
    }
    return phrases
  }

  private struct Joint {
    var end: Int
    var text: String
    /// With a mark on both sides: `{joint-medium}`, `{' }` for a text of the program's own.
    var names: Set<String>
  }

  private func joints(_ locale: LocalePhrases, _ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> [Joint] {
    var joints: [Joint] = []
    var cursor = Cursor(bytes: bytes, position: position)
    if let text = cursor.dateTimeSeparator() {
      joints.append(.init(end: cursor.position, text: text, names: ["{'\(text)}"]))
    }
    for joint in locale.joints {
      let end = position + joint.text.count
      guard end < bytes.count, bytes[position..<end].elementsEqual(joint.text) else { continue }
      let text = String(decoding: joint.text, as: UTF8.self)
      var names = Set(joint.names.map { "{\($0)}" })
      names.insert("{'\(text)}")
      if let same = joints.firstIndex(where: { $0.end == end }) {
        joints[same].names.formUnion(names)
      } else {
        joints.append(.init(end: end, text: text, names: names))
      }
    }
    return joints
  }

  private func times(
    _ locale: LocalePhrases, _ bytes: UnsafeBufferPointer<UInt8>, at position: Int, day: CivilTime.Date
  ) -> [Phrase] {
    var phrases: [Phrase] = []
    func add(_ end: Int, _ second: Int, _ width: Int, _ letters: String, _ names: Set<String>) {
      var cursor = Cursor(bytes: bytes, position: end)
      if let zone = cursor.zone(abbreviation: abbreviation, windows: windows), cursor.atWordEnd,
        isNow(day, second, width, zoneOffset: zone.offset)
      {
        phrases.append(
          .init(
            end: cursor.position, kind: "instant", letters: letters + zone.format,
            names: Set(names.map { $0 + zone.format })))
      }
      guard isNow(day, second, width, zoneOffset: nil) else { return }
      phrases.append(.init(end: end, kind: "instant", letters: letters, names: names))
    }
    var cursor = Cursor(bytes: bytes, position: position)
    if let time = cursor.time(), cursor.atWordEnd {
      add(cursor.position, time.second, time.width, time.format, ["=" + time.format])
    }
    locale.times.read(bytes, at: position) { format, names, reading in
      guard let second = reading.second else { return }
      add(reading.end, second, reading.width, format.letters, names)
    }
    return phrases
  }
}
