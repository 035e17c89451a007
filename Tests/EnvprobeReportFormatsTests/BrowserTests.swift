import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeReport

/// The page in Debian's Chromium. Where that is missing, CI fails and elsewhere the test is skipped.
@Suite struct BrowserTests {
  /// The folder of the tools, `nil` where they could not be brought.
  static let tools: String? = {
    guard let result = try? Python.run("Browser/prepare", [], interpreter: "bash"), result.status == 0 else {
      return nil
    }
    return result.output.split(separator: "\n").last.map(String.init)
  }()
  static let isCI = ProcessInfo.processInfo.environment["CI"] == "true"

  @Test(.enabled(if: isCI || tools != nil, "needs chromium, chromedriver and the tools of Browser/prepare"))
  func isReadInABrowser() throws {
    let tools = try #require(Self.tools, "Browser/prepare failed")
    let pages = FileManager.default.temporaryDirectory.appending(path: "envprobe-pages-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: pages, withIntermediateDirectories: true)
    for sample in Samples.all + [("large", LargeSample.report, LargeSample.traces)] {
      try HTMLReport(sample.report, traces: sample.traces).text
        .write(to: pages.appending(path: "\(sample.name).html"), atomically: true, encoding: .utf8)
    }
    let result = try Python.run("Browser/check.py", [tools, pages.path])
    #expect(result.status == 0, "\(result.output)\nScreenshots are in \(pages.path)")
    if result.status == 0 { try FileManager.default.removeItem(at: pages) }
  }
}
