import Foundation
import Testing

/// `envprobe baseline`, and what it does to exit statuses and reports.
@Suite struct BaselineTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    let options = ["--profiles", "us,jp,cn", "--repeat", "1", "--out", "m", "--quiet"]
    let call = try Call.envprobe(["matrix"] + options + ["--", "sh", "-c", "echo ${TZ%/*}"], in: folder)
    try #require(call.status == 1, "\(call.output)\(call.errors)")
  }

  @Test func acceptedFindingsDecideNothingAndAreListed() throws {
    let accepted = try Call.envprobe(
      ["baseline", "accept", "1", "--reason", "a known thing", "--author", "ann", "--matrix", "m"], in: folder)
    #expect(accepted.status == 0, "\(accepted.errors)")
    #expect(accepted.output.contains("in .envprobe/baseline.json, until 20"))
    let report = try Call.envprobe(["report", "m"], in: folder)
    #expect(report.status == 0)
    #expect(report.output.hasPrefix("SAME  no difference between places"))
    #expect(report.output.contains("accepted by ann until 20"))
    #expect(report.output.contains(": a known thing\n"))
    #expect(try Call.envprobe(["report", "m", "--no-baseline"], in: folder).status == 1)

    let listed = try Call.envprobe(["baseline"], in: folder)
    #expect(listed.output.contains("    accepted by ann on 20"))
    let fingerprint = String(listed.output.prefix(6))
    #expect(try Call.envprobe(["baseline", "remove", fingerprint], in: folder).status == 0)
    #expect(try Call.envprobe(["report", "m"], in: folder).status == 1)
    #expect(
      try Call.envprobe(["baseline", "list"], in: folder).output == "nothing is accepted in .envprobe/baseline.json\n")
  }

  @Test func entriesThatHaveExpiredAreReported() throws {
    let call = ["baseline", "accept", "1", "--reason", "r", "--expires", "never", "--matrix", "m", "--baseline", "b"]
    #expect(try Call.envprobe(call, in: folder).status == 0)
    #expect(try Call.envprobe(["report", "m", "--baseline", "b"], in: folder).status == 0)
    let text = try String(contentsOfFile: folder.path + "/b", encoding: .utf8)
    try folder.write(text.replacing("\"author\"", with: "\"expires\" : \"2020-01-31\",\n      \"author\""), to: "b")
    let expired = try Call.envprobe(["report", "m", "--baseline=b", "--format", "json"], in: folder)
    #expect(expired.status == 1)
    #expect(expired.errors.contains("has expired on 2020-01-31, and what it accepted counts again: "))
    #expect(expired.output.contains("\"cause\" : \"expired\""))
  }

  @Test func whatIsWrongIsTold() throws {
    for (arguments, problem) in [
      (["accept", "9", "--reason", "r", "--matrix", "m"], "there is no finding '9' in the report of m"),
      (["accept", "1", "--matrix", "m"], "missing expected argument '--reason <text>'"),
      (["accept", "1", "--reason", "r", "--expires", "soon"], "--expires takes a day such as 2027-01-31"),
      (["accept", "1", "--reason", "r", "--expires", "2020-01-01"], "--expires must not be in the past"),
      (["accept", "1", "--reason", "r"], "there is no matrix yet"),
      (["remove", "00"], "cannot read .envprobe/baseline.json"),
    ] {
      let call = try Call.envprobe(["baseline"] + arguments, in: folder)
      #expect(call.errors.hasPrefix("envprobe: \(problem)"), "\(call.errors)")
      #expect(call.status == 64)
    }
    #expect(try Call.envprobe(["report", "m", "--baseline", "none"], in: folder).status == 64)
  }

  @Test func theProgramDoesNotSeeIt() throws {
    try folder.write("{\"schema\": \"envprobe.baseline/1\", \"entries\": []}", to: ".envprobe/baseline.json")
    #expect(try Call.envprobe(["run", "-q", "--", "ls", "-A"], in: folder).output == "m\n")
  }
}
