import Crypto
import EnvprobeModel

/// By what a finding is known again in another report of the same program, though other things have changed.
///
/// It depends on the channel and the location without the positions in lists, on the kind and the causes, and on what
/// differs where that is of a named kind (an apostrophe, an invisible character): another marker in the same place is
/// another finding. It does not depend on other findings, on the profiles that were compared, on how many further places
/// show it, on runs, or on the text around it.
public enum FindingFingerprint {
  /// Sixteen hex digits of SHA-256.
  public static func of(_ finding: Finding) -> String {
    let causes = finding.causes.map { $0.map(\.name).sorted().joined(separator: "+") }.sorted()
    var lines = [
      "envprobe.finding/1", finding.channel.rawValue, location(finding.location), finding.kind.rawValue,
      causes.joined(separator: "|"),
    ]
    var differences: Set<String> = []
    for difference in finding.differences where difference.kind != "text" {
      // Which side is which depends on the profile that is compared with.
      differences.insert(
        ([difference.kind] + [difference.before, difference.after].sorted(by: byScalars)).joined(separator: "\0"))
    }
    lines += differences.sorted(by: byScalars)
    return Hexadecimal.encode(SHA256.hash(data: Array(lines.joined(separator: "\n").utf8)).prefix(8))
  }

  /// `body.messages[3].text` is where `body.messages[4].text` was before somebody said one thing more.
  static func location(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "[") {
      let digits = rest[rest.index(after: open)...].prefix { ("0"..."9").contains($0) }
      result += rest[...open]
      rest =
        digits.endIndex < rest.endIndex && rest[digits.endIndex] == "]" && !digits.isEmpty
        ? rest[digits.endIndex...] : rest[rest.index(after: open)...]
    }
    return result + rest
  }

  /// By bytes: the order of strings is that of canonical equivalence.
  private static func byScalars(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}
