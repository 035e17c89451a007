import EnvprobeModel

/// A command line that can be shown, copied and pasted.
///
/// Arguments with characters that are hidden or that a terminal would act on are written in the `$'…'` quotes of bash,
/// byte for byte.
enum CommandLine {
  static func text(_ arguments: [String]) -> String { arguments.map(word).joined(separator: " ") }

  static func word(_ argument: String) -> String {
    guard argument.unicodeScalars.contains(where: { VisibleText.replacement(for: $0) != nil }) else {
      return ShellWord.quote(argument)
    }
    var result = "$'"
    for scalar in argument.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\\": result += "\\\\"
      case "'": result += "\\'"
      case _ where VisibleText.replacement(for: scalar) != nil:
        for byte in UTF8.encode(scalar)! { result += "\\x" + hex(byte) }
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "'"
  }

  private static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count < 2 ? "0" + digits : digits
  }
}
