import ArgumentParser
import FoundationEssentials
import Glibc
import Synchronization

enum LogFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// What envprobe itself says on standard error: errors, remarks and progress; never the program under audit.
///
/// As text it is for people. As JSON it is an object a line, for a CI job or a log collector: `time` (RFC 3339), `level`
/// (`error` or `info`), `message`, and what else belongs to it.
enum Log {
  /// Set once, before anything is said.
  private static let format = Mutex(LogFormat.text)
  static var isJSON: Bool { format.withLock { $0 == .json } }
  static func use(_ new: LogFormat) { format.withLock { $0 = new } }

  /// What else a line tells, in the order of the keys.
  enum Value: Encodable {
    case text(String), number(Int), list([String])

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let value): try container.encode(value)
      case .number(let value): try container.encode(value)
      case .list(let value): try container.encode(value)
      }
    }
  }

  /// An error or a remark as people are told it: lines after `hint: ` say what to do.
  static func say(_ text: String, level: String = "info") {
    guard isJSON else { return Terminal.write(text.hasSuffix("\n") ? text : text + "\n", to: 2) }
    var message: [Substring] = []
    var hints: [Substring] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("hint: ") {
        hints.append(line.dropFirst(6))
      } else {
        message.append(line.hasPrefix("envprobe: ") ? line.dropFirst(10) : line)
      }
    }
    var fields: [String: Value] = ["message": .text(message.joined(separator: "\n"))]
    if !hints.isEmpty { fields["hint"] = .text(hints.joined(separator: "\n")) }
    write(fields, level: level)
  }

  /// Something that happened, with a name for scripts. Only as JSON: for people the text says it.
  static func event(_ name: String, _ fields: [String: Value]) {
    if isJSON { write(fields.merging(["event": .text(name)]) { $1 }, level: "info") }
  }

  private static func write(_ fields: [String: Value], level: String) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var fields = fields
    fields["level"] = .text(level)
    fields["time"] = .text(Date().ISO8601Format(.init(includingFractionalSeconds: true)))
    guard let line = try? encoder.encode(fields) else { return }  // texts and numbers encode
    Terminal.write(String(decoding: line, as: UTF8.self) + "\n", to: 2)
  }
}
