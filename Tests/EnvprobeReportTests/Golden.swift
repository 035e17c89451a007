import Foundation
import Testing

/// Texts that are compared with files under `Golden`. `scripts/update-golden` writes them anew and shows what changed.
enum Golden {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
  static let isUpdating = ProcessInfo.processInfo.environment["ENVPROBE_UPDATE_GOLDEN"] == "1"

  static func expect(_ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = folder.appending(path: name)
    if isUpdating {
      try #require(ProcessInfo.processInfo.environment["CI"] == nil, "CI never updates golden files")
      try text.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    let difference = zip(lines(text), lines(expected)).enumerated().first { $0.element.0 != $0.element.1 }
    #expect(
      text == expected,
      "\(name) differs\(difference.map { " in line \($0.offset + 1):\n\($0.element.0)\n\($0.element.1)" } ?? " in length")",
      sourceLocation: sourceLocation)
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }
}
