import FoundationEssentials
import Glibc

/// Which envprobe makes runs, and on what: for those who have to say how a result came about.
public struct ToolIdentity: Hashable, Sendable, Codable {
  /// `envprobe 0.1.0`
  public var tool: String
  /// Of its binary, in hex.
  public var sha256: String
  /// `uname(2)`, without the name of the machine.
  public var kernel: String

  public init(tool: String, sha256: String) {
    self.tool = tool
    self.sha256 = sha256
    var names = utsname()
    kernel =
      uname(&names) == 0 ? "\(Self.text(&names.sysname)) \(Self.text(&names.release)) \(Self.text(&names.machine))" : ""
  }

  private static func text<Field>(_ field: inout Field) -> String {
    withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try! encoder.encode(self), as: UTF8.self) + "\n"  // texts encode
  }
}
