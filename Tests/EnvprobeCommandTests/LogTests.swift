import Foundation
import Testing

/// `--log-format json`: an object a line on standard error, whatever happens.
@Suite struct LogTests {
  private func lines(_ call: Call) throws -> [[String: Any]] {
    try call.errors.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test(arguments: [
    ["run", "--log-format", "json", "--profile", "uss", "--", "true"],
    ["run", "--log-format=json", "--nonsense", "--", "true"],
    ["matrix", "--log-format", "json"],
  ])
  func anErrorIsAnObject(arguments: [String]) throws {
    let call = try Call.envprobe(arguments, in: Folder())
    let line = try #require(try lines(call).only)
    #expect(line["level"] as? String == "error")
    #expect((line["message"] as? String)?.hasPrefix("envprobe") == false)
    #expect((line["time"] as? String)?.firstMatch(of: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/) != nil)
    #expect(call.status == 64)
  }

  @Test func aRunTellsWhereItsRecordIs() throws {
    let folder = try Folder()
    let call = try Call.envprobe(
      ["run", "--log-format", "json", "--out", "record", "--", "sh", "-c", "exit 3"], in: folder)
    let line = try #require(try lines(call).only)
    #expect(line["event"] as? String == "recorded")
    #expect(line["folder"] as? String == folder.path + "/record")
    #expect(line["status"] as? Int == 3)
    #expect(call.status == 3)
  }

  @Test func aMatrixTellsItsProgress() throws {
    let folder = try Folder()
    let call = try Call.envprobe(
      ["matrix", "--log-format", "json", "--profiles", "us,jp", "--out", "audit", "--", "true"], in: folder)
    let progress = try lines(call).filter { $0["event"] as? String == "progress" }
    #expect(progress.contains { $0["done"] as? Int == 4 && $0["total"] as? Int == 4 && $0["failed"] as? Int == 0 })
    #expect(call.status == 0)
  }

  @Test func theFileCanAskForIt() throws {
    let folder = try Folder()
    try folder.write("log-format: json\n", to: "envprobe.yaml")
    let call = try Call.envprobe(["run", "--profile", "uss", "--", "true"], in: folder)
    #expect(try lines(call).only?["level"] as? String == "error")
  }
}

extension Array {
  fileprivate var only: Element? { count == 1 ? self[0] : nil }
}
