/// What Unicode says of characters beyond what the standard library does: read from ``UnicodeTable`` where it is first
/// asked for.
enum UnicodeData {
  /// The compatible form (NFKC) of a character, which is mostly itself.
  static func compatibleForm(of scalar: Unicode.Scalar) -> String {
    scalar.value < 0x80 ? String(scalar) : forms[scalar.value] ?? String(scalar)
  }

  /// What a character is mistaken for: its prototype of UTS #39, which is mostly itself.
  static func lookAlike(of scalar: Unicode.Scalar) -> String { prototypes[scalar.value] ?? String(scalar) }

  /// The short name of a character's script, as ISO 15924 has it: `Latn`; `Zyyy` for what many scripts share.
  static func script(of scalar: Unicode.Scalar) -> String {
    var low = 0
    var high = scripts.count
    while low < high {
      let middle = (low + high) / 2
      if scripts[middle].end < scalar.value { low = middle + 1 } else { high = middle }
    }
    return low < scripts.count && scripts[low].start <= scalar.value ? scripts[low].name : "Zzzz"
  }

  /// Scripts that are usual together, each set written as one.
  private static let families: [String: String] = [
    "Hira": "Jpan", "Kana": "Jpan", "Hang": "Kore", "Bopo": "Hant", "Hani": "Hani",
  ]

  /// Whether a word of a text has letters of several scripts, as no language does. Han stands beside Japanese, Korean and
  /// Bopomofo.
  static func mixesScripts(_ text: String) -> Bool {
    text.split { !$0.isLetter && !$0.isNumber }.contains { word in
      var found = Set(
        word.unicodeScalars.filter(\.properties.isAlphabetic).map { script(of: $0) }.map { families[$0] ?? $0 })
      found.subtract(["Zyyy", "Zinh"])
      if found.contains("Hani"), !found.isDisjoint(with: ["Jpan", "Kore", "Hant"]) { found.remove("Hani") }
      return found.count > 1
    }
  }

  // MARK: Tables

  private static let forms = mappings(UnicodeTable.compatibleForms)
  private static let prototypes = mappings(UnicodeTable.lookAlikes)

  private static let scripts: [(start: UInt32, end: UInt32, name: String)] = entries(UnicodeTable.scripts).map {
    entry in
    let sides = entry.split(separator: "=")
    let bounds = sides[0].split(separator: "-").map { UInt32($0, radix: 16)! }
    return (bounds[0], bounds.last!, String(sides[1]))
  }

  /// `22=27 27`: hexadecimal code points.
  private static func mappings(_ table: StaticString) -> [UInt32: String] {
    let pairs = entries(table).map { entry -> (UInt32, String) in
      let sides = entry.split(separator: "=", omittingEmptySubsequences: false)
      var text = String.UnicodeScalarView()
      for point in sides[1].split(separator: " ") { text.append(Unicode.Scalar(UInt32(point, radix: 16)!)!) }
      return (UInt32(sides[0], radix: 16)!, String(text))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  private static func entries(_ table: StaticString) -> [Substring] {
    table.description.split { $0 == ";" || $0 == "\n" }
  }
}
