import EnvprobeModel
import FoundationEssentials

/// `report.json`, schema `envprobe.report/1`.
///
/// Keys are in alphabetical order, so that equal reports are equal byte for byte.
public enum JSONReport {
  public static func encode(_ report: Report) throws -> String { try StableJSON.encode(report) }

  public static func decode(_ text: String) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(text.utf8))
  }
}

/// A line of text that comes from outside, made fit for a terminal.
public enum VisibleLine {
  public static func text(_ text: String) -> String { VisibleText.escape(text) }
}

/// JSON with a stable order of keys, for people and for comparing.
enum StableJSON {
  static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
