import EnvprobeModel

/// Replaces what a run's environment explains by placeholders, so that equal behaviour in different places is equal.
///
/// In one pass over the bytes, longest value first, never within a word, never anything else: apostrophes, dashes,
/// spaces and invisible characters stay as they are. ``used`` keeps what each placeholder stood for, by which a
/// comparison undoes a replacement that explains nothing: a constant text can name Shanghai, also in Shanghai.
struct Substitution {
  private struct Pattern {
    var bytes: [UInt8]
    var placeholder: String
    /// Whether it is a number like others, which stands for itself only where it stands alone.
    var isNumber = false
  }

  /// By first byte, longest first.
  private var patterns: [[Pattern]] = Array(repeating: [], count: 256)
  /// Values that stand for themselves only where they are the whole text.
  private var whole: [Text: String] = [:]
  private var temporal: TemporalPhrase
  private let digests: DigestEcho
  private let contents: ContentDigests?
  private(set) var used: [String: String] = [:]
  /// What the formats are called that each placeholder for a date or time may stand for, see ``FormatEcho``.
  private(set) var readings: [String: Set<String>] = [:]
  /// How the run's locale writes numbers.
  let numberMarks: NumberMarks?
  /// Placeholders that stood for more than one text.
  private var ambiguous: Set<String> = []

  /// - Parameter rules: the names of the ``ExplanationRule``s to follow; `nil` for all.
  init(manifest: RunManifest, duration: Double, contents: ContentDigests? = nil, rules: Set<String>? = nil) {
    self.contents = contents
    func follows(_ rule: String) -> Bool { rules?.contains(rule) ?? true }
    let values = EchoValue.all(of: manifest)
    digests = DigestEcho(follows("digest") ? values : [])
    let offset = manifest.surroundings.utcOffset
    // The program's clock, and the host's: that of what envprobe itself made for the run.
    temporal = TemporalPhrase(
      windows: !follows("local-time")
        ? []
        : [manifest.clock ?? manifest.assignment.clock, manifest.started].compactMap { $0 }.compactMap { text in
          CivilTime.epoch(rfc3339: text).map { ClockWindow(start: $0, duration: duration, offset: offset) }
        },
      abbreviation: Array(manifest.surroundings.zoneAbbreviation.utf8))
    let locale = LocalePhrases.of(
      manifest.surroundings, timezone: manifest.assignment.timezone, windows: temporal.windows)
    temporal.write(in: locale)
    numberMarks = locale.numberMarks
    for value in values {
      if value.wholeOnly {
        if follows("word") { add(whole: value.value, "<\(value.name)>") }
      } else {
        for form in value.forms where follows(form.rule) { add(form.text, form.placeholder) }
      }
    }
    if follows("zone-name") {
      if let name = locale.zoneName { add(name, "<zone-name>") }
      let abbreviation = manifest.surroundings.zoneAbbreviation
      if abbreviation.utf8.count >= 3 { add(abbreviation, "<zone-abbreviation>") }
    }
    if follows("utc-offset") { addOffset(offset) }
    for index in patterns.indices { patterns[index].sort { $0.bytes.count > $1.bytes.count } }
  }

  private mutating func addOffset(_ offset: Int) {
    let minutes = abs(offset) / 60
    let sign = offset < 0 ? "-" : "+"
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    add("\(sign)\(two(minutes / 60)):\(two(minutes % 60))", "<utc-offset:±hh:mm>")
    add("\(sign)\(two(minutes / 60))\(two(minutes % 60))", "<utc-offset:±hhmm>")
    for name in ["UTC", "GMT"] {
      add(
        "\(name)\(sign)\(minutes / 60)" + (minutes % 60 == 0 ? "" : ":\(two(minutes % 60))"), "<utc-offset:\(name)±h>")
    }
    // As JavaScript's getTimezoneOffset() has it, and as C's tm_gmtoff; too short ones are left out.
    add("\(-offset / 60)", "<utc-offset:-minutes>", isNumber: true)
    add("\(offset / 60)", "<utc-offset:minutes>", isNumber: true)
    add("\(offset)", "<utc-offset:seconds>", isNumber: true)
    add("\(-offset)", "<utc-offset:-seconds>", isNumber: true)
  }

