import Foundation
import Testing

/// `envprobe.yaml`: flags win over it, and it wins over the defaults; what is wrong in it is told with its place.
@Suite struct ConfigurationTests {
  struct Listing: Decodable {
    struct Option: Decodable, Equatable {
      var key: String
      var value: String?
      var source: String
    }
    var file: String?
    var options: [Option]

    subscript(key: String) -> Option? { options.first { $0.key == key } }
  }

  private func listing(_ call: [String] = [], in folder: Folder, from work: String? = nil) throws -> Listing {
    let command = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", work ?? folder.path, Call.binary, "config", "--json"]
    let result = try Call.run(command + call, in: folder)
    try #require(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode(Listing.self, from: Data(result.output.utf8))
  }

  @Test func withoutAFileEverythingIsADefault() throws {
    let listing = try listing(in: Folder())
    #expect(listing.file == nil)
    #expect(listing.options.allSatisfy { $0.source == "default" })
    #expect(listing["repeat"]?.value == "2")
    #expect(listing["command"]?.value == nil)
  }

  @Test func theFileWinsOverDefaultsAndFlagsOverTheFile() throws {
    let folder = try Folder()
    try folder.write("command: [claude, -p, say hi]\nrepeat: 5\nprofiles: [us, cn]\nprofile: jp\n", to: "envprobe.yaml")
    let fromFile = try listing(in: folder)
    #expect(fromFile.file == "envprobe.yaml")
    #expect(fromFile["command"] == .init(key: "command", value: "claude -p 'say hi'", source: "envprobe.yaml:1"))
    #expect(fromFile["repeat"] == .init(key: "repeat", value: "5", source: "envprobe.yaml:2"))
    #expect(fromFile["profiles"] == .init(key: "profiles", value: "us,cn", source: "envprobe.yaml:3"))
    #expect(fromFile["profile"] == .init(key: "profile", value: "jp", source: "envprobe.yaml:4"))
    #expect(fromFile["timeout"] == .init(key: "timeout", value: "120", source: "default"))

    let withFlags = try listing(["matrix", "--repeat", "3", "--profiles=de", "--", "./agent"], in: folder)
    #expect(withFlags["repeat"] == .init(key: "repeat", value: "3", source: "--repeat"))
    #expect(withFlags["profiles"] == .init(key: "profiles", value: "de", source: "--profiles"))
    #expect(withFlags["command"] == .init(key: "command", value: "./agent", source: "--"))
    #expect(withFlags["profile"]?.source == "envprobe.yaml:4")
    #expect(try listing(["matrix", "--no-config"], in: folder)["repeat"]?.source == "default")
  }

  @Test func aCommandOfTheFileIsRun() throws {
    let folder = try Folder()
    try folder.write("command: [sh, -c, 'echo from the file: $TZ']\nprofile: jp\n", to: "envprobe.yaml")
    let call = try Call.envprobe(["run", "--quiet"], in: folder)
    #expect(call.output == "from the file: Asia/Tokyo\n")
    let typed = try Call.envprobe(["run", "--quiet", "--profile", "de", "--", "sh", "-c", "echo $TZ"], in: folder)
    #expect(typed.output == "Europe/Berlin\n")
  }

  @Test func aFileAboveIsFoundAndItsPathsAreItsOwn() throws {
    let folder = try Folder()
    try folder.write("scenario: s.yaml\nprofiles: [us, ./own.yaml]\n", to: "envprobe.yaml")
    try folder.write("", to: "below/deeper/file")
    let listing = try listing(in: folder, from: folder.path + "/below/deeper")
    #expect(listing.file == folder.path + "/envprobe.yaml")
    #expect(listing["scenario"]?.value == folder.path + "/s.yaml")
    #expect(listing["profiles"]?.value == "us,\(folder.path)/./own.yaml")
  }

