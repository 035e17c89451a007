import Foundation
import Testing

@Suite struct ManualPageTests {
  private func pages(in folder: Folder) throws -> [String] {
    #expect(try Call.envprobe(["reference", "--man", folder.path], in: folder).status == 0)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func everyCommandHasOne() throws {
    let folder = try Folder()
    let expected = shownCommands.map { (["envprobe"] + $0).joined(separator: "-") + ".1" }
    #expect(try pages(in: folder) == expected.sorted())
  }

  @Test(.enabled(if: requires("man"), "needs man-db")) func manHasNothingToWarnOf() throws {
    let folder = try Folder()
    for page in try pages(in: folder) {
      let call = try Call.run(
        [Call.tool("man")!, "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page], in: folder,
        environment: ["MANROFFSEQ": "", "MANWIDTH": "80"])
      #expect(call.errors == "", "\(page)")
      #expect(call.status == 0, "\(page)")
    }
  }

  @Test(.enabled(if: requires("mandoc"), "needs mandoc")) func mandocHasNothingToWarnOf() throws {
    let folder = try Folder()
    let pages = try pages(in: folder)
    let call = try Call.run([Call.tool("mandoc")!, "-Tlint", "-Wwarning"] + pages, in: folder)
    #expect(call.output + call.errors == "")
    #expect(call.status == 0)
  }

  @Test(.enabled(if: requires("mandoc"), "needs mandoc")) func sayWhatTheHelpSays() throws {
    let folder = try Folder()
    _ = try pages(in: folder)
    let call = try Call.run([Call.tool("mandoc")!, "-Tascii", "-O", "width=200", "envprobe-matrix.1"], in: folder)
    let text = call.output.replacing(/.\u{8}/, with: "")
    #expect(text.contains("--repeat n"))
    #expect(text.contains("How often each assignment runs at first (default: 2; 1 in a sweep)."))
    #expect(text.contains("envprobe matrix --profiles us,cn-gateway,sg-gateway --repeat 3 --jobs 4 -- ./agent"))
  }
}
