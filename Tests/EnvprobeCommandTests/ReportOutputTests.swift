import Foundation
import Testing

/// `--format`: one form to be printed, others to files.
@Suite struct ReportOutputTests {
  /// A folder with the matrix `m` of a program that tells its zone.
  private func folderWithMatrix() throws -> Folder {
    let folder = try Folder()
    let options = ["--profiles", "us,jp,cn", "--repeat", "1", "--out", "m", "--format", "text,json=reports/one.json"]
    let call = try Call.envprobe(["matrix"] + options + ["--", "sh", "-c", "echo ${TZ%/*}"], in: folder)
    try #require([0, 1].contains(call.status), "\(call.output)\(call.errors)")
    return folder
  }

  private func text(_ name: String, in folder: Folder) -> String {
    String(decoding: FileManager.default.contents(atPath: "\(folder.path)/\(name)") ?? Data(), as: UTF8.self)
  }

  @Test func aMatrixGivesSeveral() throws {
    let folder = try folderWithMatrix()
    #expect(text("reports/one.json", in: folder) == text("m/report.json", in: folder))
    #expect(text("reports/one.json", in: folder).contains("envprobe.report/1"))
  }

  @Test func oneIsPrintedAndTheOthersAreWritten() throws {
    let folder = try folderWithMatrix()
    let names = ["json=r.json", "html=r.html", "junit=r.xml", "markdown=r.md"]
    let formats = ["--format", "text,sarif=r.sarif"] + names.flatMap { ["--format", $0] }
    let call = try Call.envprobe(["report", "m"] + formats, in: folder)
    #expect(call.output == (try Call.envprobe(["report", "m"], in: folder).output))
    #expect(call.errors.split(separator: "\n").count == 5)
    #expect(call.errors.contains("envprobe: wrote r.sarif (sarif)\n"))
    let quiet = try Call.envprobe(["report", "m", "--quiet", "--format", "sarif=quiet.sarif"], in: folder)
    #expect(quiet.output.isEmpty && quiet.errors.isEmpty)
    #expect(text("quiet.sarif", in: folder) == text("r.sarif", in: folder))
    // What is written to a file is what would be printed.
    for format in ["sarif", "json", "html", "junit", "markdown"] {
      let printed = try Call.envprobe(["report", "m", "--format", format], in: folder)
      let file = ["junit": "r.xml", "markdown": "r.md"][format] ?? "r.\(format)"
      #expect(printed.output == text(file, in: folder), "\(format)")
      #expect(printed.output.count > 100)
    }
  }

  @Test func whatIsNoFileIsWrittenInto() throws {
    let folder = try folderWithMatrix()
    let command = "\"$0\" report m --format json=/dev/stdout | head -c 2"
    let call = try Call.run(["/bin/sh", "-c", command, Call.binary], in: folder)
    #expect(call.output == "{\n")
  }

  static let mistakes: [(format: String, problem: String)] = [
    ("text,json", "only one format can be printed, not text and json: give the others files, such as json=report.json"),
    ("text=a,json=a", "two formats cannot be written to one file: a"),
    ("sarif=m", "cannot write m: it is a folder"), ("sarif=m/report.json/x", "cannot make the folder m/report.json"),
    ("jsn", "the value 'jsn' is invalid"), ("text=", "the value 'text=' is invalid"),
  ]

  @Test(arguments: mistakes.indices) func mistakesAreToldBeforeAnythingRuns(index: Int) throws {
    let (format, problem) = Self.mistakes[index]
    let folder = try Folder()
    try folder.write("{}", to: "m/report.json")
    let call = try Call.envprobe(["report", "m", "--format", format], in: folder)
    #expect(call.errors.hasPrefix("envprobe: \(problem)"), "\(call.errors)")
    #expect(call.status == 64)
    #expect(call.output.isEmpty)
  }
}