  private mutating func add(_ text: String, _ placeholder: String, isNumber: Bool = false) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 3, !patterns[Int(bytes[0])].contains(where: { $0.bytes == bytes }) else { return }
    patterns[Int(bytes[0])].append(.init(bytes: bytes, placeholder: placeholder, isNumber: isNumber))
  }

  private mutating func add(whole text: String, _ placeholder: String) {
    if whole[Text(text)] == nil { whole[Text(text)] = placeholder }
  }

  private mutating func note(_ placeholder: String, for raw: String) {
    if let known = used[placeholder] {
      if Text(known) != Text(raw) { ambiguous.insert(placeholder) }
    } else {
      used[placeholder] = raw
    }
  }

  /// The placeholders that stood for one text each.
  var unambiguous: [String: String] { used.filter { !ambiguous.contains($0.key) } }

  /// The text with everything replaced that the run's environment explains.
  mutating func callAsFunction(_ text: String) -> String {
    if let placeholder = whole[Text(text)] {
      note(placeholder, for: text)
      return placeholder
    }
    var text = text
    let replacements = text.withUTF8 { find(in: $0) }
    guard !replacements.isEmpty else { return text }
    return text.withUTF8 { bytes in
      var result: [UInt8] = []
      result.reserveCapacity(bytes.count + 16 * replacements.count)
      var position = 0
      for replacement in replacements {
        result += bytes[position..<replacement.range.lowerBound]
        result += replacement.placeholder.utf8
        note(replacement.placeholder, for: String(decoding: bytes[replacement.range], as: UTF8.self))
        if let readings = replacement.readings {
          self.readings[replacement.placeholder] =
            self.readings[replacement.placeholder]?.intersection(readings) ?? readings
        }
        position = replacement.range.upperBound
      }
      result += bytes[position...]
      return String(decoding: result, as: UTF8.self)
    }
  }

  private struct Replacement {
    var range: Range<Int>
    var placeholder: String
    var readings: Set<String>?
  }

  private func find(in bytes: UnsafeBufferPointer<UInt8>) -> [Replacement] {
    var replacements: [Replacement] = []
    var position = 0
    while position < bytes.count {
      if let found = match(bytes, at: position) {
        replacements.append(found)
        position = found.range.upperBound
        continue
      }
      // To the next place at which something could begin: values do not begin within a word.
      if isWord(bytes[position]) {
        let escape = position > 0 && bytes[position - 1] == UInt8(ascii: "\\")
        let percent = position > 0 && bytes[position - 1] == UInt8(ascii: "%")
        position += 1
        // `\nAsia/Shanghai`, `%20Asia%2FShanghai`: the letters of an escape are no part of the word.
        if escape { continue }
        if percent {
          position = min(position + 1, bytes.count)
          continue
        }
        while position < bytes.count, isWord(bytes[position]) { position += 1 }
      } else {
        position += 1
      }
    }
    return replacements
  }

  private func match(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Replacement? {
    let first = bytes[start]
    for pattern in patterns[Int(first)] where start + pattern.bytes.count <= bytes.count {
      let end = start + pattern.bytes.count
      guard pattern.bytes.count < 2 || bytes[start + 1] == pattern.bytes[1] else { continue }
      guard bytes[start..<end].elementsEqual(pattern.bytes) else { continue }
      if isWord(bytes[end - 1]), end < bytes.count, isWord(bytes[end]) { continue }
      if pattern.isNumber, !standsAlone(bytes, start..<end) { continue }
      return Replacement(range: start..<end, placeholder: pattern.placeholder)
    }
    if temporal.canStart(bytes, at: start), let match = temporal.match(bytes, at: start) {
      return Replacement(
        range: start..<start + match.length, placeholder: match.placeholder, readings: match.readings)
    }
    guard isWord(first) else { return nil }
    var end = start
    while end < bytes.count, isHexDigit(bytes[end]) { end += 1 }
    if end - start >= DigestEcho.shortest, end == bytes.count || !isWord(bytes[end]),
      let placeholder = digests.placeholder(for: bytes[start..<end]) ?? contents?.placeholder(for: bytes[start..<end])
    {
      return Replacement(range: start..<end, placeholder: placeholder)
    }
    return nil
  }

  /// Whether a number is no part of a longer one, nor of a date, a version or a path.
  private func standsAlone(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    let before = range.lowerBound == 0 || " \t\n=:,;([{\"'".utf8.contains(bytes[range.lowerBound - 1])
    let after = range.upperBound == bytes.count || " \t\r\n,;)]}\"'".utf8.contains(bytes[range.upperBound])
    return before && after
  }

  @inline(__always)
  private func isHexDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte)
  }
}
