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
    let pairs = zip(text.split(separator: "\n"), expected.split(separator: "\n"))
    let different = pairs.first { $0.0 != $0.1 }.map { "\n\($0.0.prefix(300))\n\($0.1.prefix(300))" } ?? " in length"
    // Without the texts themselves, which would be printed whole.
    let isSame = text == expected
    #expect(isSame, "\(name) differs:\(different)", sourceLocation: sourceLocation)
  }
}