  @Test func reportsOfTheFileStayInItsFolder() throws {
    let folder = try Folder()
    try folder.write("", to: "reports/deeper/file")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/out", withDestinationPath: folder.home)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/report.txt", withDestinationPath: folder.home + "/.profile")
    try folder.write("format: [text, 'html=reports/new/report.html', 'sarif=reports/a,b.sarif']\n", to: "envprobe.yaml")
    #expect(
      try listing(in: folder, from: folder.path + "/reports/deeper")["format"]?.value
        == "text,html=\(folder.path)/reports/new/report.html,sarif=\(folder.path)/reports/a,b.sarif")
    #expect(
      try listing(["matrix", "--format", "json", "--format=html=x"], in: folder)["format"]?.value == "json,html=x")
    for file in ["/tmp/report.html", "out/report.html", "report.txt"] {
      try folder.write("format: [text, html=\(file)]\n", to: "envprobe.yaml")
      let call = try Call.envprobe(["config"], in: folder)
      #expect(
        call.errors
          == "envprobe: envprobe.yaml:1:9: '\(file)' is not below the folder of this file; a flag can name any file\n")
    }
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to give a file away")) func aStrangersFileAboveIsNotUsed() throws {
    let folder = try Folder()
    try folder.write("repeat: 9\n", to: "envprobe.yaml")
    try folder.write("", to: "below/file")
    // The control: it is used as long as it is ours.
    #expect(try listing(in: folder, from: folder.path + "/below")["repeat"]?.value == "9")
    #expect(chown(folder.path + "/envprobe.yaml", 4242, 4242) == 0)
    #expect(try listing(in: folder, from: folder.path + "/below")["repeat"]?.value == "2")
  }

  static let mistakes: [(text: String, problem: String)] = [
    ("repeat: 2\nrepaet: 3\n", "envprobe.yaml:2:1: unknown key 'repaet' (did you mean 'repeat'?)"),
    ("repeat: none\n", "envprobe.yaml:1:9: 'repeat' is a whole number, 1 or more, not 'none'"),
    (
      "format: jsn\n",
      "envprobe.yaml:1:9: 'format' is one of text, json, html, sarif, junit, markdown (did you mean 'json'?), "
        + "or 'format=file', not 'jsn'"
    ),
    (
      "format: [text, html=../report.html]\n",
      "envprobe.yaml:1:9: '../report.html' is not below the folder of this file; a flag can name any file"
    ),
    ("profiles: [us, cnn]\n", "envprobe.yaml:1:11: unknown profile 'cnn' (did you mean 'cn'?)"),
    ("profile: [us, cn]\n", "envprobe.yaml:1:10: 'profile' is a text, not a list"),
    (
      "command: claude -p 'say hi'\n",
      "envprobe.yaml:1:10: 'command' with quotes or special characters is a list: [claude, -p, say hi]"
    ),
    ("command: {a: b}\n", "envprobe.yaml:1:10: 'command' is a text or a list of texts, not a map"),
    ("schema: envprobe.config/9\n", "envprobe.yaml:1:9: unknown schema; this envprobe reads envprobe.config/1"),
    ("- a\n", "envprobe.yaml:1:1: expected a map of keys, not a list"),
    ("color: ''\n", "envprobe.yaml:1:8: 'color' is empty"),
    ("repeat: 1\nrepeat: 2\n", "envprobe.yaml:1:1: the key 'repeat' is there twice; keep one"),
    (
      "keep-changes: true\n",
      "envprobe.yaml:1:1: unknown key 'keep-changes' (known: command, profiles, "
    ),
  ]

  @Test(arguments: mistakes.indices) func whatIsWrongIsToldWithItsPlace(index: Int) throws {
    let (text, problem) = Self.mistakes[index]
    let folder = try Folder()
    try folder.write(text, to: "envprobe.yaml")
    for arguments in [["run", "--", "true"], ["config"]] {
      let call = try Call.envprobe(arguments, in: folder)
      #expect(call.errors == "envprobe: \(problem)\n" || problem.hasSuffix(", ") && call.errors.contains(problem))
      #expect(call.status == 64)
    }
    // Help and completions work beside a broken file.
    #expect(try Call.envprobe(["run", "--help"], in: folder).status == 0)
  }

  @Test func initWritesAFileThatIsReadBack() throws {
    let folder = try Folder()
    let words = ["./agent", "-p", "say \"hi\" # twice\\", "", "true"]
    let written = try Call.envprobe(["init", "--"] + words, in: folder)
    #expect(written.output == "wrote envprobe.yaml\nnext: envprobe matrix, or envprobe run\n")
    #expect(try listing(in: folder)["command"]?.value == #"./agent -p 'say "hi" # twice\' '' true"#)

    let again = try Call.envprobe(["init"], in: folder)
    #expect(
      again.errors == """
        envprobe: envprobe.yaml is there already
        hint: change it, or replace it with: envprobe init --force

        """)
    #expect(again.status == 64)
    #expect(try Call.envprobe(["init", "--force"], in: folder).status == 0)
    #expect(try listing(in: folder)["command"]?.value == nil)

    // Every line that is commented out is right once it is not.
    let file = folder.path + "/envprobe.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let keys = text.split(separator: "\n").filter { $0.firstMatch(of: /^# [a-z-]+: \S/) != nil }
    #expect(keys.count == (try listing(in: folder)).options.count)
    try folder.write(keys.map { $0.dropFirst(2) + "\n" }.joined(), to: "envprobe.yaml")
    #expect(try listing(in: folder).options.allSatisfy { $0.source.hasPrefix("envprobe.yaml:") })
  }
}
