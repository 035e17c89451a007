import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeReport

@Suite struct SARIFReportTests {
  private func log(_ report: Report) throws -> [String: Any] {
    let text = SARIFReport(report).text
    let log = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    return try #require((log["runs"] as? [[String: Any]])?.first)
  }

  /// `Schemas/sarif-subset.schema.json` has what reports use of SARIF 2.1.0, written after the standard's text, and
  /// forbids everything else.
  @Test func keepsToTheSchema() throws {
    for sample in Samples.all + [("large", LargeSample.report, [])] {
      let result = try Python.run(
        "Schemas/validate.py", ["sarif-subset.schema.json"], input: SARIFReport(sample.report).text)
      #expect(result.status == 0, "\(sample.name): \(result.output)")
    }
    // The check notices what is wrong.
    let broken = SARIFReport(Samples.agent).text.replacing("\"version\" : \"2.1.0\"", with: "\"version\" : \"2\"")
    #expect(try Python.run("Schemas/validate.py", ["sarif-subset.schema.json"], input: broken).status != 0)
  }

  @Test func givesLevelsByClass() throws {
    let results = try #require(log(Samples.agent)["results"] as? [[String: Any]])
    #expect(results.map { $0["level"] as? String } == ["error", "error", "note"])
    #expect(results.map { $0["ruleId"] as? String } == ["http/changed", "http/changed", "http/disappears"])
    let open = try #require(log(Samples.undecided)["results"] as? [[String: Any]])
    #expect(open.map { $0["level"] as? String } == ["warning", "none"])
    #expect(open.map { $0["kind"] as? String } == ["fail", "review"])
  }

  @Test func keepsFingerprintsWhateverElseChanges() throws {
    var later = Samples.agent
    later.runs.removeLast()
    later.findings.reverse()
    func prints(_ report: Report) throws -> Set<[String: String]> {
      Set(
        try #require(log(report)["results"] as? [[String: Any]]).map { $0["partialFingerprints"] as! [String: String] })
    }
    #expect(try prints(Samples.agent) == prints(later))
    let details = try #require(log(Samples.agent)["automationDetails"] as? [String: String])
    #expect(details == ["id": "envprobe/claude/"])
  }

  @Test func suppressesWhatABaselineAccepts() throws {
    let results = try #require(
      log(Samples.accepted)["results"] as? [[String: Any]])
    let suppressed = results.map { ($0["suppressions"] as? [[String: String]])?.first?["justification"] }
    #expect(suppressed == [nil, nil, "accepted by ann until 2027-01-31: known since March"])
  }

  @Test func keepsWithinTheLimitsOfCodeScanning() throws {
    var report = Samples.agent
    report.findings = (0..<6000).map { number in
      var finding = Samples.apostrophe
      finding.id = "f\(number)"
      return finding
    }
    let run = try log(report)
    #expect((run["results"] as? [Any])?.count == SARIFReport.resultLimit)
    #expect((run["properties"] as? [String: Any])?["omittedResults"] as? Int == 1000)
    #expect(SARIFReport(report).text.utf8.count <= SARIFReport.sizeLimit)
    let many = try #require(log(Samples.agent)["results"] as? [[String: Any]])
    #expect(many.map { ($0["locations"] as? [Any])?.count } == [1, 1, 100])
  }
}
