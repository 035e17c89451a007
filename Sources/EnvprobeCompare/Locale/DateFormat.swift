/// A way to write dates or times: a format of strftime(3) or a pattern of the CLDR, as a sequence of fields.
struct DateFormat: Hashable, Sendable {
  enum Padding: Hashable, Sendable { case zero, none, space }

  enum Field: Hashable, Sendable {
    case year, shortYear, era, eraYear
    case month(Padding), day(Padding)
    /// By the letter of its list in ``LocaleVocabulary``: `B`, `b`, `A`, `a`, with `'` where it stands alone.
    case name(String)
    case hour(Padding), hourOfTwelve(Padding), minute, second
    case half
    case zoneAbbreviation, zoneName, shortZoneName, offset, longOffset
    case literal(String)
  }

  struct Part: Hashable, Sendable {
    var field: Field
    /// Whether numbers are written in the locale's own way, as `%Od` asks for.
    var isAlternative = false
  }

  private(set) var parts: [Part] = []

  private mutating func add(_ field: Field, _ isAlternative: Bool = false) {
    if case .literal(let text) = field, case .literal(let before)? = parts.last?.field {
      parts[parts.count - 1].field = .literal(before + text)
    } else {
      parts.append(.init(field: field, isAlternative: isAlternative))
    }
  }

  var hasTime: Bool {
    parts.contains { part in
      switch part.field {
      case .hour, .hourOfTwelve, .minute, .second: true
      default: false
      }
    }
  }

  // MARK: strftime

  /// - Parameter formats: what `%x` and its like stand for.
  /// - Returns: `nil` where a conversion is not known, or the format is empty.
  init?(strftime format: String, _ formats: [String: String], depth: Int = 0) {
    var rest = format[...]
    while let character = rest.popFirst() {
      guard character == "%" else {
        add(.literal(String(character)))
        continue
      }
      var padding: Padding?
      var modifier: Character?
      while let flag = rest.first, "-_0^#EO".contains(flag) {
        switch flag {
        case "-": padding = Padding.none
        case "_": padding = .space
        case "0": padding = .zero
        case "E", "O": modifier = flag
        default: return nil
        }
        rest = rest.dropFirst()
      }
      guard let conversion = rest.popFirst() else { return nil }
      let isAlternative = modifier == "O"
      switch conversion {
      case "Y" where modifier == "E":
        add(.era)
        add(.eraYear)
      case "C" where modifier == "E": add(.era)
      case "y" where modifier == "E": add(.eraYear)
      case "Y": add(.year, isAlternative)
      case "y": add(.shortYear, isAlternative)
      case "m": add(.month(padding ?? .zero), isAlternative)
      case "d": add(.day(padding ?? .zero), isAlternative)
      case "e": add(.day(padding ?? .space), isAlternative)
      case "B": add(.name(isAlternative ? "B'" : "B"))
      case "b", "h": add(.name("b"))
      case "A": add(.name("A"))
      case "a": add(.name("a"))
      case "H": add(.hour(padding ?? .zero), isAlternative)
      case "k": add(.hour(padding ?? .space), isAlternative)
      case "I": add(.hourOfTwelve(padding ?? .zero), isAlternative)
      case "l": add(.hourOfTwelve(padding ?? .space), isAlternative)
      case "M": add(.minute, isAlternative)
      case "S": add(.second, isAlternative)
      case "p", "P": add(.half)
      case "Z": add(.zoneAbbreviation)
      case "z": add(.offset)
      case "n": add(.literal("\n"))
      case "t": add(.literal("\t"))
      case "%": add(.literal("%"))
      default:
        let name = "%" + (modifier == "E" ? "E" : "") + String(conversion)
        let written = ["F": "%Y-%m-%d", "D": "%m/%d/%y", "T": "%H:%M:%S", "R": "%H:%M"][String(conversion)]
        guard depth < 3, let inner = written ?? formats[name],
          let format = DateFormat(strftime: inner, formats, depth: depth + 1)
        else { return nil }
        for part in format.parts { add(part.field, part.isAlternative) }
      }
    }
    if parts.isEmpty { return nil }
  }

  // MARK: CLDR

  /// A pattern of UTS #35, part 4: letters are fields, what stands between apostrophes is text. Numbers are written in
  /// the locale's digits.
  ///
  /// - Returns: `nil` where a field is not known.
  init?(pattern: String) {
    var rest = pattern[...]
    while let letter = rest.popFirst() {
      if letter == "'" {
        if rest.first == "'" {
          add(.literal("'"))
          rest = rest.dropFirst()
          continue
        }
        while let character = rest.popFirst(), character != "'" { add(.literal(String(character))) }
        continue
      }
      guard letter.isASCII, letter.isLetter else {
        add(.literal(String(letter)))
        continue
      }
      var count = 1
      while rest.first == letter {
        rest = rest.dropFirst()
        count += 1
      }
      let padding: Padding = count >= 2 ? .zero : .none
      switch (letter, count) {
      case ("y", 2): add(.shortYear, true)
      case ("y", _): add(.year, true)
      case ("M", 1...2), ("L", 1...2): add(.month(padding), true)
      case ("M", 3): add(.name("b"))
      case ("L", 3): add(.name("b'"))
      case ("M", 4): add(.name("B"))
      case ("L", 4): add(.name("B'"))
      case ("d", _): add(.day(padding), true)
      case ("E", 1...3): add(.name("a"))
      case ("c", 3): add(.name("a'"))
      case ("E", 4): add(.name("A"))
      case ("c", 4): add(.name("A'"))
      case ("H", _): add(.hour(padding), true)
      case ("h", _): add(.hourOfTwelve(padding), true)
      case ("m", _): add(.minute, true)
      case ("s", _): add(.second, true)
      case ("a", _): add(.half)
      case ("z", 4): add(.zoneName)
      case ("z", _): add(.shortZoneName)
      case ("O", 4): add(.longOffset)
      default: return nil
      }
    }
    if parts.isEmpty { return nil }
  }
}
