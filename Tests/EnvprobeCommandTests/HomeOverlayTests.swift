import Foundation
import Testing

/// `--home overlay`: the caller's own HOME, and nothing of it changed.
@Suite struct HomeOverlayTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    try folder.write("kept\n", to: "../home/config/settings")
    try folder.write("secret\n", to: "../home/.local/state/envprobe/runs/old")
  }

  private func shell(_ script: String, _ options: [String] = ["--home", "overlay"]) throws -> Call {
    try Call.envprobe(["run", "-q", "--out", "../r"] + options + ["--", "sh", "-c", script], in: folder)
  }

  @Test func theProgramHasItsConfiguration() throws {
    let call = try shell("cat ~/config/settings; echo $HOME; ls -A ~/.local/state")
    #expect(call.output == "kept\n\(folder.home)\n", "\(call.errors)")
    // The control: a fresh one has nothing.
    #expect(try shell("cat ~/config/settings", ["--home", "fresh", "--out", "../f"]).status != 0)
  }

  @Test func changesAreRecordedAndThrownAway() throws {
    let call = try shell("echo new > ~/config/settings; rm -r ~/.local; echo x > ~/made; cat ~/config/settings")
    #expect(call.output == "new\n", "\(call.errors)")
    #expect(try String(contentsOfFile: folder.home + "/config/settings", encoding: .utf8) == "kept\n")
    #expect(!FileManager.default.fileExists(atPath: folder.home + "/made"))
    #expect(FileManager.default.fileExists(atPath: folder.home + "/.local/state/envprobe/runs/old"))
    let shown = try Call.envprobe(["show", "../r", "--section", "files"], in: folder).output
    for path in ["config/settings", "made"] { #expect(shown.contains(path), "\(shown)") }
  }

  @Test func liveNeedsHosts() throws {
    let call = try Call.envprobe(["run", "--live", "--", "true"], in: folder)
    #expect(call.errors.hasPrefix("envprobe: --live needs the hosts that may be reached"), "\(call.errors)")
    #expect(call.status == 64)
  }
}
